/**
 * Which variables an op may write: its mutating inputs, followed back to the variable's node.
 *
 * @typedef {import("./graph-data.d.ts").GraphData} GraphData
 */

/** How far to follow ops that pass a reference on (Identity, Switch, Enter, ...). */
const LONGEST_CHAIN = 64;

export class Writers {
  /** Sources of an op's mutating inputs. @type {Map<number, number[]>} */
  #sources = new Map();
  /** First data source of each node, or -1. */
  #first;
  /** Variable's place in `graph.variables` by node. @type {Map<number, number>} */
  #variables = new Map();
  /** @type {Map<number, number[]>} */
  #known = new Map();

  /** @param {GraphData} graph */
  constructor({ nodes, edges, mutating, variables }) {
    this.#first = new Int32Array(nodes.name.length).fill(-1);
    for (let at = edges.length - 4; at >= 0; at -= 4) {
      if (edges[at + 3] === 0 || this.#first[edges[at + 2]] < 0) {
        this.#first[edges[at + 2]] = edges[at];
      }
    }
    for (const edge of mutating) {
      const source = edges[4 * edge];
      const destination = edges[4 * edge + 2];
      const list = this.#sources.get(destination);
      if (list === undefined) this.#sources.set(destination, [source]);
      else list.push(source);
    }
    variables.forEach(({ node }, index) => this.#variables.set(node, index));
  }

  /**
   * Places in `graph.variables` of what `node` may write; empty where that cannot be told.
   * @param {number} node
   */
  of(node) {
    let found = this.#known.get(node);
    if (found === undefined) {
      found = [];
      for (const source of this.#sources.get(node) ?? []) {
        const variable = this.#follow(source);
        if (variable !== undefined && !found.includes(variable)) found.push(variable);
      }
      this.#known.set(node, found);
    }
    return found;
  }

  /** @param {number} source */
  #follow(source) {
    let node = source;
    for (let hops = 0; hops < LONGEST_CHAIN && node >= 0; hops++) {
      const variable = this.#variables.get(node);
      if (variable !== undefined) return variable;
      node = this.#first[node];
    }
    return undefined;
  }
}
