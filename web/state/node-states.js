/**
 * What every node looks like at the cursor, kept up to date in the number of steps that it moves.
 */
import { BEGINS, FAILED, PART } from "./step-columns.js";

/** Values of `NodeStates.states`; the names are those of `data-state`. */
export const IDLE = 0;
export const READY = 1;
export const RUNNING = 2;
export const DONE = 3;
export const DEAD = 4;
export const FAILED_STATE = 5;
export const STATE_NAMES = ["idle", "ready", "running", "done", "dead", "failed"];

/** Beyond this many steps at once, counting anew is not worth avoiding, and nothing is animated. */
const ANIMATED_STEPS = 2000;

export class NodeStates {
  /** One of the constants above per node. The same array for the life of the object. */
  states;
  /** How often each node has executed before the cursor. */
  executions;
  cursor = 0;
  /** Nodes executed by the last forward move, in order; empty after any other. @type {Uint32Array} */
  latest = new Uint32Array(0);
  /** @type {ArrayLike<number>} */
  #ready = [];
  /** Nodes shown as dead. @type {number[]} */
  #dead = [];
  /** Nodes with a failed step before the cursor. @type {Map<number, number>} */
  #failed = new Map();
  /** How often the kernel of a node, which is executed in parts, has begun. @type {Map<number, number>} */
  #begun = new Map();

  /** @param {number} nodes how many nodes the graph has */
  constructor(nodes) {
    this.states = new Uint8Array(nodes);
    this.executions = new Uint32Array(nodes);
  }

  /**
   * Move to before step `cursor`.
   * @param {import("./step-columns.js").StepColumns} columns
   * @param {number} cursor
   */
  moveTo(columns, cursor) {
    const target = Math.min(cursor, columns.count);
    const from = this.cursor;
    for (let step = from; step < target; step++) this.#forward(columns, step);
    for (let step = from - 1; step >= target; step--) this.#back(columns, step);
    this.cursor = target;
    const moved = target - from;
    this.latest =
      moved > 0 && moved <= ANIMATED_STEPS
        ? columns.op.slice(from, target).filter((_, i) => !(columns.flags[from + i] & PART))
        : new Uint32Array(0);
  }

  /**
   * Which nodes could run next.
   * @param {ArrayLike<number>} nodes
   */
  setReady(nodes) {
    const before = this.#ready;
    this.#ready = nodes;
    for (let i = 0; i < before.length; i++) this.states[before[i]] = this.#settled(before[i]);
    for (let i = 0; i < nodes.length; i++) {
      if (!this.#isRunning(nodes[i])) this.states[nodes[i]] = READY;
    }
  }

  /**
   * Which nodes of the run will not execute any more, because a branch was not taken.
   * @param {number[]} nodes
   */
  setDead(nodes) {
    const before = this.#dead;
    this.#dead = nodes;
    for (const node of before) this.states[node] = this.#settled(node);
    for (const node of nodes) this.states[node] = DEAD;
  }

  /**
   * @param {import("./step-columns.js").StepColumns} columns
   * @param {number} step
   */
  #forward(columns, step) {
    this.#tally(columns.op[step], columns.flags[step], 1);
  }

  /**
   * @param {import("./step-columns.js").StepColumns} columns
   * @param {number} step
   */
  #back(columns, step) {
    this.#tally(columns.op[step], columns.flags[step], -1);
  }

  /**
   * @param {number} node
   * @param {number} flags of a step that executed it
   * @param {1 | -1} change
   */
  #tally(node, flags, change) {
    if (!(flags & PART) || flags & FAILED) this.executions[node] += change;
    if (flags & FAILED) add(this.#failed, node, change);
    if (flags & BEGINS) add(this.#begun, node, change);
    this.states[node] = this.#settled(node);
  }

  /** @param {number} node */
  #settled(node) {
    if (this.#failed.has(node)) return FAILED_STATE;
    if (this.#isRunning(node)) return RUNNING;
    return this.executions[node] > 0 ? DONE : IDLE;
  }

  /** @param {number} node */
  #isRunning(node) {
    return (this.#begun.get(node) ?? 0) > this.executions[node];
  }
}

/**
 * @param {Map<number, number>} counts none of them 0
 * @param {number} node
 * @param {1 | -1} change
 */
function add(counts, node, change) {
  const count = (counts.get(node) ?? 0) + change;
  if (count > 0) counts.set(node, count);
  else counts.delete(node);
}

/**
 * The nodes of a finished run that never executed: what a branch not taken left dead.
 *
 * Fed tensors' nodes and call containers never execute and are not dead.
 * @param {Uint8Array} needed 1 per node of the run's plan
 * @param {Uint32Array} executions
 * @param {Set<number>} exempt
 */
export function neverExecuted(needed, executions, exempt) {
  const dead = [];
  for (let node = 0; node < needed.length; node++) {
    if (needed[node] === 1 && executions[node] === 0 && !exempt.has(node)) dead.push(node);
  }
  return dead;
}
