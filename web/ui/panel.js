/**
 * What panels have in common: they watch cells, and are drawn again in the next animation frame
 * after one of those has changed.
 *
 * @typedef {object} PanelProps
 * @property {import("../state/store.js").Store} store
 * @property {import("../state/actions.js").Actions} actions
 * @property {import("../state/sessions.js").Sessions} sessions
 */
import { Component, options } from "../packages.js";
import { onFrame } from "./frame.js";

options.debounceRendering = onFrame;

/**
 * @template [S=Record<string, never>]
 * @extends {Component<PanelProps, S>}
 */
export class Panel extends Component {
  /** @type {(() => void)[]} */
  #stops = [];
  /** @type {readonly unknown[] | null} */
  #shown = null;

  /**
   * The cells that the panel shows.
   * @returns {import("../state/cell.js").Cell<any>[]}
   */
  cells() {
    return [];
  }

  /**
   * What of the cells the panel shows, where that is much less than they hold: while it is the
   * same, the panel is not drawn again.
   * @returns {readonly unknown[] | null} null where every change shows
   */
  shows() {
    return null;
  }

  /** @returns {import("../packages.js").ComponentChild} */
  render() {
    return null;
  }

  componentDidMount() {
    for (const cell of this.cells()) this.watch(cell, () => this.#changed());
  }

  #changed() {
    const before = this.#shown;
    const now = (this.#shown = this.shows());
    if (before !== null && now?.every((value, i) => Object.is(value, before[i]))) return;
    this.forceUpdate();
  }

  componentWillUnmount() {
    for (const stop of this.#stops) stop();
    this.#stops = [];
  }

  /**
   * Watch a cell for as long as the panel is there.
   * @template T
   * @param {import("../state/cell.js").Cell<T>} cell
   * @param {(value: T) => void} watcher
   */
  watch(cell, watcher) {
    this.#stops.push(cell.watch(watcher));
  }

  /**
   * Undo something when the panel goes.
   * @param {() => void} stop
   */
  whenGone(stop) {
    this.#stops.push(stop);
  }
}
