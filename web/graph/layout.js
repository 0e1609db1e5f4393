import { splitLongEdges } from "./layout-chains.js";
import { orderRanks } from "./layout-order.js";
import { BOX_GAP, placeAcross } from "./layout-place.js";
import { assignRanks, findBackEdges, splitWideRanks } from "./layout-ranks.js";
import { routeEdges } from "./layout-routes.js";

/**
 * One level to lay out: boxes, and edges between them.
 *
 * @typedef {object} LayoutInput
 * @property {number} count boxes
 * @property {Float64Array} width
 * @property {Float64Array} height
 * @property {Int8Array} pin -1: on the upper border; 1: on the lower border; 0: free
 * @property {Int32Array} from per edge
 * @property {Int32Array} to per edge, another box than `from`
 * @property {Int32Array} fromLane edges with the same box and lane may share their way; < 32
 * @property {Int32Array} toLane
 * @property {Float64Array} fromOffset fixed place on the box's lower side, from its centre; NaN: free
 * @property {Float64Array} toOffset likewise on its upper side
 * @property {Uint8Array} closesLoop 1 per edge that is known to close a loop
 */

/**
 * @typedef {object} Layout
 * @property {Float64Array} x centre of each box; everything lies within 0 .. width, 0 .. height
 * @property {Float64Array} y
 * @property {number} width
 * @property {number} height
 * @property {Float64Array[]} routes per edge, from source to destination: x, y of points that are
 *   joined by curves with vertical tangents
 * @property {Uint8Array} isBack 1 per edge that closes a cycle; it leads upwards
 * @property {number} crossings
 */

/** Share of width to height that a level aims at. */
const ASPECT = 1.7;
const PACK_GAP = 40;
/** Edges that close cycles meet the upper box beside its middle, by so much of its width. */
const BACK_OFFSET = 0.27;
const BACK_LANE = 32;
/** No rank is broken that is narrower than this. */
const LEAST_RANK_LIMIT = 1300;

/**
 * Layered drawing from top to bottom, of one level: cycles are broken, boxes ranked, ordered and
 * placed, edges routed through the gaps between boxes. Parts without connection are laid out on
 * their own and packed in rows. The same input gives the same result.
 *
 * @param {LayoutInput} input
 * @returns {Layout}
 */
export function layOut(input) {
  const isBack = findBackEdges(input.count, input.from, input.to, input.closesLoop);
  const parts = input.pin.some((pin) => pin !== 0) ? [allOf(input)] : findParts(input);
  if (parts.length === 1) return layOutPart(input, isBack);
  return pack(
    input,
    isBack,
    parts.map((part) => layOutPart(subgraph(input, part), isBackOf(isBack, part))),
    parts,
  );
}

/** @typedef {{nodes: number[], edges: number[]}} Part */

/** @param {LayoutInput} input @returns {Part} */
function allOf({ count, from }) {
  return {
    nodes: Array.from({ length: count }, (_, i) => i),
    edges: Array.from(from, (_, i) => i),
  };
}

/** Connected parts, in order of their first box. @param {LayoutInput} input @returns {Part[]} */
function findParts({ count, from, to }) {
  const leader = Int32Array.from({ length: count }, (_, i) => i);
  /** @param {number} node */
  const find = (node) => {
    while (leader[node] !== node) node = leader[node] = leader[leader[node]];
    return node;
  };
  for (let edge = 0; edge < from.length; edge++) {
    const [a, b] = [find(from[edge]), find(to[edge])];
    leader[Math.max(a, b)] = Math.min(a, b);
  }
  /** @type {Map<number, Part>} */
  const parts = new Map();
  for (let node = 0; node < count; node++) {
    const root = find(node);
    if (root === node) parts.set(root, { nodes: [], edges: [] });
    parts.get(root)?.nodes.push(node);
  }
  for (let edge = 0; edge < from.length; edge++) parts.get(find(from[edge]))?.edges.push(edge);
  return [...parts.values()];
}

/** @param {LayoutInput} input @param {Part} part @returns {LayoutInput} */
function subgraph(input, { nodes, edges }) {
  const number = new Map(nodes.map((node, i) => [node, i]));
  const renumber = (/** @type {number} */ node) => /** @type {number} */ (number.get(node));
  return {
    count: nodes.length,
    width: Float64Array.from(nodes, (node) => input.width[node]),
    height: Float64Array.from(nodes, (node) => input.height[node]),
    pin: Int8Array.from(nodes, (node) => input.pin[node]),
    from: Int32Array.from(edges, (edge) => renumber(input.from[edge])),
    to: Int32Array.from(edges, (edge) => renumber(input.to[edge])),
    fromLane: Int32Array.from(edges, (edge) => input.fromLane[edge]),
    toLane: Int32Array.from(edges, (edge) => input.toLane[edge]),
    fromOffset: Float64Array.from(edges, (edge) => input.fromOffset[edge]),
    toOffset: Float64Array.from(edges, (edge) => input.toOffset[edge]),
    closesLoop: Uint8Array.from(edges, (edge) => input.closesLoop[edge]),
  };
}

