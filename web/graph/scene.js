import { IN, Levels } from "./levels.js";
import { placeLevel } from "./level-layout.js";
import { boxSize } from "./sizes.js";

/** @typedef {import("./tree.js").DisplayTree} DisplayTree */
/** @typedef {import("./levels.js").LevelEdge} LevelEdge */
/** @typedef {import("./level-layout.js").PlacedLevel} PlacedLevel */

/**
 * What is drawn, in world coordinates. Boxes are in order of drawing: containers before content.
 *
 * @typedef {object} Scene
 * @property {Int32Array} ids per box
 * @property {Float64Array} left
 * @property {Float64Array} top
 * @property {Float64Array} width
 * @property {Float64Array} height
 * @property {Uint8Array} isExpanded
 * @property {Uint16Array} stubs per box, edges to and from hubs, not drawn
 * @property {Int32Array} boxOf box per id, -1 where it is not drawn
 * @property {SceneEdge[]} edges
 * @property {Map<number, number>} firstEdge per container, the number of its first edge
 * @property {number} totalWidth
 * @property {number} totalHeight
 */

/**
 * @typedef {object} SceneEdge
 * @property {LevelEdge} edge
 * @property {number} container
 * @property {Float64Array} points absolute
 * @property {boolean} isBack
 * @property {boolean} hasArrow whether it ends at a box; those that end at a border go on beyond it
 * @property {number} from box, -1 for a port
 * @property {number} to box, -1 for a port
 * @property {number} left bounds
 * @property {number} top
 * @property {number} right
 * @property {number} bottom
 */

/** Which containers are expanded, and where everything is. Layouts are kept while they hold. */
export class SceneBuilder {
  /** @type {Map<number, PlacedLevel>} */
  #placed = new Map();
  #expanded = new Set();
  #measure;

  /**
   * @param {DisplayTree} tree
   * @param {import("./sizes.js").MeasureText} measure
   * @param {Levels} [levels]
   */
  constructor(tree, measure, levels = new Levels(tree)) {
    this.tree = tree;
    this.#measure = measure;
    this.levels = levels;
  }

  /** Another builder with the same containers expanded, and the layouts that hold. */
  copy() {
    const copy = new SceneBuilder(this.tree, this.#measure, this.levels);
    copy.#expanded = new Set(this.#expanded);
    copy.#placed = new Map(this.#placed);
    return copy;
  }

  /** @param {number} id */
  isExpanded(id) {
    return this.#expanded.has(id);
  }

  /** @param {number} id a scope or a fold @param {boolean} expanded */
  setExpanded(id, expanded) {
    if (this.#expanded.has(id) === expanded || id === this.tree.root) return;
    if (expanded) this.#expanded.add(id);
    else this.#expanded.delete(id);
    for (let around = this.tree.parents[id]; around >= 0; around = this.tree.parents[around]) {
      this.#placed.delete(around);
    }
  }

  /** The level of an expanded container, as it was last built. @param {number} container */
  levelOf(container) {
    return this.#placed.get(container)?.level;
  }

  /** @returns {Scene} */
  build() {
    const { tree } = this;
    this.#placeFrom(tree.root);
    /** @type {number[]} */
    const ids = [];
    /** @type {number[]} */
    const bounds = [];
    /** @type {number[]} */
    const stubs = [];
    /** @type {SceneEdge[]} */
    const edges = [];
    const boxOf = new Int32Array(tree.idCount).fill(-1);
    const firstEdge = new Map();
    const root = /** @type {PlacedLevel} */ (this.#placed.get(tree.root));
    const pending = [{ container: tree.root, x: 0, y: 0 }];
    for (const { container, x, y } of pending) {
      const placed = /** @type {PlacedLevel} */ (this.#placed.get(container));
      const { boxes } = placed.level;
      const firstBox = ids.length;
      boxes.forEach((id, box) => {
        boxOf[id] = ids.length;
        ids.push(id);
        const [left, top] = [x + placed.left[box], y + placed.top[box]];
        bounds.push(left, top, placed.boxWidth[box], placed.boxHeight[box]);
        stubs.push(placed.level.stubs[box]);
        if (this.#expanded.has(id)) pending.push({ container: id, x: left, y: top });
      });
      firstEdge.set(container, edges.length);
      placed.routes.forEach((route, number) => {
        const target = this.#expanded.has(boxes[placed.level.edges[number].to])
          ? this.levelOf(boxes[placed.level.edges[number].to])
          : undefined;
        const goesOn = target !== undefined && !target.ports[IN].isMerged;
        edges.push(sceneEdge(placed, number, route, x, y, firstBox, goesOn));
      });
    }
    const column = (/** @type {number} */ which) =>
      Float64Array.from(ids, (_, box) => bounds[4 * box + which]);
    return {
      ids: Int32Array.from(ids),
      left: column(0),
      top: column(1),
      width: column(2),
      height: column(3),
      isExpanded: Uint8Array.from(ids, (id) => (this.#expanded.has(id) ? 1 : 0)),
      stubs: Uint16Array.from(stubs),
      boxOf,
      edges,
      firstEdge,
      totalWidth: root.width,
      totalHeight: root.height,
    };
  }

  /** Lay out a container, after the expanded ones in it. @param {number} container */
  #placeFrom(container) {
    const stack = [container];
    while (stack.length > 0) {
      const id = stack[stack.length - 1];
      if (this.#placed.has(id)) {
        stack.pop();
        continue;
      }
      const missing = Array.from(this.tree.children(id)).filter(
        (child) => this.#expanded.has(child) && !this.#placed.has(child),
      );
      if (missing.length > 0) {
        stack.push(...missing);
        continue;
      }
      const shapeOf = (/** @type {number} */ child) => this.#shape(child);
      const level = this.levels.build(id, (inner) => this.#expandedLevel(inner));
      const leastWidth = id === this.tree.root ? 0 : boxSize(this.tree, id, this.#measure).width;
      this.#placed.set(id, placeLevel(level, shapeOf, leastWidth));
      stack.pop();
    }
  }

  /** @param {number} id */
  #expandedLevel(id) {
    return this.#expanded.has(id) ? this.levelOf(id) : undefined;
  }

  /** @param {number} id */
  #shape(id) {
    const inside = this.#expanded.has(id) ? this.#placed.get(id) : undefined;
    return inside ?? { ...boxSize(this.tree, id, this.#measure), portOffsets: null };
  }
}

/**
 * @param {PlacedLevel} placed
 * @param {number} number
 * @param {Float64Array} route
 * @param {number} x
 * @param {number} y
 * @param {number} firstBox
 * @param {boolean} goesOn inside the box that it ends at
 * @returns {SceneEdge}
 */
function sceneEdge({ level, isBack }, number, route, x, y, firstBox, goesOn) {
  const edge = level.edges[number];
  const boxCount = level.boxes.length;
  const points = new Float64Array(route.length);
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < route.length; i += 2) {
    points[i] = route[i] + x;
    points[i + 1] = route[i + 1] + y;
    left = Math.min(left, points[i]);
    right = Math.max(right, points[i]);
    top = Math.min(top, points[i + 1]);
    bottom = Math.max(bottom, points[i + 1]);
  }
  return {
    edge,
    container: level.container,
    points,
    isBack: isBack[number] === 1,
    hasArrow: edge.to < boxCount && !goesOn,
    from: edge.from < boxCount ? firstBox + edge.from : -1,
    to: edge.to < boxCount ? firstBox + edge.to : -1,
    left,
    top,
    right,
    bottom,
  };
}
