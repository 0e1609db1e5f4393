import { groupBy } from "./group-by.js";
import { buildScopes } from "./scopes.js";
import { searchOps } from "./search.js";
import { EdgeKind, OpKind } from "./types.js";

/** @typedef {import("./types.js").GraphJson} GraphJson */

const CONTROL_FLOW = new Set([
  "Enter",
  "RefEnter",
  "Exit",
  "RefExit",
  "Merge",
  "RefMerge",
  "Switch",
  "RefSwitch",
  "NextIteration",
  "RefNextIteration",
  "LoopCond",
]);

/**
 * The graph of a program: its edges, its tree of scopes, its names.
 *
 * One numbering serves ops and scopes: ids below `nodeCount` are ops, numbered as the server does,
 * and ids from `nodeCount` on are scopes, of which `root` is the first. A name that is both an
 * op's and a scope's (`v` beside `v/read`) is a scope that holds the op, labelled `(v)`, as in
 * TensorBoard. An op that calls functions is itself the scope of its body's ops: it is no child of
 * anything, and its edges end at the scope.
 */
export class GraphModel {
  /** @type {Map<string, number>|null} */
  #nodeByName = null;
  /** @type {import("./search.js").SearchIndex|null} */
  #searchIndex = null;
  #scopes;

  /** @param {GraphJson} json */
  constructor(json) {
    this.id = json.id;
    this.name = json.name;
    this.types = json.types;
    this.names = json.nodes.name;
    this.nodeCount = this.names.length;
    this.typeIndex = Int32Array.from(json.nodes.type);
    /** By node: the calls of functions, which contain their body's ops and never execute. */
    this.calls = json.calls;

    const { from, to, kind } = readEdges(json);
    this.edgeCount = from.length;
    this.edgeFrom = from;
    this.edgeTo = to;
    /** One of `EdgeKind` per edge; data edges come first, numbered as in the JSON. */
    this.edgeKind = kind;
    const [outStart, outEdges] = groupBy(from, this.nodeCount);
    const [inStart, inEdges] = groupBy(to, this.nodeCount);
    /** Edges that leave node n are `outEdges[outStart[n] .. outStart[n + 1]]`. */
    this.outStart = outStart;
    this.outEdges = outEdges;
    /** Edges that enter node n, likewise. */
    this.inStart = inStart;
    this.inEdges = inEdges;

    this.#scopes = buildScopes(this.names, this.calls);
    this.scopeCount = this.#scopes.paths.length;
    this.root = this.nodeCount;
    this.idCount = this.nodeCount + this.scopeCount;
    this.parents = this.#scopes.parents;
    /** Per op, the id at which its edges end: the op, or for a call the scope that it is. */
    this.anchors = this.#scopes.anchors;

    /** One of `OpKind` per op. */
    this.opKind = classify(this, json);
    /** Of the ops that are variables: by reference, or by resource handle. */
    this.variableKind = new Map(json.variables.map(({ node, kind: held }) => [node, held]));
    /** Name of the loop frame of each op that is in one. */
    this.loopFrame = new Map(
      json.loops.flatMap(({ frame, nodes }) =>
        nodes.map((node) => /** @type {[number, string]} */ ([node, frame])),
      ),
    );
  }

  /** @param {number} id */
  isScope(id) {
    return id >= this.nodeCount;
  }

  /** The scope that holds an op or a scope; -1 for the root. @param {number} id */
  parent(id) {
    return this.parents[id];
  }

  /**
   * The scope that holds the op; for a call, the scope that the call itself is.
   *
   * @param {number} node
   */
  scopeOf(node) {
    return this.parents[node];
  }

  /** Ops and scopes directly in a scope, in graph order. @param {number} scope @returns {Int32Array} */
  children(scope) {
    const { childStart, childIds } = this.#scopes;
    const index = scope - this.nodeCount;
    return childIds.subarray(childStart[index], childStart[index + 1]);
  }

  /** Full name of an op or scope; "" for the root. @param {number} id */
  path(id) {
    return id < this.nodeCount ? this.names[id] : this.#scopes.paths[id - this.nodeCount];
  }

