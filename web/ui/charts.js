import { Component, createRef } from "../packages.js";
import { numberText } from "./format.js";
import { html } from "./html.js";

const WIDTH = 280;
const HEIGHT = 56;

/**
 * Bars for the counts of equal bins between two numbers.
 * @param {{ counts: number[], low: number, high: number }} props
 */
export function Histogram({ counts, low, high }) {
  const most = Math.max(...counts, 1);
  const step = WIDTH / counts.length;
  const total = counts.reduce((sum, count) => sum + count, 0);
  return html`<figure class="chart">
    <svg
      role="img"
      aria-label=${`Histogram of ${total} elements between ${numberText(low)} and ${numberText(high)}`}
      viewBox=${`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
    >
      ${counts.map((count, at) => {
        const height = count === 0 ? 0 : Math.max(1.5, (count / most) * (HEIGHT - 2));
        return html`<rect
          key=${at}
          class="bar"
          x=${at * step + 0.5}
          y=${HEIGHT - height}
          width=${step - 1}
          height=${height}
        />`;
      })}
    </svg>
    <figcaption><span>${numberText(low)}</span><span>${numberText(high)}</span></figcaption>
  </figure>`;
}

/**
 * A curve of a vector's elements.
 * @param {{ numbers: Float64Array }} props
 */
export function LineChart({ numbers }) {
  const finite = numbers.filter(Number.isFinite);
  if (finite.length === 0) return null;
  const low = finite.reduce((a, b) => Math.min(a, b));
  const range = finite.reduce((a, b) => Math.max(a, b)) - low || 1;
  const stride = Math.max(1, Math.ceil(numbers.length / (2 * WIDTH)));
  let path = "";
  for (let at = 0; at < numbers.length; at += stride) {
    if (!Number.isFinite(numbers[at])) continue;
    const x = (at / Math.max(1, numbers.length - 1)) * WIDTH;
    const y = HEIGHT - 2 - ((numbers[at] - low) / range) * (HEIGHT - 4);
    path += `${path === "" ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`;
  }
  return html`<figure class="chart">
    <svg role="img" aria-label=${`Curve of ${numbers.length} elements`} viewBox=${`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none">
      <path class="curve" d=${path} />
    </svg>
  </figure>`;
}

/**
 * @typedef {object} HeatMapProps
 * @property {Float64Array} numbers row by row
 * @property {number} rows
 * @property {number} columns
 */

/** A matrix, a pixel per element: blue below zero, orange above. @extends {Component<HeatMapProps>} */
export class HeatMap extends Component {
  /** @type {import("../packages.js").RefObject<HTMLCanvasElement | null>} */
  #canvas = createRef();

  componentDidMount() {
    this.#draw();
  }

  componentDidUpdate() {
    this.#draw();
  }

  #draw() {
    const canvas = this.#canvas.current;
    const context = canvas?.getContext("2d");
    if (!canvas || !context) return;
    const { numbers, rows, columns } = this.props;
    const image = context.createImageData(columns, rows);
    let most = 0;
    for (const value of numbers) if (Number.isFinite(value)) most = Math.max(most, Math.abs(value));
    for (let at = 0; at < rows * columns; at++) image.data.set(heat(numbers[at], most), 4 * at);
    context.putImageData(image, 0, 0);
  }

  render() {
    const { rows, columns } = this.props;
    return html`<canvas
      ref=${this.#canvas}
      class="heat-map"
      role="img"
      aria-label=${`Heat map of ${rows} by ${columns} elements`}
      width=${columns}
      height=${rows}
      style=${{ aspectRatio: `${Math.min(columns / rows, 12)}` }}
    ></canvas>`;
  }
}

const NEUTRAL = [128, 132, 140];
const ABOVE = [245, 150, 40];
const BELOW = [60, 130, 246];
const NOT_FINITE = [220, 40, 60, 255];

/**
 * @param {number} value
 * @param {number} most the largest absolute value
 */
function heat(value, most) {
  if (!Number.isFinite(value)) return NOT_FINITE;
  const share = most === 0 ? 0 : Math.abs(value) / most;
  const towards = value < 0 ? BELOW : ABOVE;
  const colour = NEUTRAL.map((from, at) => Math.round(from + share * (towards[at] - from)));
  return [...colour, 60 + Math.round(195 * share)];
}
