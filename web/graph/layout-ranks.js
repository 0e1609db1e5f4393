import { groupBy } from "./group-by.js";

/**
 * Edges to turn round so that no cycle is left: those that lead back to a node on the path of a
 * depth-first search, which starts at nodes without predecessors and takes nodes and edges in
 * order. (Gansner, Koutsofios, North, Vo: "A Technique for Drawing Directed Graphs", IEEE TSE
 * 1993, section 2.1.) Edges that are known to close loops are left out of the search and turned
 * round where they lead upwards in what remains.
 *
 * @param {number} count nodes
 * @param {Int32Array} from
 * @param {Int32Array} to
 * @param {Uint8Array} closesLoop 1 per edge that is known to close a loop
 * @returns {Uint8Array} 1 per edge to turn round
 */
export function findBackEdges(count, from, to, closesLoop) {
  const [start, edges] = groupBy(from, count);
  const hasPredecessor = new Uint8Array(count);
  for (let edge = 0; edge < to.length; edge++) if (!closesLoop[edge]) hasPredecessor[to[edge]] = 1;
  const isBack = new Uint8Array(from.length);
  const next = start.slice();
  const onPath = new Uint8Array(count);
  const visited = new Uint8Array(count);
  const path = new Int32Array(count);
  /** Place in the order in which the search leaves nodes: without cycles, edges lead to smaller ones. */
  const left = new Int32Array(count);
  let leaving = 0;

  /** @param {number} root */
  const search = (root) => {
    let length = 0;
    path[length++] = root;
    visited[root] = onPath[root] = 1;
    while (length > 0) {
      const node = path[length - 1];
      if (next[node] === start[node + 1]) {
        onPath[node] = 0;
        left[node] = leaving++;
        length--;
        continue;
      }
      const edge = edges[next[node]++];
      const target = to[edge];
      if (closesLoop[edge]) continue;
      if (onPath[target]) isBack[edge] = 1;
      else if (!visited[target]) {
        visited[target] = onPath[target] = 1;
        path[length++] = target;
      }
    }
  };
  for (let node = 0; node < count; node++) if (!hasPredecessor[node]) search(node);
  for (let node = 0; node < count; node++) if (!visited[node]) search(node);
  for (let edge = 0; edge < from.length; edge++) {
    if (closesLoop[edge] && left[from[edge]] < left[to[edge]]) isBack[edge] = 1;
  }
  return isBack;
}

const TIGHTEN_PASSES = 8;

/**
 * Rank per node so that every edge leads to a higher rank: longest paths, then passes that move
 * nodes within their slack to shorten edges, a constant to just above its consumer for one. (The
 * aim of network simplex in Gansner et al. 1993, section 2.3, by local moves.)
 *
 * @param {number} count nodes
 * @param {Int32Array} from of an acyclic graph
 * @param {Int32Array} to
 * @param {Int8Array} pin -1: in the first rank, with nothing but others so pinned; 1: in the last; 0: free
 * @returns {Int32Array}
 */
export function assignRanks(count, from, to, pin) {
  const [outStart, outEdges] = groupBy(from, count);
  const [inStart, inEdges] = groupBy(to, count);
  const order = topologicalOrder(count, to, outStart, outEdges, inStart);
  const rank = new Int32Array(count);
  let last = 0;
  for (const node of order) {
    let value = pin[node] < 0 ? -1 : 0;
    for (let i = inStart[node]; i < inStart[node + 1]; i++) {
      value = Math.max(value, rank[from[inEdges[i]]] + 1);
    }
    rank[node] = value;
    if (pin[node] <= 0) last = Math.max(last, value);
  }
  for (let node = 0; node < count; node++) if (pin[node] > 0) rank[node] = last + 1;

  /** The rank in the node's slack where its edges are shortest. @param {number} node */
  const best = (node) => {
    let low = 0;
    let high = last;
    let above = 0;
    let below = 0;
    for (let i = inStart[node]; i < inStart[node + 1]; i++) {
      const other = from[inEdges[i]];
      low = Math.max(low, rank[other] + 1);
      if (pin[other] === 0) above++;
    }
    for (let i = outStart[node]; i < outStart[node + 1]; i++) {
      const other = to[outEdges[i]];
      high = Math.min(high, rank[other] - 1);
      if (pin[other] === 0) below++;
    }
    if (above === 0 && below === 0) return rank[node];
    return above > below ? low : high;
  };
  for (let pass = 0, moved = true; moved && pass < TIGHTEN_PASSES; pass++) {
    moved = false;
    for (let i = 0; i < count; i++) {
      const node = order[pass % 2 === 0 ? count - 1 - i : i];
      if (pin[node] !== 0) continue;
      const value = best(node);
      if (value !== rank[node]) moved = true;
      rank[node] = value;
    }
  }
  return compact(rank);
}

/**
 * @param {number} count
 * @param {Int32Array} to
 * @param {Int32Array} outStart
 * @param {Int32Array} outEdges
 * @param {Int32Array} inStart
 */
function topologicalOrder(count, to, outStart, outEdges, inStart) {
  const waiting = new Int32Array(count);
  const order = new Int32Array(count);
  let used = 0;
  for (let node = 0; node < count; node++) {
    waiting[node] = inStart[node + 1] - inStart[node];
    if (waiting[node] === 0) order[used++] = node;
  }
  for (let done = 0; done < used; done++) {
    const node = order[done];
    for (let i = outStart[node]; i < outStart[node + 1]; i++) {
      const target = to[outEdges[i]];
      if (--waiting[target] === 0) order[used++] = target;
    }
  }
  return order;
}

/** Ranks 0, 1, … without gaps, in the same order. @param {Int32Array} rank */
function compact(rank) {
  const used = [...new Set(rank)].sort((a, b) => a - b);
  const renumbered = new Map(used.map((value, index) => [value, index]));
  return rank.map((value) => /** @type {number} */ (renumbered.get(value)));
}

/**
 * Break ranks that are wider than `limit` into several, in index order. Nodes of one rank have no
 * edges among them, so all edges still lead to higher ranks.
 *
 * @param {Int32Array} rank changed in place
 * @param {Float64Array} width with the gap to the next node
 * @param {number} limit
 */
export function splitWideRanks(rank, width, limit) {
  const rankCount = rank.reduce((most, value) => Math.max(most, value + 1), 0);
  const [start, nodes] = groupBy(rank, rankCount);
  let shift = 0;
  for (let value = 0; value < rankCount; value++) {
    const members = nodes.subarray(start[value], start[value + 1]);
    const total = members.reduce((sum, node) => sum + width[node], 0);
    const parts = total > 1.25 * limit ? Math.ceil(total / limit) : 1;
    let filled = 0;
    let part = 0;
    for (const node of members) {
      if (filled > 0 && part < parts - 1 && filled + width[node] / 2 > (total / parts) * (part + 1))
        part++;
      filled += width[node];
      rank[node] = value + shift + part;
    }
    shift += part;
  }
}
