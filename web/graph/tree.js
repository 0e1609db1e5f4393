import { FLAT_LIMIT, foldChildren } from "./folds.js";
import { groupBy } from "./group-by.js";

/** @typedef {import("./model.js").GraphModel} GraphModel */
/** @typedef {import("./folds.js").Entry} Entry */

/**
 * The tree that is drawn: the model's scopes, with folds put between a crowded scope and its
 * children. Folds have ids from `model.idCount` on; all others are the model's.
 *
 * The ops below a container are contiguous in `ops`: `ops[start[id] .. end[id]]`. A call counts as
 * the first op below itself.
 */
export class DisplayTree {
  #children;
  #foldLabels;
  #levels;

  /** @param {GraphModel} model */
  constructor(model) {
    this.model = model;
    const { children, parents, foldLabels } = insertFolds(model);
    this.#children = children;
    this.#foldLabels = foldLabels;
    this.root = model.root;
    this.idCount = model.idCount + foldLabels.length;
    this.parents = parents;
    const { ops, position, start, end, depth } = orderOps(this);
    this.ops = ops;
    /** Per op, its place in `ops`. */
    this.position = position;
    this.start = start;
    this.end = end;
    this.depth = depth;
    this.#levels = edgesByLevel(this);
  }

  /** Whether the id has children: a scope or a fold. @param {number} id */
  isContainer(id) {
    return id >= this.model.nodeCount;
  }

  /** @param {number} id */
  isFold(id) {
    return id >= this.model.idCount;
  }

  /** Ids in a container, in graph order. @param {number} id @returns {Int32Array} */
  children(id) {
    return this.#children[id - this.model.nodeCount];
  }

  /** Edges between different children of the container. @param {number} id @returns {Int32Array} */
  edgesWithin(id) {
    const { start, edges } = this.#levels;
    const level = id - this.model.nodeCount;
    return edges.subarray(start[level], start[level + 1]);
  }

  /**
   * The lowest container that holds both ends; -1 for an edge between a call and its own body.
   *
   * @param {number} edge
   */
  levelOf(edge) {
    const level = this.#levels.levels[edge];
    return level === this.idCount - this.model.nodeCount ? -1 : level + this.model.nodeCount;
  }

  /** What is written on the box. @param {number} id */
  label(id) {
    return this.isFold(id) ? this.#foldLabels[id - this.model.idCount] : this.model.label(id);
  }

  /**
   * Accessible name: an op's full name; a scope's with a final slash, as TensorFlow writes it.
   *
   * @param {number} id
   */
  fullName(id) {
    if (this.isFold(id)) return `${this.label(id)} (${this.end[id] - this.start[id]} operations)`;
    return this.isContainer(id) && this.model.nodeOf(id) < 0
      ? `${this.model.path(id)}/`
      : this.model.path(id);
  }

  /** The op that a box stands for, or -1 for scopes and folds. @param {number} id */
  nodeOf(id) {
    return this.isFold(id) ? -1 : this.model.nodeOf(id);
  }

  /**
   * The child of `container` that is, or holds, `id`; -1 if `id` is not below it.
   *
   * @param {number} id
   * @param {number} container
   */
  childToward(id, container) {
    while (id >= 0 && this.parents[id] !== container) id = this.parents[id];
    return id;
  }
}

/** @param {GraphModel} model */
function insertFolds(model) {
  /** @type {Int32Array[]} by container */
  const children = new Array(model.scopeCount);
  /** @type {string[]} */
  const foldLabels = [];
  /** Parents that are, or have become, folds; by id. @type {Map<number, number>} */
  const moved = new Map();
  const labelOf = (/** @type {number} */ id) => model.label(id);
  /** @type {{id: number, entries: Entry[]}[]} */
  const pending = [];
  for (let id = model.root; id < model.idCount; id++) {
    const ids = model.children(id);
    if (ids.length <= FLAT_LIMIT) children[id - model.nodeCount] = ids;
    else pending.push({ id, entries: foldChildren(ids, labelOf) });
  }
  for (const { id, entries } of pending) {
    children[id - model.nodeCount] = Int32Array.from(entries, (entry) => {
      if (typeof entry === "number") {
        moved.set(entry, id);
        return entry;
      }
      const fold = model.idCount + foldLabels.length;
      foldLabels.push(entry.label);
      moved.set(fold, id);
      pending.push({ id: fold, entries: entry.members });
      return fold;
    });
  }
  const parents = new Int32Array(model.idCount + foldLabels.length);
  parents.set(model.parents);
  for (const [id, parent] of moved) parents[id] = parent;
  return { children, parents, foldLabels };
}

/** @param {DisplayTree} tree */
function orderOps(tree) {
  const { model, root, idCount } = tree;
  const ops = new Int32Array(model.nodeCount);
  const start = new Int32Array(idCount);
  const end = new Int32Array(idCount);
  const depth = new Int32Array(idCount);
  let used = 0;
  const stack = [root];
  while (stack.length > 0) {
    const id = /** @type {number} */ (stack.pop());
    if (id < 0) {
      end[~id] = used;
      continue;
    }
    start[id] = used;
    const node = tree.nodeOf(id);
    if (node >= 0) ops[used++] = node;
    if (!tree.isContainer(id)) {
      end[id] = used;
      continue;
    }
    stack.push(~id);
    const children = tree.children(id);
    for (let i = children.length - 1; i >= 0; i--) {
      depth[children[i]] = depth[id] + 1;
      stack.push(children[i]);
    }
  }
  const position = new Int32Array(model.nodeCount);
  for (let place = 0; place < used; place++) position[ops[place]] = place;
  return { ops, position, start, end, depth };
}

/** @param {DisplayTree} tree */
function edgesByLevel({ model, parents, depth, idCount }) {
  const { edgeFrom, edgeTo, edgeCount, anchors, nodeCount } = model;
  const count = idCount - nodeCount;
  const levels = new Int32Array(edgeCount);
  for (let edge = 0; edge < edgeCount; edge++) {
    let from = anchors[edgeFrom[edge]];
    let to = anchors[edgeTo[edge]];
    while (depth[from] > depth[to]) from = parents[from];
    while (depth[to] > depth[from]) to = parents[to];
    // An edge between a container and its own content is drawn nowhere: the last bucket.
    let level = count;
    if (from !== to) {
      while (parents[from] !== parents[to]) {
        from = parents[from];
        to = parents[to];
      }
      level = parents[from] - nodeCount;
    }
    levels[edge] = level;
  }
  const [start, edges] = groupBy(levels, count + 1);
  return { levels, start, edges };
}
