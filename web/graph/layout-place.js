import { groupBy } from "./group-by.js";

/** @typedef {import("./layout-chains.js").Layered} Layered */

/** Least distance between boxes of a rank, and from a bend to its neighbours. */
export const BOX_GAP = 26;
const BEND_GAP = 12;
const BEND_WIDTH = 4;
const SWEEPS = 8;
const LAST_SWEEPS = 4;
/** Weight of a node's present place where no neighbour pulls at it. */
const INERTIA = 0.01;
/**
 * Pull of a segment by the number of its ends that are bends, so that long edges run straight
 * (Gansner et al. 1993, section 4.1).
 */
const PULL = [1, 2, 8];

/**
 * X coordinate of the centre of each node: sweeps over the ranks in which each rank takes the
 * places nearest to what its neighbours above, below, and in the end both ask for. With the order
 * and the gaps fixed, the nearest places in least squares are an isotonic regression, found by
 * pooling adjacent violators (Ayer et al., Annals of Mathematical Statistics 1955).
 *
 * @param {Layered} graph
 * @param {Int32Array[]} ranks nodes per rank, from left to right
 * @param {Float64Array} width of the real nodes
 * @returns {Float64Array}
 */
export function placeAcross(graph, ranks, width) {
  const { count, realCount, upper, lower, upperOffset, lowerOffset } = graph;
  const above = { index: groupBy(lower, count), ends: upper, own: lowerOffset, other: upperOffset };
  const below = { index: groupBy(upper, count), ends: lower, own: upperOffset, other: lowerOffset };
  const x = new Float64Array(count);
  const target = new Float64Array(count);
  const weight = new Float64Array(count);
  const shifts = ranks.map((nodes) => leastPlaces(nodes, width, realCount));
  ranks.forEach((nodes, r) => {
    const middle = shifts[r].length > 0 ? shifts[r][shifts[r].length - 1] / 2 : 0;
    nodes.forEach((node, i) => (x[node] = shifts[r][i] - middle));
  });

  /** @param {number} r @param {(typeof above)[]} sides */
  const settle = (r, sides) => {
    for (const node of ranks[r]) {
      let sum = x[node] * INERTIA;
      let total = INERTIA;
      for (const { index, ends, own, other } of sides) {
        const [start, segments] = index;
        for (let i = start[node]; i < start[node + 1]; i++) {
          const segment = segments[i];
          const end = ends[segment];
          const pull = PULL[(node >= realCount ? 1 : 0) + (end >= realCount ? 1 : 0)];
          sum += pull * (x[end] + (other[segment] || 0) - (own[segment] || 0));
          total += pull;
        }
      }
      target[node] = sum / total;
      weight[node] = total;
    }
    placeNearest(ranks[r], shifts[r], target, weight, x);
  };
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    for (let r = 1; r < ranks.length; r++) settle(r, [above]);
    for (let r = ranks.length - 2; r >= 0; r--) settle(r, [below]);
  }
  for (let sweep = 0; sweep < LAST_SWEEPS; sweep++) {
    for (let r = 0; r < ranks.length; r++) settle(r, [above, below]);
    for (let r = ranks.length - 1; r >= 0; r--) settle(r, [above, below]);
  }
  straightenBends(graph, ranks, shifts, x);
  return x;
}

/**
 * Put the bends of a long edge exactly below each other, as far as their neighbours leave room.
 *
 * @param {Layered} graph
 * @param {Int32Array[]} ranks
 * @param {Float64Array[]} shifts places of each rank when packed
 * @param {Float64Array} x changed in place
 */
function straightenBends({ bends, rank }, ranks, shifts, x) {
  const place = new Int32Array(x.length);
  for (const nodes of ranks) nodes.forEach((node, i) => (place[node] = i));
  const done = new Uint8Array(x.length);
  for (const path of bends) {
    for (let first = 0; first < path.length;) {
      let [low, high] = [-Infinity, Infinity];
      let [sum, last] = [0, first];
      for (; last < path.length && !done[path[last]]; last++) {
        const nodes = ranks[rank[path[last]]];
        const shift = shifts[rank[path[last]]];
        const i = place[path[last]];
        const least = i > 0 ? x[nodes[i - 1]] + shift[i] - shift[i - 1] : -Infinity;
        const most = i + 1 < nodes.length ? x[nodes[i + 1]] - shift[i + 1] + shift[i] : Infinity;
        if (Math.max(low, least) > Math.min(high, most) + 1e-6) break;
        low = Math.max(low, least);
        high = Math.min(high, most);
        sum += x[path[last]];
      }
      const common = Math.max(low, Math.min(high, sum / (last - first)));
      for (let i = first; i < last; i++) {
        x[path[i]] = common;
        done[path[i]] = 1;
      }
      first = Math.max(last, first + 1);
    }
  }
}

/**
 * Places of a rank packed as closely as the gaps allow, from 0.
 *
 * @param {Int32Array} nodes
 * @param {Float64Array} width
 * @param {number} realCount
 */
function leastPlaces(nodes, width, realCount) {
  const places = new Float64Array(nodes.length);
  for (let i = 1; i < nodes.length; i++) {
    const [a, b] = [nodes[i - 1], nodes[i]];
    const gap = a < realCount && b < realCount ? BOX_GAP : BEND_GAP;
    const halves =
      ((a < realCount ? width[a] : BEND_WIDTH) + (b < realCount ? width[b] : BEND_WIDTH)) / 2;
    places[i] = places[i - 1] + halves + gap;
  }
  return places;
}

/**
 * Set x of the nodes to the places nearest to their targets that keep order and gaps.
 *
 * @param {Int32Array} nodes
 * @param {Float64Array} least places when packed; differences are the least distances
 * @param {Float64Array} target
 * @param {Float64Array} weight
 * @param {Float64Array} x result
 */
function placeNearest(nodes, least, target, weight, x) {
  /** Blocks of nodes that touch: mean, weight, first index after it. @type {number[]} */
  const means = [];
  /** @type {number[]} */
  const weights = [];
  /** @type {number[]} */
  const ends = [];
  for (let i = 0; i < nodes.length; i++) {
    let mean = target[nodes[i]] - least[i];
    let total = weight[nodes[i]];
    while (means.length > 0 && means[means.length - 1] > mean) {
      const pooled = /** @type {number} */ (weights.pop());
      mean = (mean * total + /** @type {number} */ (means.pop()) * pooled) / (total + pooled);
      total += pooled;
      ends.pop();
    }
    means.push(mean);
    weights.push(total);
    ends.push(i + 1);
  }
  for (let block = 0, i = 0; block < means.length; block++) {
    for (; i < ends[block]; i++) x[nodes[i]] = means[block] + least[i];
  }
}