/** @param {Uint8Array} isBack @param {Part} part */
function isBackOf(isBack, { edges }) {
  return Uint8Array.from(edges, (edge) => isBack[edge]);
}

/** @param {LayoutInput} input @param {Uint8Array} isBack @returns {Layout} */
function layOutPart(input, isBack) {
  const { count, width, height } = input;
  if (count === 1) {
    const x = Float64Array.of(width[0] / 2);
    const y = Float64Array.of(height[0] / 2);
    return { x, y, width: width[0], height: height[0], routes: [], isBack, crossings: 0 };
  }
  const edges = pointDown(input, isBack);
  const rank = assignRanks(count, edges.from, edges.to, input.pin);
  const spaced = width.map((value) => value + BOX_GAP);
  splitWideRanks(rank, spaced, rankLimit(spaced, height));
  const layered = splitLongEdges(count, rank, edges);
  const { ranks, crossings } = orderRanks(layered);
  const x = placeAcross(layered, ranks, width);
  const routed = routeEdges(layered, ranks, x, edges, { width, height });
  for (let edge = 0; edge < isBack.length; edge++) {
    if (isBack[edge]) reversePoints(routed.routes[edge]);
  }
  return { ...routed, isBack, crossings };
}

/**
 * The edges, with those that close a cycle turned round.
 *
 * @param {LayoutInput} input
 * @param {Uint8Array} isBack
 */
function pointDown(input, isBack) {
  const edges = {
    from: input.from.slice(),
    to: input.to.slice(),
    fromLane: input.fromLane.slice(),
    toLane: input.toLane.slice(),
    fromOffset: input.fromOffset.slice(),
    toOffset: input.toOffset.slice(),
  };
  for (let edge = 0; edge < isBack.length; edge++) {
    if (!isBack[edge]) continue;
    edges.from[edge] = input.to[edge];
    edges.to[edge] = input.from[edge];
    // Ways of their own, beside those of other edges at the same boxes.
    edges.fromLane[edge] = input.toLane[edge] + BACK_LANE;
    edges.toLane[edge] = input.fromLane[edge] + BACK_LANE;
    const aside = input.width[input.to[edge]] * BACK_OFFSET;
    edges.fromOffset[edge] = Number.isNaN(input.toOffset[edge]) ? aside : input.toOffset[edge];
    edges.toOffset[edge] = input.fromOffset[edge];
  }
  return edges;
}

/**
 * Width that a rank may have for the whole to come near the aspect aimed at.
 *
 * @param {Float64Array} width
 * @param {Float64Array} height
 */
function rankLimit(width, height) {
  let area = 0;
  let widest = 0;
  for (let node = 0; node < width.length; node++) {
    area += width[node] * (height[node] + PACK_GAP);
    widest = Math.max(widest, width[node]);
  }
  return Math.max(LEAST_RANK_LIMIT, widest, Math.sqrt(area * ASPECT));
}

/** @param {Float64Array} points */
function reversePoints(points) {
  points.reverse();
  for (let i = 0; i < points.length; i += 2) {
    [points[i], points[i + 1]] = [points[i + 1], points[i]];
  }
}

/**
 * Parts in rows, the largest first.
 *
 * @param {LayoutInput} input
 * @param {Uint8Array} isBack
 * @param {Layout[]} layouts
 * @param {Part[]} parts
 * @returns {Layout}
 */
function pack(input, isBack, layouts, parts) {
  const order = layouts.map((_, i) => i);
  order.sort((a, b) => parts[b].nodes.length - parts[a].nodes.length || a - b);
  let area = 0;
  let limit = 0;
  for (const part of layouts) {
    area += (part.width + PACK_GAP) * (part.height + PACK_GAP);
    limit = Math.max(limit, part.width);
  }
  limit = Math.max(limit, Math.sqrt(area * ASPECT));
  const x = new Float64Array(input.count);
  const y = new Float64Array(input.count);
  /** @type {Float64Array[]} */
  const routes = new Array(input.from.length);
  let [left, top, bottom, right, crossings] = [0, 0, 0, 0, 0];
  for (const i of order) {
    const part = layouts[i];
    if (left > 0 && left + part.width > limit) {
      left = 0;
      top = bottom + PACK_GAP;
    }
    parts[i].nodes.forEach((node, k) => {
      x[node] = part.x[k] + left;
      y[node] = part.y[k] + top;
    });
    parts[i].edges.forEach((edge, k) => {
      routes[edge] = part.routes[k].map((value, c) => value + (c % 2 === 0 ? left : top));
    });
    right = Math.max(right, left + part.width);
    bottom = Math.max(bottom, top + part.height);
    left += part.width + PACK_GAP;
    crossings += part.crossings;
  }
  return { x, y, width: right, height: bottom, routes, isBack, crossings };
}
