import { IN, OUT, edgeKey } from "./levels.js";
import { TITLE_HEIGHT } from "./sizes.js";

/** @typedef {import("./scene.js").Scene} Scene */
/** @typedef {import("./scene.js").SceneBuilder} SceneBuilder */

/**
 * @typedef {object} HighlightLine
 * @property {Float64Array} points
 * @property {number} kind the last in `EdgeKind` of the edges that it stands for
 * @property {boolean} isSideways from side to side of boxes, where no line is drawn otherwise
 */

/** Finds the drawn lines that stand for edges of the graph, in one scene. */
export class Ways {
  /** @type {Map<number, Float64Array|null>} */
  #known = new Map();
  /** Edges for whose way no line is drawn. @type {Set<number>} */
  #hidden = new Set();

  /** @param {SceneBuilder} builder @param {Scene} scene */
  constructor(builder, scene) {
    this.builder = builder;
    this.scene = scene;
  }

  /**
   * The box that shows an op: its own, or the collapsed container around it; -1 if there is none.
   *
   * @param {number} op
   */
  boxOf(op) {
    const id = this.#visible(op);
    return id < 0 ? -1 : this.scene.boxOf[id];
  }

  /**
   * The way that a tensor takes along an edge, through the borders of expanded containers; null
   * if both ends are in one collapsed container.
   *
   * @param {number} edge
   * @returns {Float64Array|null}
   */
  wayOf(edge) {
    let way = this.#known.get(edge);
    if (way === undefined) this.#known.set(edge, (way = this.#find(edge)));
    return way;
  }

  /**
   * Whether the way of an edge is not drawn, because it leads to or from a hub.
   *
   * @param {number} edge
   */
  isHidden(edge) {
    return this.#hidden.has(edge);
  }

  /** @param {number} op */
  #visible(op) {
    const { tree } = this.builder;
    let id = tree.model.anchors[op];
    while (id >= 0 && this.scene.boxOf[id] < 0) id = tree.parents[id];
    return id;
  }

  /** @param {number} edge */
  #find(edge) {
    const { tree } = this.builder;
    const { edgeFrom, edgeTo } = tree.model;
    const source = this.#visible(edgeFrom[edge]);
    const target = this.#visible(edgeTo[edge]);
    const container = tree.levelOf(edge);
    if (container < 0 || source < 0 || target < 0 || source === target) return null;
    const out = this.#toBorder(source, container, OUT);
    const into = this.#toBorder(target, container, IN);
    const between = this.#line(container, out.id, out.port, into.id, into.port);
    /** @type {number[]} */
    const points = [];
    for (const piece of out.pieces) points.push(...piece);
    if (between) points.push(...between);
    for (const piece of into.pieces.reverse()) points.push(...piece);
    if (between && points.length >= 4) return Float64Array.from(points);
    this.#hidden.add(edge);
    return this.#direct(source, target);
  }

  /**
   * Lines from an op out to the level, or into the op from there.
   *
   * @param {number} id
   * @param {number} container
   * @param {0|1} side
   */
  #toBorder(id, container, side) {
    const { tree } = this.builder;
    /** @type {Float64Array[]} */
    const pieces = [];
    let port = 0;
    while (tree.parents[id] !== container) {
      const around = tree.parents[id];
      const level = this.builder.levelOf(around);
      const outer = level?.ports[side].indexOf(id, port) ?? 0;
      if (level && !level.ports[side].isMerged) {
        const pseudo = level.boxes.length + (side === OUT ? level.ports[IN].count : 0) + outer;
        const box = level.numbers.get(id) ?? 0;
        const key = side === OUT ? edgeKey(box, port, pseudo, 0) : edgeKey(pseudo, 0, box, port);
        const piece = this.#points(around, level.edgeNumbers.get(key));
        if (piece) pieces.push(piece);
      }
      id = around;
      port = outer;
    }
    return { id, port, pieces };
  }

  /**
   * @param {number} container
   * @param {number} from
   * @param {number} fromPort
   * @param {number} to
   * @param {number} toPort
   */
  #line(container, from, fromPort, to, toPort) {
    const level = this.builder.levelOf(container);
    const source = level?.numbers.get(from);
    const target = level?.numbers.get(to);
    if (!level || source === undefined || target === undefined) return null;
    return this.#points(
      container,
      level.edgeNumbers.get(edgeKey(source, fromPort, target, toPort)),
    );
  }

  /** @param {number} container @param {number|undefined} number */
  #points(container, number) {
    if (number === undefined) return null;
    return this.scene.edges[(this.scene.firstEdge.get(container) ?? 0) + number]?.points ?? null;
  }

  /**
   * From box to box where no line is drawn, to and from hubs: between the sides that face each
   * other.
   *
   * @param {number} source id
   * @param {number} target id
   */
  #direct(source, target) {
    const { boxOf } = this.scene;
    return sideToSide(this.scene, boxOf[source], boxOf[target]);
  }
}

/** @param {Scene} scene @param {number} from @param {number} to boxes */
function sideToSide({ left, top, width, height, isExpanded }, from, to) {
  const middle = (/** @type {number} */ box) =>
    top[box] + (isExpanded[box] ? TITLE_HEIGHT : height[box]) / 2;
  const isRightwards = left[to] + width[to] / 2 >= left[from] + width[from] / 2;
  return isRightwards
    ? Float64Array.of(left[from] + width[from], middle(from), left[to], middle(to))
    : Float64Array.of(left[from], middle(from), left[to] + width[to], middle(to));
}

const MOST_LINES = 150;

/**
 * The lines at a box, as far as they lead: through the borders of expanded containers, and to
 * hubs, to which lines are drawn on demand only.
 *
 * @param {Ways} ways
 * @param {number} box
 * @returns {HighlightLine[]}
 */
export function linesAt(ways, box) {
  const { scene, builder } = ways;
  const { tree } = builder;
  const { model } = tree;
  const id = scene.ids[box];
  /** By both ends, so that edges drawn as one give one line. @type {Map<string, HighlightLine>} */
  const lines = new Map();
  const add = (/** @type {number} */ edge) => {
    const points = lines.size < MOST_LINES ? ways.wayOf(edge) : null;
    if (points === null) return;
    const kind = model.edgeKind[edge];
    const key = `${points[0]} ${points[1]} ${points.subarray(-2).join(" ")}`;
    const known = lines.get(key);
    if (known) known.kind = Math.max(known.kind, kind);
    else lines.set(key, { points, kind, isSideways: ways.isHidden(edge) });
  };
  for (let place = tree.start[id]; place < tree.end[id]; place++) {
    const op = tree.ops[place];
    for (let i = model.outStart[op]; i < model.outStart[op + 1]; i++) add(model.outEdges[i]);
    for (let i = model.inStart[op]; i < model.inStart[op + 1]; i++) add(model.inEdges[i]);
  }
  return [...lines.values()];
}
