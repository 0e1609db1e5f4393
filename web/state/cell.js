/**
 * One observable value. Watchers are called at once, in the order in which they began to watch.
 * @template T
 */
export class Cell {
  /** @type {T} */
  #value;
  /** @type {Set<(value: T) => void>} */
  #watchers = new Set();

  /** @param {T} value */
  constructor(value) {
    this.#value = value;
  }

  get() {
    return this.#value;
  }

  /** @param {T} next */
  set(next) {
    if (Object.is(next, this.#value)) return;
    this.#value = next;
    for (const watcher of [...this.#watchers]) watcher(next);
  }

  /** @param {(value: T) => T} change */
  update(change) {
    this.set(change(this.#value));
  }

  /**
   * Call `watcher` now and after each change; the function returned stops it.
   * @param {(value: T) => void} watcher
   * @returns {() => void}
   */
  watch(watcher) {
    this.#watchers.add(watcher);
    watcher(this.#value);
    return () => {
      this.#watchers.delete(watcher);
    };
  }
}
