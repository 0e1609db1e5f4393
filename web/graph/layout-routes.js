import { groupBy } from "./group-by.js";

/** @typedef {import("./layout-chains.js").Layered} Layered */
/** @typedef {import("./layout-chains.js").RankedEdges} RankedEdges */

/** Height of the gap between ranks, and what it grows by for each pixel that an edge runs across. */
const RANK_GAP = 36;
const GAP_GROWTH = 0.07;
const MOST_GROWTH = 64;
/** The gap next to a rank that has no height: ends of edges on a border. */
const BORDER_GAP = 14;
/** Distance between the ends of edges on one side of a box, where the box is wide enough. */
const END_GAP = 16;
/** Distance of the ends of edges from the box's corners. */
const CORNER = 12;
/** Edges that are out of the vertical by less are straightened where the box allows it. */
const NEARLY_STRAIGHT = 14;

/**
 * Y coordinates, and the way of each edge. Edges run vertically beside the boxes of a rank and
 * across only in the gaps between ranks, so none passes under a box.
 *
 * @param {Layered} layered
 * @param {Int32Array[]} ranks
 * @param {Float64Array} x centre of each node
 * @param {RankedEdges} edges
 * @param {{width: Float64Array, height: Float64Array}} size of the real nodes
 */
export function routeEdges(layered, ranks, x, edges, { width, height }) {
  const { realCount, bends, segments } = layered;
  const ends = spreadEnds(layered, x, width);
  const { top, bottom } = rankBorders(layered, ranks, ends, height);
  const left = leftmost(x, width, realCount);

  const centreX = new Float64Array(realCount);
  const centreY = new Float64Array(realCount);
  let right = 0;
  for (let node = 0; node < realCount; node++) {
    const r = layered.rank[node];
    centreX[node] = x[node] - left;
    centreY[node] = (top[r] + bottom[r]) / 2;
    right = Math.max(right, centreX[node] + width[node] / 2);
  }
  for (let node = realCount; node < x.length; node++) right = Math.max(right, x[node] - left);

  const routes = bends.map((path, edge) => {
    const source = edges.from[edge];
    const target = edges.to[edge];
    const first = segments[edge][0];
    const last = segments[edge][segments[edge].length - 1];
    /** @type {number[]} */
    const points = [];
    addVertical(
      points,
      ends.upper[first] - left,
      centreY[source] + height[source] / 2,
      bottom[layered.rank[source]],
    );
    for (const bend of path) {
      const r = layered.rank[bend];
      addVertical(points, x[bend] - left, top[r], bottom[r]);
    }
    addVertical(
      points,
      ends.lower[last] - left,
      top[layered.rank[target]],
      centreY[target] - height[target] / 2,
    );
    return Float64Array.from(points);
  });
  return { x: centreX, y: centreY, width: right, height: bottom[bottom.length - 1], routes };
}

/** @param {number[]} points @param {number} x @param {number} from @param {number} to */
function addVertical(points, x, from, to) {
  points.push(x, from);
  if (to - from > 0.5) points.push(x, to);
}

/** @param {Float64Array} x @param {Float64Array} width @param {number} realCount */
function leftmost(x, width, realCount) {
  let left = Infinity;
  for (let node = 0; node < x.length; node++) {
    left = Math.min(left, node < realCount ? x[node] - width[node] / 2 : x[node]);
  }
  return left;
}

/**
 * X coordinate of both ends of each segment. Where the place is free, edges leave from the middle
 * of a box, and arrive beside each other in the order of their origins.
 *
 * @param {Layered} layered
 * @param {Float64Array} x
 * @param {Float64Array} width
 */
function spreadEnds(layered, x, width) {
  const { count, realCount, upper, lower, upperOffset, lowerOffset } = layered;
  const upperEnd = Float64Array.from(upper, (node, i) => x[node] + (upperOffset[i] || 0));
  const lowerEnd = Float64Array.from(lower, (node, i) => x[node] + (lowerOffset[i] || 0));
  const [start, arriving] = groupBy(lower, count);
  for (let node = 0; node < realCount; node++) {
    const free = Array.from(arriving.subarray(start[node], start[node + 1]));
    if (free.length === 0 || free.some((segment) => !Number.isNaN(lowerOffset[segment]))) continue;
    free.sort((a, b) => upperEnd[a] - upperEnd[b] || a - b);
    const room = Math.max(0, width[node] - 2 * CORNER);
    const gap = free.length > 1 ? Math.min(END_GAP, room / (free.length - 1)) : 0;
    free.forEach((segment, i) => {
      lowerEnd[segment] = x[node] + (i - (free.length - 1) / 2) * gap;
    });
    straighten(free, upperEnd, lowerEnd, x[node] - room / 2, x[node] + room / 2, gap / 2);
  }
  return { upper: upperEnd, lower: lowerEnd };
}

/**
 * Move ends that nearly stand below their origins to exactly below, if they keep their order.
 *
 * @param {number[]} sorted segments by place
 * @param {Float64Array} upperEnd
 * @param {Float64Array} lowerEnd
 * @param {number} least
 * @param {number} most
 * @param {number} gap
 */
function straighten(sorted, upperEnd, lowerEnd, least, most, gap) {
  sorted.forEach((segment, i) => {
    const wish = upperEnd[segment];
    if (Math.abs(wish - lowerEnd[segment]) > NEARLY_STRAIGHT || wish < least || wish > most) return;
    if (i > 0 && wish < lowerEnd[sorted[i - 1]] + gap) return;
    if (i + 1 < sorted.length && wish > lowerEnd[sorted[i + 1]] - gap) return;
    lowerEnd[segment] = wish;
  });
}

/**
 * Top and bottom of each rank.
 *
 * @param {Layered} layered
 * @param {Int32Array[]} ranks
 * @param {{upper: Float64Array, lower: Float64Array}} ends
 * @param {Float64Array} height
 */
function rankBorders({ realCount, rank, upper }, ranks, ends, height) {
  const across = new Float64Array(ranks.length);
  for (let segment = 0; segment < upper.length; segment++) {
    const r = rank[upper[segment]];
    across[r] = Math.max(across[r], Math.abs(ends.upper[segment] - ends.lower[segment]));
  }
  const tallest = ranks.map((nodes) =>
    nodes.reduce((most, node) => (node < realCount ? Math.max(most, height[node]) : most), 0),
  );
  const top = new Float64Array(ranks.length);
  const bottom = new Float64Array(ranks.length);
  let y = 0;
  ranks.forEach((_, r) => {
    top[r] = y;
    bottom[r] = y + tallest[r];
    const isBorder = tallest[r] === 0 || tallest[r + 1] === 0;
    y =
      bottom[r] +
      (isBorder ? BORDER_GAP : RANK_GAP) +
      Math.min(MOST_GROWTH, across[r] * GAP_GROWTH);
  });
  return { top, bottom };
}
