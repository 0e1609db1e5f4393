/**
 * What each event of the protocol does to the state. No DOM, no requests.
 *
 * @typedef {import("../connection/protocol.d.ts").Events} Events
 * @typedef {import("./store.js").Store} Store
 */
import { NodeStates, neverExecuted } from "./node-states.js";
import { grouped } from "./numbers.js";
import { ReadyOps } from "./ready-ops.js";
import { StepColumns } from "./step-columns.js";
import { addLine, parseSchedule } from "./store.js";

/** @type {{ [E in keyof Events]: (store: Store, event: Events[E]) => void }} */
const HANDLERS = {
  launched(store, { run, plan }) {
    // A worker that died has a successor as soon as a run is launched again.
    store.session.update((session) => (session?.alive ? session : session && { ...session, alive: true }));
    beginRun(store, run, plan);
  },

  stopped(store, { run, next, ready }) {
    store.run.set(run);
    store.next.set(next);
    store.ready.set(new ReadyOps(ready));
    syncNodes(store);
    reportEnd(store, run);
  },

  continued(store, event) {
    store.run.update((run) =>
      run !== null && run.id === event.run ? { ...run, state: "running" } : run,
    );
    store.next.set(null);
    store.ready.set(new ReadyOps());
    syncNodes(store);
  },

  steps(store, event) {
    const run = store.run.get();
    if (run === null || run.id !== event.run) return;
    const end = event.first + event.count;
    addSteps(store, event);
    // A run that stands still says in `stopped`, which follows, where it stands now.
    const cursor = run.state === "running" ? end : run.cursor;
    store.run.set({ ...run, cursor, steps: Math.max(run.steps, end) });
    syncNodes(store);
  },

  variables(store, { rows }) {
    mergeVariables(store, rows);
  },

  output(store, { category, text }) {
    addLine(store, { kind: category === "important" ? "error" : "output", text });
  },

  progressStart(store, { id, level, budget }) {
    store.search.set({ id, level, budget, seconds: 0, executions: 0, states: 0 });
  },

  progressUpdate(store, { id, seconds, executions, states }) {
    store.search.update((search) =>
      search?.id === id ? { ...search, seconds, executions, states } : search,
    );
  },

  progressEnd(store, { id }) {
    store.search.update((search) => (search?.id === id ? null : search));
  },

  outcomes(store, { state }) {
    setOutcomes(store, state);
  },

  reached(store, { run, reached }) {
    store.outcomes.update((state) => state && { ...state, run, reached });
  },

  repairs(store, { race, repairs, error }) {
    store.repairs.update((shown) => (shown?.race === race ? { race, found: repairs, error } : shown));
  },

  models(store, { comparison, error }) {
    store.models.update((shown) => shown && { comparison, error });
  },

  terminated(store, event) {
    store.run.update((run) =>
      run !== null && run.id === event.run
        ? { ...run, state: "terminated", error: event.error ?? run.error }
        : run,
    );
    store.next.set(null);
    store.ready.set(new ReadyOps());
    if (event.error?.code === "WorkerDied") {
      store.session.update((session) => session && { ...session, alive: false });
      store.search.set(null);
      // They went with the worker: nothing more can be asked about them.
      setOutcomes(store, null);
    }
    if (event.error !== null) {
      addLine(store, {
        kind: "error", text: event.error.message, run: event.run, error: event.error,
      });
    } else {
      addLine(store, { kind: "info", text: `Run ${event.run} was stopped.`, run: event.run });
    }
    syncNodes(store);
  },
};

/**
 * Whether the numbers of races mean the same in both.
 * @param {import("./store.js").OutcomesState | null} before
 * @param {import("./store.js").OutcomesState | null} after
 */
function hasSameRaces(before, after) {
  const [old, now] = [before?.found?.races ?? [], after?.found?.races ?? []];
  return (
    old.length === now.length &&
    old.every(
      ({ variable, first, second }, number) =>
        variable === now[number].variable &&
        first.op === now[number].first.op &&
        second.op === now[number].second.op,
    )
  );
}

/**
 * @param {Store} store
 * @param {import("./store.js").OutcomesState | null} state
 */
function setOutcomes(store, state) {
  if (!hasSameRaces(store.outcomes.get(), state)) store.race.set(null);
  store.chosenOutcome.set(null);
  store.comparison.set(null);
  store.repairs.set(null);
  store.models.set(null);
  store.outcomes.set(state);
}

/**
 * Bring the state up to date with an event of the session.
 * @template {keyof Events} E
 * @param {Store} store
 * @param {E} name
 * @param {Events[E]} event
 * @throws {TypeError} if the protocol has no such event
 */
