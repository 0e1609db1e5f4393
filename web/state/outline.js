/**
 * The outline's rows: the tree of scopes, flattened as far as it is expanded.
 *
 * @typedef {import("./store.js").GraphModel} GraphModel
 * @typedef {{ id: number, level: number, position: number, size: number }} OutlineRow
 *     `position` from 1 among the `size` children of its scope
 */
import { DEAD, DONE, FAILED_STATE, IDLE, READY } from "./node-states.js";

/** Programs up to this size begin with every scope expanded. */
const EXPANDED_AT_ONCE = 150;

/**
 * The rows in view order.
 * @param {GraphModel} model
 * @param {ReadonlySet<number>} expanded
 * @returns {OutlineRow[]}
 */
export function outlineRows(model, expanded) {
  /** @type {OutlineRow[]} */
  const rows = [];
  /** @type {OutlineRow[]} */
  const stack = childRows(model, model.root, 1).reverse();
  for (let row = stack.pop(); row !== undefined; row = stack.pop()) {
    rows.push(row);
    if (expanded.has(row.id)) stack.push(...childRows(model, row.id, row.level + 1).reverse());
  }
  return rows;
}

/**
 * @param {GraphModel} model
 * @param {number} scope
 * @param {number} level
 * @returns {OutlineRow[]}
 */
function childRows(model, scope, level) {
  return Array.from(model.children(scope), (id, index) => ({
    id, level, position: index + 1, size: model.children(scope).length,
  }));
}

/**
 * The scopes that are expanded when a program opens.
 * @param {GraphModel} model
 * @returns {Set<number>}
 */
export function expandedAtFirst(model) {
  /** @type {Set<number>} */
  const expanded = new Set();
  if (model.nodeCount > EXPANDED_AT_ONCE) return expanded;
  for (let id = model.nodeCount; id < model.idCount; id++) expanded.add(id);
  return expanded;
}

/**
 * The scopes around an op or scope, so that expanding them shows it.
 * @param {GraphModel} model
 * @param {number} id
 * @returns {number[]}
 */
export function scopesAround(model, id) {
  const scopes = [];
  for (let scope = model.parent(id); scope >= 0 && scope !== model.root; scope = model.parent(scope)) {
    scopes.push(scope);
  }
  return scopes;
}

/**
 * Sums up the states of the ops in a scope.
 */
export class ScopeStates {
  /** Ops by scope, each scope's in one piece of the array. */
  #order;
  #start;
  #end;
  #first;

  /** @param {GraphModel} model */
  constructor(model) {
    this.#first = model.nodeCount;
    this.#order = new Uint32Array(model.nodeCount);
    this.#start = new Uint32Array(model.scopeCount);
    this.#end = new Uint32Array(model.scopeCount);
    let count = 0;
    /** Ids to visit; a scope's complement marks its end. */
    const stack = [model.root];
    for (let id = stack.pop(); id !== undefined; id = stack.pop()) {
      if (id < 0) {
        this.#end[~id - this.#first] = count;
      } else if (!model.isScope(id)) {
        this.#order[count++] = id;
      } else {
        this.#start[id - this.#first] = count;
        stack.push(~id, ...model.children(id));
      }
    }
  }

  /** @param {number} scope how many ops are in it */
  size(scope) {
    return this.#end[scope - this.#first] - this.#start[scope - this.#first];
  }

  /**
   * failed if an op has failed, ready if one is ready, done if all that the run needs are (or dead).
   * @param {number} scope
   * @param {Uint8Array} states
   * @param {Uint8Array | null} needed
   */
  of(scope, states, needed) {
    let wanted = 0;
    let done = 0;
    let dead = 0;
    let ready = false;
    for (let at = this.#start[scope - this.#first]; at < this.#end[scope - this.#first]; at++) {
      const node = this.#order[at];
      const state = states[node];
      if (state === FAILED_STATE) return FAILED_STATE;
      if (state === READY) ready = true;
      if (needed !== null && needed[node] === 1) wanted++;
      if (state === DONE) done++;
      if (state === DEAD) dead++;
    }
    if (ready) return READY;
    if (done + dead === 0 || done + dead < wanted) return IDLE;
    return done > 0 ? DONE : DEAD;
  }
}
