/**
 * The sentence in the status line.
 *
 * @typedef {import("./store.js").Store} Store
 */
import { counted, grouped } from "./numbers.js";
import { FAILED } from "./step-columns.js";

/** @param {number} count */
const steps = (count) => counted(count, "step");

/**
 * One sentence that is true of the session now.
 * @param {Store} store
 * @returns {string}
 */
export function statusOf(store) {
  const connection = store.connection.get();
  if (connection === "refused") return "Not connected: open the address that Opscope printed";
  if (connection === "lost") return "Connection lost: trying again";
  const opening = store.opening.get();
  if (opening !== null) return `Opening ${opening}`;
  const session = store.session.get();
  if (session === null) return "No program open";
  const run = store.run.get();
  if (run === null) {
    return session.alive ? `Ready to run ${session.name}` : "The session's process has ended: Run starts another";
  }
  if (run.state === "running") return `Running: ${steps(run.steps)}`;
  const atEnd = run.cursor >= run.steps;
  if (run.state === "finished" && atEnd) return `Finished: ${steps(run.steps)}`;
  if (run.state === "failed" && atEnd) {
    return `Failed at step ${grouped(failedStep(store))}: ${run.error?.message ?? "unknown error"}`;
  }
  if (run.state === "terminated" && atEnd) {
    return run.error === null
      ? `Stopped after ${steps(run.steps)}`
      : `Stopped after ${steps(run.steps)}: ${run.error.message}`;
  }
  return `Paused before step ${grouped(run.cursor)}${ofTotal(run)}${nextOp(store, run.cursor)}`;
}

/** @param {import("./store.js").RunInfo} run */
function ofTotal({ total }) {
  return total === null ? "" : ` of ${grouped(total)}`;
}

/**
 * @param {Store} store
 * @param {number} cursor
 */
function nextOp(store, cursor) {
  const next = store.next.get();
  if (next !== null) return `: ${next.name} (${next.type})${next.part === null ? "" : ` ${next.part}`}`;
  const { columns, count } = store.steps.get();
  const graph = store.graph.get();
  if (graph === null || cursor >= count) return "";
  const op = columns.op[cursor];
  return `: ${graph.nodes.name[op]} (${graph.types[graph.nodes.type[op]]})`;
}

/**
 * The step that failed: recorded with its flag, or the one that never was.
 * @param {Store} store
 */
function failedStep(store) {
  const { columns, count } = store.steps.get();
  return count > 0 && columns.flags[count - 1] & FAILED ? count - 1 : count;
}
