/**
 * The session's socket: requests with acknowledgements, and its events in order.
 *
 * @typedef {import("./protocol.d.ts").Requests} Requests
 * @typedef {import("./protocol.d.ts").Events} Events
 */
import { io } from "../packages.js";
import { RequestFailure } from "./failure.js";
import { track } from "./pending.js";

const NAMESPACE = "/opscope/v1";
export const PROTOCOL_VERSION = 1;

export class Connection {
  #socket;
  /** The session whose events are taken. @type {string | null} */
  session = null;
  /** Number of the last event of that session that was seen. */
  seq = 0;

  /**
   * @param {object} handlers
   * @param {(keyof Events)[]} handlers.events names of the events to listen to
   * @param {<E extends keyof Events>(name: E, event: Events[E]) => void} handlers.onEvent
   * @param {() => void} handlers.onConnect each time the connection stands
   * @param {(refused: boolean) => void} handlers.onDisconnect `refused`: the server does not want us
   */
  constructor({ events, onEvent, onConnect, onDisconnect }) {
    this.#socket = io(NAMESPACE, {
      transports: ["websocket"], reconnectionDelay: 300, reconnectionDelayMax: 3000,
    });
    this.#socket.on("connect", onConnect);
    this.#socket.on("disconnect", () => onDisconnect(false));
    this.#socket.on("connect_error", () => onDisconnect(!this.#socket.active));
    for (const name of events) {
      this.#socket.on(name, (/** @type {Events[typeof name]} */ event) => {
        if (event.session !== this.session || event.seq <= this.seq) return;
        this.seq = event.seq;
        onEvent(name, event);
      });
    }
  }

  /**
   * Send a request; requests are answered in the order in which they were sent.
   * @template {keyof Requests} R
   * @param {R} name
   * @param {Requests[R]["body"]} body
   * @returns {Promise<Requests[R]["response"]>}
   * @throws {RequestFailure} what the server answered, or that the connection is down
   */
  request(name, body) {
    return track(
      new Promise((resolve, reject) => {
        if (!this.#socket.connected) {
          reject(lost(name));
          return;
        }
        const gone = () => reject(lost(name));
        this.#socket.once("disconnect", gone);
        this.#socket.emit(name, body, (/** @type {any} */ answer) => {
          this.#socket.off("disconnect", gone);
          if (answer.ok) resolve(answer);
          else reject(new RequestFailure(answer.error));
        });
      }),
    );
  }
}

/** @param {string} name */
function lost(name) {
  return new RequestFailure({
    code: "ConnectionLost",
    message: `The connection to the server is down; ${name} was not answered.`,
    op: null,
    detail: null,
  });
}
