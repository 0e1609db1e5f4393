import { groupBy } from "./group-by.js";

/**
 * @typedef {object} ScopeTree
 * @property {string[]} paths path per scope; scope 0 is the root
 * @property {Map<string, number>} byPath scope by path
 * @property {Int32Array} ownOp per scope, the op that bears the scope's name, or -1
 * @property {Int32Array} parents per id (ops, then scopes), the id of the parent; -1 for the root
 * @property {Int32Array} anchors per op, the id at which its edges end: itself, or the scope that a call is
 * @property {Int32Array} childStart see `childIds`
 * @property {Int32Array} childIds children of scope s: `childIds[childStart[s] .. childStart[s + 1]]`
 */

/**
 * The tree of scopes that names with `/` make. Children are in the order in which the graph first
 * mentions them. Iterative, so that any depth of nesting does.
 *
 * @param {string[]} names op names
 * @param {Record<string, unknown>} calls by op: those that are scopes themselves, if they have a body
 * @returns {ScopeTree}
 */
export function buildScopes(names, calls) {
  const { paths, byPath, scopeParents, firstOps, directories } = findScopes(names);
  const opCount = names.length;
  const idCount = opCount + paths.length;
  const ownOp = new Int32Array(paths.length).fill(-1);
  const parents = new Int32Array(idCount);
  for (let scope = 0; scope < paths.length; scope++) {
    parents[opCount + scope] = scope === 0 ? -1 : opCount + scopeParents[scope];
  }
  const anchors = new Int32Array(opCount);
  for (let op = 0; op < opCount; op++) {
    const own = names[op] === "" ? undefined : byPath.get(names[op]);
    anchors[op] = op;
    parents[op] = opCount + (own ?? directories[op]);
    if (own === undefined) continue;
    ownOp[own] = op;
    firstOps[own] = Math.min(firstOps[own], op);
    if (op in calls) anchors[op] = opCount + own;
  }
  return { paths, byPath, ownOp, parents, anchors, ...orderChildren(parents, anchors, firstOps) };
}

/** @param {string[]} names */
function findScopes(names) {
  /** @type {Map<string, number>} */
  const byPath = new Map([["", 0]]);
  const paths = [""];
  const scopeParents = [-1];
  const firstOps = [0];
  const directories = new Int32Array(names.length);

  /**
   * The scope at `path`, made with its ancestors where it is new.
   *
   * @param {string} path
   * @param {number} op
   */
  const scopeAt = (path, op) => {
    /** @type {string[]} */
    const missing = [];
    let scope = byPath.get(path);
    while (scope === undefined) {
      missing.push(path);
      path = path.slice(0, Math.max(0, path.lastIndexOf("/")));
      scope = byPath.get(path);
    }
    while (missing.length > 0) {
      const next = /** @type {string} */ (missing.pop());
      byPath.set(next, paths.length);
      scopeParents.push(scope);
      firstOps.push(op);
      scope = paths.length;
      paths.push(next);
    }
    return scope;
  };

  for (let op = 0; op < names.length; op++) {
    const slash = names[op].lastIndexOf("/");
    directories[op] = slash < 0 ? 0 : scopeAt(names[op].slice(0, slash), op);
  }
  return { paths, byPath, scopeParents, firstOps, directories };
}

/** @param {Int32Array} parents @param {Int32Array} anchors @param {number[]} firstOps */
function orderChildren(parents, anchors, firstOps) {
  const opCount = anchors.length;
  const scopes = Array.from({ length: firstOps.length - 1 }, (_, i) => i + 1);
  scopes.sort((a, b) => firstOps[a] - firstOps[b] || a - b);
  const ids = new Int32Array(parents.length);
  let used = 0;
  let next = 0;
  for (let op = 0; op <= opCount; op++) {
    while (next < scopes.length && (op === opCount || firstOps[scopes[next]] <= op)) {
      ids[used++] = opCount + scopes[next++];
    }
    if (op < opCount && anchors[op] === op) ids[used++] = op;
  }
  const keys = ids.subarray(0, used).map((id) => parents[id] - opCount);
  const [childStart, order] = groupBy(keys, firstOps.length);
  return { childStart, childIds: order.map((position) => ids[position]) };
}
