import { Component } from "../packages.js";
import { html } from "./html.js";
import { recall, remember } from "./settings.js";

const KEY_STEP = 16;

/**
 * @typedef {object} SplitterProps
 * @property {string} name of the size: the custom property `--size-NAME` of the document
 * @property {string} label
 * @property {"vertical" | "horizontal"} orientation of the bar itself
 * @property {1 | -1} direction 1 if the panel before the bar has the size, -1 if the one after it
 * @property {number} size the first size, in pixels
 * @property {number} min
 * @property {number} max
 */

/** A bar to resize the panel beside it; the size is remembered. @extends {Component<SplitterProps, { size: number }>} */
export class Splitter extends Component {
  /** @type {{ at: number, size: number } | null} */
  #drag = null;

  /** @param {SplitterProps} props */
  constructor(props) {
    super(props);
    const remembered = Number(recall(`size.${props.name}`));
    this.state = { size: this.#within(remembered > 0 ? remembered : props.size) };
    this.#apply(this.state.size);
  }

  /** @param {number} size */
  #within(size) {
    return Math.round(Math.min(Math.max(size, this.props.min), this.props.max));
  }

  /** @param {number} size */
  #apply(size) {
    document.documentElement.style.setProperty(`--size-${this.props.name}`, `${size}px`);
  }

  /** @param {number} wanted */
  #resize(wanted) {
    const size = this.#within(wanted);
    this.#apply(size);
    this.setState({ size });
    remember(`size.${this.props.name}`, String(size));
  }

  /** @param {PointerEvent} event */
  #at(event) {
    return this.props.orientation === "vertical" ? event.clientX : event.clientY;
  }

  render() {
    const { label, orientation, direction, size, min, max } = this.props;
    return html`<div
      class=${`splitter ${orientation}`}
      role="separator"
      tabindex="0"
      aria-label=${label}
      aria-orientation=${orientation}
      aria-valuemin=${min}
      aria-valuemax=${max}
      aria-valuenow=${this.state.size}
      title=${`${label} (double-click: as it was)`}
      onDblClick=${() => this.#resize(size)}
      onPointerDown=${(/** @type {any} */ event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        this.#drag = { at: this.#at(event), size: this.state.size };
      }}
      onPointerMove=${(/** @type {PointerEvent} */ event) => {
        if (this.#drag !== null) {
          this.#resize(this.#drag.size + direction * (this.#at(event) - this.#drag.at));
        }
      }}
      onPointerUp=${() => {
        this.#drag = null;
      }}
      onPointerCancel=${() => {
        this.#drag = null;
      }}
      onKeyDown=${(/** @type {KeyboardEvent} */ event) => {
        const keys = orientation === "vertical" ? ["ArrowLeft", "ArrowRight"] : ["ArrowUp", "ArrowDown"];
        const way = keys.indexOf(event.key);
        if (way < 0) return;
        event.preventDefault();
        this.#resize(this.state.size + direction * (way === 0 ? -KEY_STEP : KEY_STEP));
      }}
    ></div>`;
  }
}
