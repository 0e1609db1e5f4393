/**
 * What a click or a key does: requests, and changes of what is only the page's own.
 *
 * @typedef {import("./store.js").Store} Store
 * @typedef {import("../connection/socket.js").Connection} Connection
 * @typedef {ReturnType<typeof createActions>} Actions
 */
import { errorBody } from "../connection/failure.js";
import { createOutcomeActions } from "./outcome-actions.js";
import { addLine, scheduleText } from "./store.js";

/**
 * @param {Store} store
 * @param {Connection} connection
 */
export function createActions(store, connection) {
  /** @param {unknown} error */
  const report = (error) => {
    const body = errorBody(error);
    store.notice.set(body.message);
    const session = store.session.get();
    // That the worker died is told once, by its event; requests that it leaves unanswered fail too.
    if (session !== null && (session.alive || body.code !== "WorkerDied")) {
      addLine(store, { kind: "error", text: body.message, error: body });
    }
  };

  /**
   * Send a request that answers with nothing more than events.
   * @template {keyof import("../connection/protocol.d.ts").Requests} R
   * @param {R} name
   * @param {import("../connection/protocol.d.ts").Requests[R]["body"]} body
   */
  const send = (name, body) => {
    connection.request(name, body).then(() => store.notice.set(null), report);
  };

  const travel = latestOnly((/** @type {number} */ step) => connection.request("goto", { step }));

  return {
    ...createOutcomeActions(store, connection, report),
    report,

    dismissNotice: () => store.notice.set(null),

    /**
     * Begin a run, which stops before its first step.
     * @param {{ fetches: string[], targets: string[], feeds: Record<string, string> }} what
     * @returns {Promise<void>} fails with what the server says against it
     */
    async launch({ fetches, targets, feeds }) {
      const schedule = scheduleText(store.schedule.get());
      await connection.request("launch", {
        fetches, targets, feeds, schedule, stopOnEntry: true,
      });
      store.notice.set(null);
    },

    /**
     * Run an initialiser to its end.
     * @param {string} target
     * @returns {Promise<void>}
     */
    async runInitializer(target) {
      await connection.request("launch", { targets: [target], stopOnEntry: false, speed: null });
      store.notice.set(null);
    },

    /**
     * What a run would need; runs nothing.
     * @param {string[]} fetches
     * @param {string[]} targets
     * @param {string[]} feeds tensors that will be fed besides the placeholders
     */
    plan: (fetches, targets, feeds) => connection.request("plan", { fetches, targets, feeds }),

    openRunDialog: () => store.runDialog.set(true),
    closeRunDialog: () => store.runDialog.set(false),

    resume() {
      if (canAdvance(store)) send("continue", { speed: store.speed.get() });
    },
    pause: () => send("pause", {}),
    /** Continue or pause, whichever is possible; without a run, ask what to run. */
    resumeOrPause() {
      const run = store.run.get();
      if (run === null) store.runDialog.set(store.session.get() !== null);
      else if (run.state === "running") this.pause();
      else this.resume();
    },
    /** One step on; without a run, ask what to run. */
    next() {
      if (store.run.get() === null) store.runDialog.set(store.session.get() !== null);
      else if (canAdvance(store)) advance(store, connection, {}, report);
    },
    /**
     * Execute a ready op.
     * @param {number} op
     */
    fire(op) {
      const instance = store.ready.get().find(op);
      if (instance === null) return;
      const { frame, iteration } = instance;
      advance(store, connection, { op, frame, iteration }, report);
    },
    stepBack() {
      const run = store.run.get();
      if (run !== null && run.state !== "running") send("stepBack", {});
    },
    /** @param {number} step */
    goto(step) {
      const run = store.run.get();
      if (run === null || run.state === "running") return;
      travel(Math.min(Math.max(Math.round(step), 0), run.steps)).catch(report);
    },
    restart: () => send("restart", { schedule: scheduleText(store.schedule.get()) }),
    terminate: () => send("terminate", {}),

    /** @param {number | null} speed */
    setSpeed(speed) {
      store.speed.set(speed);
      if (store.run.get()?.state === "running") send("continue", { speed });
    },
    /** @param {import("./store.js").Schedule} schedule */
    setSchedule: (schedule) => store.schedule.set(schedule),
    /** @param {"system" | "light" | "dark"} theme */
    setTheme: (theme) => store.theme.set(theme),
    /** @param {number | null} node */
    select: (node) => store.selection.set(node),
    /** @param {string} name an op's name, or a tensor's */
    selectByName(name) {
      const node = store.model.get()?.indexOf(name.replace(/^\^/, "").replace(/:\d+$/, ""));
      if (node !== undefined && node >= 0) store.selection.set(node);
    },
    askSearch: () => store.searchAsked.update((count) => count + 1),
    /** @param {boolean} open */
    showShortcuts: (open) => store.shortcuts.set(open),
    clearConsole: () => store.console.set([]),
  };
}

/**
 * Whether there is anything to run on to: a paused run, or recorded steps after the cursor.
 * @param {Store} store
 */
export function canAdvance(store) {
  const run = store.run.get();
  if (run === null || run.state === "running") return false;
  return run.state === "paused" || run.cursor < run.steps;
}

/**
 * Ask for a step. A quick series of presses may reach past the end of the run, which is no error.
 * @param {Store} store
 * @param {Connection} connection
 * @param {import("../connection/protocol.d.ts").Next} body
 * @param {(error: unknown) => void} report
 */
function advance(store, connection, body, report) {
  connection.request("next", body).then(
    () => store.notice.set(null),
    (error) => {
      if (canAdvance(store)) report(error);
    },
  );
}

/**
 * Calls `ask` with the newest argument as soon as the call before has been answered.
 * @template A
 * @param {(argument: A) => Promise<unknown>} ask
 * @returns {(argument: A) => Promise<void>}
 */
function latestOnly(ask) {
  /** @type {{ argument: A } | null} */
  let newest = null;
  /** @type {Promise<void> | null} */
  let busy = null;
  const work = async () => {
    while (newest !== null) {
      const { argument } = newest;
      newest = null;
      await ask(argument);
    }
  };
  return (argument) => {
    newest = { argument };
    busy ??= work().finally(() => {
      busy = null;
    });
    return busy;
  };
}