export function applyEvent(store, name, event) {
  const handler = HANDLERS[name];
  if (handler === undefined) throw new TypeError(`no event is named ${String(name)}`);
  handler(store, event);
}

export const EVENT_NAMES = /** @type {(keyof Events)[]} */ (Object.keys(HANDLERS));

/**
 * The state as the answer to `attach` describes it.
 * @param {Store} store
 * @param {import("../connection/protocol.d.ts").AttachResponse} answer
 */
export function applyAttach(store, { run, plan, next, ready, variables, outcomes, search }) {
  setOutcomes(store, outcomes);
  store.search.set(search);
  store.variables.set(new Map());
  mergeVariables(store, variables);
  if (run === null || plan === null) {
    store.run.set(null);
    store.needed.set(null);
    resetSteps(store);
    return;
  }
  beginRun(store, run, plan);
  store.schedule.set(parseSchedule(run.schedule));
  store.next.set(next);
  store.ready.set(new ReadyOps(ready));
  syncNodes(store);
  reportEnd(store, run);
}

/**
 * Append steps that were asked for, and move to the cursor if they were what it waited for.
 * @param {Store} store
 * @param {Parameters<StepColumns["append"]>[0]} chunk
 */
export function applySteps(store, chunk) {
  addSteps(store, chunk);
  syncNodes(store);
}

/**
 * @param {Store} store
 * @param {Parameters<StepColumns["append"]>[0]} chunk
 */
function addSteps(store, chunk) {
  const { columns } = store.steps.get();
  if (columns.append(chunk) > 0) store.steps.set({ columns, count: columns.count });
}

/**
 * @param {Store} store
 * @param {import("./store.js").RunInfo} run
 * @param {import("../connection/protocol.d.ts").PlanTable} plan
 */
function beginRun(store, run, plan) {
  const needed = new Uint8Array(store.graph.get()?.nodes.name.length ?? 0);
  for (const node of new Uint32Array(plan.nodes)) needed[node] = 1;
  resetSteps(store);
  store.next.set(null);
  store.ready.set(new ReadyOps());
  store.run.set(run);
  store.needed.set(needed);
  const asked = [...run.fetches, ...run.targets].join(", ");
  addLine(store, {
    kind: "info", text: `Run ${run.id}: ${asked} (${run.schedule})`, run: run.id,
  });
}

/** @param {Store} store */
function resetSteps(store) {
  const nodes = store.graph.get()?.nodes.name.length ?? 0;
  store.steps.set({ columns: new StepColumns(), count: 0 });
  store.states.set({ nodes: new NodeStates(nodes) });
}

/**
 * Bring the nodes' states to the cursor.
 * @param {Store} store
 */
function syncNodes(store) {
  const run = store.run.get();
  if (run === null) return;
  const { nodes } = store.states.get();
  const { columns } = store.steps.get();
  nodes.setReady([]);
  nodes.moveTo(columns, run.cursor);
  const ended = run.state === "finished" && nodes.cursor === run.steps;
  const needed = store.needed.get();
  nodes.setDead(
    ended && needed !== null ? neverExecuted(needed, nodes.executions, exempt(store, run)) : [],
  );
  nodes.setReady(store.ready.get().nodes);
  store.states.set({ nodes });
}

/**
 * @param {Store} store
 * @param {import("./store.js").RunInfo} run
 */
function exempt(store, run) {
  const graph = store.graph.get();
  const nodes = new Set(Object.keys(graph?.calls ?? {}).map(Number));
  const fed = new Set(run.feeds.map(({ name }) => name.replace(/:\d+$/, "")));
  if (graph !== null && fed.size > 0) {
    graph.nodes.name.forEach((name, node) => {
      if (fed.has(name)) nodes.add(node);
    });
  }
  return nodes;
}

/**
 * @param {Store} store
 * @param {import("./store.js").VariableRow[]} rows
 */
function mergeVariables(store, rows) {
  if (rows.length === 0) return;
  const next = new Map(store.variables.get());
  for (const row of rows) next.set(row.name, row);
  store.variables.set(next);
}

/**
 * Say once in the console how a run ended.
 * @param {Store} store
 * @param {import("./store.js").RunInfo} run
 */
function reportEnd(store, run) {
  const said = store.console
    .get()
    .some((line) => line.run === run.id && (line.kind === "result" || line.kind === "error"));
  if (said) return;
  if (run.state === "finished") {
    addLine(store, {
      kind: "result",
      text: `Run ${run.id} finished after ${grouped(run.steps)} steps.`,
      run: run.id,
      results: run.results ?? [],
    });
  } else if (run.error !== null) {
    addLine(store, { kind: "error", text: run.error.message, run: run.id, error: run.error });
  }
}
