/**
 * Keeps `store.inspection` true of the selected op at the cursor, with one round of requests at a
 * time: while one is under way, only the newest selection and cursor wait.
 *
 * @typedef {import("./store.js").Store} Store
 * @typedef {import("./store.js").OperationDetails} OperationDetails
 * @typedef {import("../connection/socket.js").Connection} Connection
 */
import { errorBody } from "../connection/failure.js";

/** Outputs beyond these are not shown. */
const SHOWN_OUTPUTS = 8;

/**
 * @param {Store} store
 * @param {Connection} connection
 * @param {(program: string, name: string) => Promise<OperationDetails>} getOperation
 */
export function watchSelection(store, connection, getOperation) {
  /** @type {Map<string, OperationDetails>} */
  const known = new Map();
  let busy = false;
  let stale = false;

  /** @param {number} node */
  const detailsOf = async (node) => {
    const session = store.session.get();
    const name = store.graph.get()?.nodes.name[node];
    if (session === null || name === undefined) return null;
    const key = `${session.program}\n${name}`;
    const details = known.get(key) ?? (await getOperation(session.program, name));
    known.set(key, details);
    return details;
  };

  /** @param {number} node */
  const refresh = async (node) => {
    const run = store.run.get();
    const cursor = run?.cursor ?? 0;
    const shown = store.inspection.get();
    if (shown?.node !== node) {
      store.inspection.set({ node, cursor, details: null, outputs: [], stack: [], error: null });
    }
    try {
      const details = await detailsOf(node);
      if (details === null) return;
      const alive = run !== null && store.session.get()?.alive === true;
      const outputs = details.outputs.slice(0, SHOWN_OUTPUTS);
      const values = alive
        ? await Promise.all(
            outputs.map((_, output) => connection.request("tensor", { op: node, output })),
          )
        : [];
      const stack =
        alive && isNested(store, node)
          ? (await connection.request("stackTrace", { op: node })).frames
          : [];
      if (store.selection.get() !== node) return;
      store.inspection.set({ node, cursor, details, outputs: values, stack, error: null });
    } catch (error) {
      if (store.selection.get() !== node) return;
      const before = store.inspection.get();
      store.inspection.set({
        node,
        cursor,
        details: before?.node === node ? before.details : null,
        outputs: [],
        stack: [],
        error: errorBody(error).message,
      });
    }
  };

  const work = async () => {
    if (busy) {
      stale = true;
      return;
    }
    busy = true;
    do {
      stale = false;
      const node = store.selection.get();
      if (node === null) store.inspection.set(null);
      else if (store.connection.get() === "connected") await refresh(node);
    } while (stale);
    busy = false;
  };

  store.selection.watch(() => void work());
  store.run.watch((run) => {
    if (run?.state !== "running" && store.selection.get() !== null) void work();
  });
}

/**
 * Whether an op belongs to a loop or to the body of a function call.
 * @param {Store} store
 * @param {number} node
 */
function isNested(store, node) {
  const graph = store.graph.get();
  if (graph === null) return false;
  if (graph.loops.some(({ nodes }) => nodes.includes(node))) return true;
  const name = graph.nodes.name[node];
  return Object.keys(graph.calls).some((call) =>
    name.startsWith(`${graph.nodes.name[Number(call)]}/`),
  );
}
