/**
 * Puts the page together: state, connection, panels.
 */
import { App } from "./app.js";
import { inFlight, settled } from "./connection/pending.js";
import { getOperation } from "./connection/http.js";
import { Connection, PROTOCOL_VERSION } from "./connection/socket.js";
import { GraphModel } from "./graph/model.js";
import { listenToKeys } from "./keys.js";
import { render } from "./packages.js";
import { createActions } from "./state/actions.js";
import { EVENT_NAMES, applyEvent } from "./state/apply-event.js";
import { gather } from "./state/gather.js";
import { watchSelection } from "./state/inspect.js";
import { createSessions } from "./state/sessions.js";
import { createStore } from "./state/store.js";
import { drawn } from "./ui/frame.js";
import { html } from "./ui/html.js";
import { applyTheme } from "./ui/theme.js";

const store = createStore();
let started = false;

const connection = new Connection({
  events: EVENT_NAMES,
  onEvent: gather(
    () => store.run.get()?.state === "running",
    (name, event) => applyEvent(store, name, event),
  ),
  onConnect: () => void connected(),
  onDisconnect: (refused) => store.connection.set(refused ? "refused" : "lost"),
});
const actions = createActions(store, connection);
const sessions = createSessions({
  store,
  connection,
  report: actions.report,
  buildModel: (graph) => new GraphModel(graph),
});

/** Each time the connection stands: first what we speak, then where we were. */
async function connected() {
  try {
    await connection.request("initialize", { protocol: PROTOCOL_VERSION, bundles: true });
  } catch (error) {
    store.connection.set("refused");
    actions.report(error);
    return;
  }
  store.connection.set("connected");
  if (!(await sessions.rejoin()) && !started) sessions.route();
  started = true;
}

applyTheme(store.theme);
store.session.watch((session) => {
  document.title = session === null ? "Opscope" : `${session.name} – Opscope`;
});
store.run.watch(() => void sessions.loadSteps());
watchSelection(store, connection, getOperation);
listenToKeys(store, actions);
window.addEventListener("hashchange", () => started && sessions.route());

const root = document.getElementById("app");
if (root === null) throw new Error("index.html has no element `app`");
render(html`<${App} store=${store} actions=${actions} sessions=${sessions} />`, root);

/** Resolves when no request is under way and everything that arrived is drawn. */
async function idle() {
  do {
    await settled();
    await drawn();
  } while (inFlight() > 0);
}

Object.assign(window, { opscope: { idle, state: store } });
