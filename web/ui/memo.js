import { Component } from "../packages.js";

/**
 * A component that is drawn again only when one of its props is another value than before.
 * @template P
 * @param {(props: P) => import("../packages.js").ComponentChild} draw
 */
export function memo(draw) {
  /** @extends {Component<P>} */
  return class extends Component {
    /** @param {P} next */
    shouldComponentUpdate(next) {
      const before = /** @type {Record<string, unknown>} */ (this.props);
      const after = /** @type {Record<string, unknown>} */ (next);
      return Object.keys(after).some((name) => !Object.is(after[name], before[name]));
    }

    render() {
      return draw(/** @type {P} */ (this.props));
    }
  };
}
