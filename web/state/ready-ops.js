/**
 * The ops that could run next, as the server sends them: node, frame and iteration, three int32
 * each. A large graph has thousands of them at every step, so they are not made objects of.
 */
export class ReadyOps {
  #numbers;

  /** @param {ArrayBuffer} [bytes] */
  constructor(bytes = new ArrayBuffer(0)) {
    this.#numbers = new Int32Array(bytes);
  }

  /** Their nodes; one occurs as often as it is ready. */
  get nodes() {
    const nodes = new Int32Array(this.#numbers.length / 3);
    for (let i = 0; i < nodes.length; i++) nodes[i] = this.#numbers[3 * i];
    return nodes;
  }

  /**
   * The node of an instance, in the order in which they became ready.
   * @param {number} place
   * @returns {number | null} null where there are fewer
   */
  nodeAt(place) {
    return this.#numbers[3 * place] ?? null;
  }

  /**
   * The first instance of a node that is ready.
   * @param {number} node
   * @returns {Pick<import("./store.js").OpInstance, "op" | "frame" | "iteration"> | null}
   */
  find(node) {
    for (let i = 0; i < this.#numbers.length; i += 3) {
      if (this.#numbers[i] === node) {
        return { op: node, frame: this.#numbers[i + 1], iteration: this.#numbers[i + 2] };
      }
    }
    return null;
  }
}
