/**
 * All state of the page. Events and actions write it, panels watch the cells that they show.
 *
 * @typedef {import("../connection/protocol.d.ts").RunInfo} RunInfo
 * @typedef {import("../connection/protocol.d.ts").OpInstance} OpInstance
 * @typedef {import("../connection/protocol.d.ts").VariableRow} VariableRow
 * @typedef {import("../connection/protocol.d.ts").ErrorBody} ErrorBody
 * @typedef {import("../connection/protocol.d.ts").Result} Result
 * @typedef {import("../connection/protocol.d.ts").TensorResponse} TensorResponse
 * @typedef {import("../connection/protocol.d.ts").StackFrame} StackFrame
 * @typedef {import("../connection/protocol.d.ts").OutcomesState} OutcomesState
 * @typedef {import("../connection/protocol.d.ts").SearchProgress} SearchProgress
 * @typedef {import("../connection/protocol.d.ts").DiffResponse} DiffResponse
 * @typedef {import("./graph-data.d.ts").GraphData} GraphData
 * @typedef {import("./graph-data.d.ts").HomeLists} HomeLists
 * @typedef {import("./graph-data.d.ts").OperationDetails} OperationDetails
 * @typedef {import("../graph/model.js").GraphModel} GraphModel
 *
 * @typedef {{ kind: "info" | "output" | "result" | "error", text: string, run?: number,
 *             results?: Result[], error?: ErrorBody }} LineBody
 * @typedef {LineBody & { id: number }} ConsoleLine
 *
 * @typedef {object} Inspection what is known about the selected op, at `cursor`
 * @property {number} node
 * @property {number} cursor
 * @property {OperationDetails | null} details null until they have arrived
 * @property {(TensorResponse | null)[]} outputs values of its outputs; empty without a run
 * @property {StackFrame[]} stack
 * @property {string | null} error why there is nothing to show
 *
 * @typedef {"atomic" | "split"} Level
 * @typedef {import("../connection/protocol.d.ts").Repair} Repair
 * @typedef {import("../connection/protocol.d.ts").ModelComparison} ModelComparison
 * @typedef {{ group: number, first: number, second: number, diff: DiffResponse | null }} Comparison
 *
 * @typedef {{ kind: "fifo" | "lifo" | "random" | "manual", seed: number }} Schedule
 * @typedef {ReturnType<typeof createStore>} Store
 */
import { Cell } from "./cell.js";
import { NodeStates } from "./node-states.js";
import { ReadyOps } from "./ready-ops.js";
import { StepColumns } from "./step-columns.js";

/**
 * A cell with its type spelled out where the first value does not say it.
 * @template T
 * @param {T} value
 * @returns {Cell<T>}
 */
const cell = (value) => new Cell(value);

export function createStore() {
  return {
    /** Whether requests can be sent. @type {Cell<"connecting" | "connected" | "lost" | "refused">} */
    connection: cell(/** @type {any} */ ("connecting")),
    /** What a person should know now and may dismiss. */
    notice: cell(/** @type {string | null} */ (null)),

    /** The lists of the first page; null until they have arrived. */
    home: cell(/** @type {HomeLists | null} */ (null)),
    /** The upload under way; `fraction` of its bytes sent. */
    upload: cell(/** @type {{ name: string, fraction: number } | null} */ (null)),
    /** What is being opened, by the name to show. */
    opening: cell(/** @type {string | null} */ (null)),

    /** The session that the page is attached to; null is the first page. */
    session: cell(
      /** @type {{ id: string, program: string, name: string, alive: boolean } | null} */ (null),
    ),
    graph: cell(/** @type {GraphData | null} */ (null)),
    model: cell(/** @type {GraphModel | null} */ (null)),

    /** The session's latest run, its `cursor` included. */
    run: cell(/** @type {RunInfo | null} */ (null)),
    /** 1 per node that the run executes. */
    needed: cell(/** @type {Uint8Array | null} */ (null)),
    /** The run's steps; `columns` grows in place, `count` says how far. */
    steps: cell({ columns: new StepColumns(), count: 0 }),
    /** What the nodes look like at the cursor; `nodes` changes in place, a new object each time. */
    states: cell({ nodes: new NodeStates(0) }),
    /** The op that runs next; null at the end. */
    next: cell(/** @type {OpInstance | null} */ (null)),
    /** Every op that could run next. */
    ready: cell(new ReadyOps()),
    /** Variables by name, in the order of the program. */
    variables: cell(/** @type {ReadonlyMap<string, VariableRow>} */ (new Map())),

    /** What is known of the outcomes of the run. */
    outcomes: cell(/** @type {OutcomesState | null} */ (null)),
    /** The search for outcomes that somebody waits for. */
    search: cell(/** @type {SearchProgress | null} */ (null)),
    /** Place of the race that is shown in the graph. */
    race: cell(/** @type {number | null} */ (null)),
    /** The outcome to compare another with. */
    chosenOutcome: cell(/** @type {{ group: number, outcome: number } | null} */ (null)),
    /** Two outcomes of a group side by side; `diff` null until it has arrived. */
    comparison: cell(/** @type {Comparison | null} */ (null)),
    /** What orders a race; `found` null until it has arrived. */
    repairs: cell(
      /** @type {{ race: number, found: Repair[] | null, error: ErrorBody | null } | null} */ (null),
    ),
    /** The run under both kinds of variables; `comparison` null until it has arrived. */
    models: cell(
      /** @type {{ comparison: ModelComparison | null, error: ErrorBody | null } | null} */ (null),
    ),
    outcomesLevel: cell(/** @type {Level} */ ("atomic")),
    /** Whether the region `Outcomes` shows more than its sentence, and whether it is wide. */
    outcomesOpen: cell(false),
    outcomesWide: cell(false),

    /** The selected node. */
    selection: cell(/** @type {number | null} */ (null)),
    inspection: cell(/** @type {Inspection | null} */ (null)),
    console: cell(/** @type {readonly ConsoleLine[]} */ ([])),

    /** Whether the dialog `Run` is open. */
    runDialog: cell(false),
    /** Whether the sheet of shortcuts is open. */
    shortcuts: cell(false),
    /** Counts how often the search box was asked for. */
    searchAsked: cell(0),
    theme: cell(/** @type {"system" | "light" | "dark"} */ ("system")),
    /** Ops a second; null is as fast as the engine runs. */
    speed: cell(/** @type {number | null} */ (null)),
    schedule: cell(/** @type {Schedule} */ ({ kind: "fifo", seed: 0 })),
  };
}

let lines = 0;
const KEPT_LINES = 2000;

/**
 * @param {Store} store
 * @param {LineBody} line
 */
export function addLine(store, line) {
  const numbered = { ...line, id: ++lines };
  store.console.update((before) => [...before.slice(-(KEPT_LINES - 1)), numbered]);
}

/**
 * As the protocol spells it: `fifo`, `random:7`.
 * @param {Schedule} schedule
 */
export function scheduleText({ kind, seed }) {
  return kind === "random" ? `random:${seed}` : kind;
}

/**
 * @param {string} text
 * @returns {Schedule}
 */
export function parseSchedule(text) {
  const [kind, seed] = text.split(":");
  if (kind === "random") return { kind, seed: Number(seed ?? 0) };
  if (kind === "lifo" || kind === "manual") return { kind, seed: 0 };
  return { kind: "fifo", seed: 0 };
}
