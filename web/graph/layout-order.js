import { groupBy } from "./group-by.js";

/** @typedef {import("./layout-chains.js").Layered} Layered */

const MOST_SWEEPS = 24;
const LEAST_SWEEPS = 4;
/** Segments times sweeps that a level may cost. */
const SWEEP_BUDGET = 60000;
/** So many sweeps are made even where nothing crosses. */
const BALANCING_SWEEPS = 2;
/** Sweeps without fewer crossings after which the search ends. */
const PATIENCE = 5;

/**
 * Order of the nodes in each rank, with few crossings: depth-first initial orders, then barycentre
 * sweeps down and up with exchanges of neighbours, keeping the best. (Sugiyama, Tagawa, Toda,
 * IEEE SMC 1981; initial order and transpositions: Gansner et al. 1993, section 3.)
 *
 * @param {Layered} graph
 * @returns {{ranks: Int32Array[], crossings: number}} nodes per rank, from left to right
 */
export function orderRanks(graph) {
  const orderer = new Orderer(graph);
  const sweeps = Math.max(
    LEAST_SWEEPS,
    Math.min(MOST_SWEEPS, Math.floor(SWEEP_BUDGET / (graph.upper.length + 1))),
  );
  const fromTop = orderer.improve(initialOrder(graph, true), sweeps);
  if (fromTop.crossings === 0) return fromTop;
  const fromBottom = orderer.improve(initialOrder(graph, false), sweeps);
  return fromBottom.crossings < fromTop.crossings ? fromBottom : fromTop;
}

/**
 * Ranks filled in the order of a depth-first search from the first or last rank.
 *
 * @param {Layered} graph
 * @param {boolean} downwards
 */
function initialOrder({ count, rankCount, rank, upper, lower }, downwards) {
  const [start, segments] = groupBy(downwards ? upper : lower, count);
  const ends = downwards ? lower : upper;
  const [rankStart, byRank] = groupBy(rank, rankCount);
  /** @type {number[][]} */
  const ranks = Array.from({ length: rankCount }, () => []);
  const visited = new Uint8Array(count);
  const stack = [];
  for (let step = 0; step < rankCount; step++) {
    const value = downwards ? step : rankCount - 1 - step;
    for (let i = rankStart[value]; i < rankStart[value + 1]; i++) {
      stack.push(byRank[i]);
      while (stack.length > 0) {
        const node = /** @type {number} */ (stack.pop());
        if (visited[node]) continue;
        visited[node] = 1;
        ranks[rank[node]].push(node);
        for (let s = start[node + 1] - 1; s >= start[node]; s--) {
          if (!visited[ends[segments[s]]]) stack.push(ends[segments[s]]);
        }
      }
    }
  }
  return ranks.map((nodes) => Int32Array.from(nodes));
}

/** Working memory for improving the orders of one graph. */
class Orderer {
  /** @param {Layered} graph */
  constructor(graph) {
    const { count, upper, lower } = graph;
    this.graph = graph;
    /** Segments by node: [above it, below it]. */
    this.sides = /** @type {const} */ ([
      { index: groupBy(lower, count), ends: upper, offsets: graph.upperOffset },
      { index: groupBy(upper, count), ends: lower, offsets: graph.lowerOffset },
    ]);
    this.position = new Int32Array(count);
    this.key = new Float64Array(count);
    this.sums = new Int32Array(count + 2);
  }