  /** Last part of the name; `(v)` for the op that bears its scope's name. @param {number} id */
  label(id) {
    const path = this.path(id);
    const last = path.slice(path.lastIndexOf("/") + 1);
    const isOwn = id < this.nodeCount && this.ownOp(this.parents[id]) === id;
    return isOwn && this.anchors[id] === id ? `(${last})` : last;
  }

  /** The op that bears a scope's name, or -1. @param {number} scope */
  ownOp(scope) {
    return this.#scopes.ownOp[scope - this.nodeCount];
  }

  /**
   * The op behind an id: the op itself, or the call that a scope is; -1 for other scopes.
   *
   * @param {number} id
   */
  nodeOf(id) {
    if (id < this.nodeCount) return id;
    const own = this.ownOp(id);
    return own >= 0 && this.anchors[own] === id ? own : -1;
  }

  /** Op type of an op. @param {number} node */
  type(node) {
    return this.types[this.typeIndex[node]];
  }

  /** Number of the op of that name, or -1. @param {string} name */
  indexOf(name) {
    if (this.#nodeByName === null) {
      this.#nodeByName = new Map();
      for (let op = 0; op < this.nodeCount; op++) this.#nodeByName.set(this.names[op], op);
    }
    return this.#nodeByName.get(name) ?? -1;
  }

  /** Id of the scope at a path, or -1. @param {string} path */
  scopeAt(path) {
    const scope = this.#scopes.byPath.get(path);
    return scope === undefined ? -1 : this.nodeCount + scope;
  }

  /**
   * Ops whose name or type matches, best first.
   *
   * @param {string} query text (case is ignored) or `/regular expression/flags`
   * @param {{limit?: number}} [options]
   * @returns {number[]} op numbers
   * @throws {SyntaxError} if the regular expression is malformed
   */
  search(query, { limit = 200 } = {}) {
    this.#searchIndex ??= {
      names: this.names,
      lowerNames: this.names.map((name) => name.toLowerCase()),
      types: this.types,
      typeIndex: this.typeIndex,
    };
    return searchOps(this.#searchIndex, query, limit);
  }
}

/** @param {GraphJson} json */
function readEdges({ edges, control, mutating, aliases, refs, handles }) {
  const dataCount = edges.length / 4;
  const count = dataCount + control.length / 2;
  const from = new Int32Array(count);
  const to = new Int32Array(count);
  const kind = new Uint8Array(count).fill(EdgeKind.value, 0, dataCount);
  for (let edge = 0; edge < dataCount; edge++) {
    from[edge] = edges[4 * edge];
    to[edge] = edges[4 * edge + 2];
  }
  for (let edge = dataCount, i = 0; edge < count; edge++, i += 2) {
    from[edge] = control[i];
    to[edge] = control[i + 1];
  }
  for (const edge of handles) kind[edge] = EdgeKind.handle;
  for (const edge of aliases) kind[edge] = EdgeKind.alias;
  for (const edge of refs) kind[edge] = EdgeKind.ref;
  for (const edge of mutating) kind[edge] = EdgeKind.mutating;
  return { from, to, kind };
}

/** @param {GraphModel} model @param {GraphJson} json @returns {Uint8Array} */
function classify(model, { variables, placeholders }) {
  const byType = model.types.map(kindOfType);
  const kinds = Uint8Array.from(model.typeIndex, (type) => byType[type]);
  for (let edge = 0; edge < model.edgeCount; edge++) {
    const op = model.edgeTo[edge];
    if (model.edgeKind[edge] === EdgeKind.mutating && kinds[op] === OpKind.plain) {
      kinds[op] = OpKind.write;
    }
  }
  for (const { node } of placeholders) kinds[node] = OpKind.placeholder;
  for (const { node } of variables) kinds[node] = OpKind.variable;
  return kinds;
}

/** @param {string} type */
function kindOfType(type) {
  if (type === "Const") return OpKind.constant;
  if (type === "NoOp") return OpKind.none;
  if (type.startsWith("Placeholder")) return OpKind.placeholder;
  return CONTROL_FLOW.has(type) ? OpKind.controlFlow : OpKind.plain;
}
