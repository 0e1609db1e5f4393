/**
 * A layered graph: every segment joins a rank with the next. Nodes from `realCount` on are bends
 * of long edges.
 *
 * @typedef {object} Layered
 * @property {number} realCount
 * @property {number} count
 * @property {number} rankCount
 * @property {Int32Array} rank per node
 * @property {Int32Array} upper per segment, its node in the higher-placed rank
 * @property {Int32Array} lower
 * @property {Float64Array} upperOffset per segment, where it meets the node, from its centre
 * @property {Float64Array} lowerOffset
 * @property {number[][]} bends per edge, the bend nodes on its way, downwards
 * @property {number[][]} segments per edge, its segments, downwards
 */

/**
 * @typedef {object} RankedEdges
 * @property {Int32Array} from the higher-placed end
 * @property {Int32Array} to
 * @property {Int32Array} fromLane edges of one node with the same lane may share their way
 * @property {Int32Array} toLane
 * @property {Float64Array} fromOffset fixed place on the node, from its centre; NaN where free
 * @property {Float64Array} toOffset
 */

const LANES = 64;

/**
 * Split edges over several ranks into segments. Edges that share an end share the bends next to
 * it: the end with more edges in the lane owns the way, and the others branch off in the last rank
 * before they end. So a tensor with a hundred consumers costs one bend per rank, not a hundred.
 *
 * @param {number} count nodes
 * @param {Int32Array} rank
 * @param {RankedEdges} edges
 * @returns {Layered}
 */
export function splitLongEdges(count, rank, edges) {
  const { from, to, fromLane, toLane } = edges;
  const ranks = Array.from(rank);
  const builder = new SegmentBuilder();
  const outDegree = countLanes(from, fromLane);
  const inDegree = countLanes(to, toLane);
  /** Bends of the way that an end owns, by rank. @type {Map<number, Map<number, number>>} */
  const ways = new Map();
  /** @type {number[][]} */
  const bends = [];
  /** @type {number[][]} */
  const segments = [];
  for (let edge = 0; edge < from.length; edge++) {
    const source = from[edge] * LANES + fromLane[edge];
    const target = to[edge] * LANES + toLane[edge];
    const ownedBySource = laneCount(outDegree, source) >= laneCount(inDegree, target);
    const owner = ownedBySource ? 2 * source : 2 * target + 1;
    const path = [];
    for (let value = rank[from[edge]] + 1; value < rank[to[edge]]; value++) {
      let way = ways.get(owner);
      if (!way) ways.set(owner, (way = new Map()));
      let bend = way.get(value);
      if (bend === undefined) {
        bend = ranks.length;
        ranks.push(value);
        way.set(value, bend);
      }
      path.push(bend);
    }
    bends.push(path);
    const stops = [from[edge], ...path, to[edge]];
    segments.push(
      stops
        .slice(1)
        .map((lower, i) =>
          builder.segment(
            stops[i],
            lower,
            i === 0 ? edges.fromOffset[edge] : 0,
            i === stops.length - 2 ? edges.toOffset[edge] : 0,
          ),
        ),
    );
  }
  return {
    realCount: count,
    count: ranks.length,
    rankCount: ranks.reduce((most, value) => Math.max(most, value + 1), 0),
    rank: Int32Array.from(ranks),
    bends,
    segments,
    ...builder.finish(),
  };
}

/** Segments without duplicates. */
class SegmentBuilder {
  /** @type {Map<string, number>} */
  #known = new Map();
  /** @type {number[]} */
  #upper = [];
  /** @type {number[]} */
  #lower = [];
  /** @type {number[]} */
  #upperOffset = [];
  /** @type {number[]} */
  #lowerOffset = [];

  /**
   * @param {number} upper
   * @param {number} lower
   * @param {number} upperOffset
   * @param {number} lowerOffset
   */
  segment(upper, lower, upperOffset, lowerOffset) {
    const key = `${upper} ${lower} ${upperOffset} ${lowerOffset}`;
    let segment = this.#known.get(key);
    if (segment === undefined) {
      segment = this.#upper.length;
      this.#known.set(key, segment);
      this.#upper.push(upper);
      this.#lower.push(lower);
      this.#upperOffset.push(upperOffset);
      this.#lowerOffset.push(lowerOffset);
    }
    return segment;
  }

  finish() {
    return {
      upper: Int32Array.from(this.#upper),
      lower: Int32Array.from(this.#lower),
      upperOffset: Float64Array.from(this.#upperOffset),
      lowerOffset: Float64Array.from(this.#lowerOffset),
    };
  }
}

/** @param {Int32Array} nodes @param {Int32Array} lanes @returns {Map<number, number>} */
function countLanes(nodes, lanes) {
  const counts = new Map();
  for (let edge = 0; edge < nodes.length; edge++) {
    const key = nodes[edge] * LANES + lanes[edge];
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

/** @param {Map<number, number>} counts @param {number} key */
function laneCount(counts, key) {
  return counts.get(key) ?? 0;
}
