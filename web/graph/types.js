/**
 * The graph as the server sends it; see `GET /api/programs/<id>/graph`.
 *
 * @typedef {object} GraphJson
 * @property {string} id
 * @property {string} name
 * @property {string[]} types op types; `nodes.type` points here
 * @property {{name: string[], type: number[]}} nodes
 * @property {number[]} edges flat quadruples: source, source output, destination, destination input
 * @property {number[]} control flat pairs: source, destination
 * @property {number[]} mutating numbers of data edges whose destination may write through them
 * @property {number[]} aliases numbers of data edges that carry the buffer of a reference variable
 * @property {number[]} refs numbers of data edges that carry a reference
 * @property {number[]} handles numbers of data edges that carry a handle
 * @property {Record<string, CallInfo>} calls by node: the nodes that contain body operations
 * @property {{frame: string, nodes: number[]}[]} loops
 * @property {VariableInfo[]} variables
 * @property {{node: number, name: string, dtype: string, shape: unknown}[]} placeholders
 *
 * @typedef {object} CallInfo
 * @property {string} function name of the function that is called
 * @property {"call"|"if"|"while"|"case"} kind
 *
 * @typedef {object} VariableInfo
 * @property {number} node
 * @property {string} name
 * @property {"ref"|"resource"} kind
 * @property {string} dtype
 * @property {unknown} shape
 */

/**
 * What an edge carries, as kept per edge; a mutating one, a reference or a handle. Edges that are
 * drawn as one are drawn as the one of them that comes last here: what can surprise most.
 */
export const EdgeKind = Object.freeze({
  control: 0,
  value: 1,
  handle: 2,
  alias: 3,
  ref: 4,
  mutating: 5,
});

/** How an op is drawn. */
export const OpKind = Object.freeze({
  plain: 0,
  variable: 1,
  placeholder: 2,
  constant: 3,
  controlFlow: 4,
  write: 5,
  none: 6,
});

/** State of an op, as numbered in the array given to `setStates`. */
export const State = Object.freeze({ idle: 0, ready: 1, running: 2, done: 3, dead: 4, failed: 5 });

/** Names of the states, by number: the values of `data-state`. */
export const STATE_NAMES = Object.freeze(["idle", "ready", "running", "done", "dead", "failed"]);