  /** @param {Int32Array[]} ranks changed in place @param {number} sweeps */
  improve(ranks, sweeps) {
    for (const nodes of ranks) this.#number(nodes);
    let best = ranks.map((nodes) => nodes.slice());
    let fewest = this.#crossings(ranks);
    for (let sweep = 0, idle = 0; sweep < sweeps && idle < PATIENCE; sweep++) {
      if (fewest === 0 && sweep >= BALANCING_SWEEPS) break;
      const side = sweep % 2 === 0 ? 0 : 1;
      for (let i = 1; i < ranks.length; i++) {
        const r = side === 0 ? i : ranks.length - 1 - i;
        this.#sortByBarycentre(ranks[r], side, ranks[side === 0 ? r - 1 : r + 1].length);
      }
      this.#transpose(ranks);
      const crossings = this.#crossings(ranks);
      idle = crossings < fewest ? 0 : idle + 1;
      // Of equals the later: sweeps also bring nodes nearer to their neighbours.
      if (crossings > fewest) continue;
      fewest = crossings;
      best = ranks.map((nodes) => nodes.slice());
    }
    return { ranks: best, crossings: fewest };
  }

  /** @param {Int32Array} nodes */
  #number(nodes) {
    for (let i = 0; i < nodes.length; i++) this.position[nodes[i]] = i;
  }

  /**
   * Nodes without neighbours on that side stay at their share of the rank.
   *
   * @param {Int32Array} nodes
   * @param {0|1} side
   * @param {number} length of the rank on that side
   */
  #sortByBarycentre(nodes, side, length) {
    const { index, ends, offsets } = this.sides[side];
    const [start, segments] = index;
    nodes.forEach((node, i) => {
      const degree = start[node + 1] - start[node];
      let sum = degree === 0 ? ((i + 0.5) / nodes.length) * length - 0.5 : 0;
      for (let s = start[node]; s < start[node + 1]; s++) {
        const segment = segments[s];
        // A fixed place on a wide box decides among the neighbours of that box.
        const lean = offsets[segment] > 0 ? 0.3 : offsets[segment] < 0 ? -0.3 : 0;
        sum += this.position[ends[segment]] + lean;
      }
      this.key[node] = sum / Math.max(1, degree);
    });
    nodes.sort((a, b) => this.key[a] - this.key[b] || this.position[a] - this.position[b]);
    this.#number(nodes);
  }

  /** Exchange neighbours while that removes crossings. @param {Int32Array[]} ranks */
  #transpose(ranks) {
    for (let pass = 0, improved = true; improved && pass < 4; pass++) {
      improved = false;
      for (const nodes of ranks) {
        for (let i = 0; i + 1 < nodes.length; i++) {
          const [a, b] = [nodes[i], nodes[i + 1]];
          if (this.#gain(a, b) <= 0) continue;
          nodes[i] = b;
          nodes[i + 1] = a;
          this.position[b] = i;
          this.position[a] = i + 1;
          improved = true;
        }
      }
    }
  }

  /** Crossings saved if b stood before a. @param {number} a @param {number} b */
  #gain(a, b) {
    let gain = 0;
    for (const { index, ends } of this.sides) {
      const [start, segments] = index;
      for (let i = start[a]; i < start[a + 1]; i++) {
        const left = this.position[ends[segments[i]]];
        for (let j = start[b]; j < start[b + 1]; j++) {
          gain += Math.sign(left - this.position[ends[segments[j]]]);
        }
      }
    }
    return gain;
  }

  /**
   * Crossings of segments, by an accumulator tree (Barth, Jünger, Mutzel, Graph Drawing 2002).
   *
   * @param {Int32Array[]} ranks
   */
  #crossings(ranks) {
    const { index, ends } = this.sides[1];
    const [start, segments] = index;
    let crossings = 0;
    for (let r = 0; r + 1 < ranks.length; r++) {
      const size = ranks[r + 1].length;
      const sums = this.sums.fill(0, 0, size + 1);
      let placed = 0;
      for (const node of ranks[r]) {
        for (let s = start[node]; s < start[node + 1]; s++) {
          let before = 0;
          for (let i = this.position[ends[segments[s]]] + 1; i > 0; i -= i & -i) before += sums[i];
          crossings += placed - before;
        }
        for (let s = start[node]; s < start[node + 1]; s++) {
          for (let i = this.position[ends[segments[s]]] + 1; i <= size; i += i & -i) sums[i]++;
          placed++;
        }
      }
    }
    return crossings;
  }
}
