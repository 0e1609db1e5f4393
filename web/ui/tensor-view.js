import { HeatMap, Histogram, LineChart } from "./charts.js";
import { numberText, shapeText } from "./format.js";
import { html } from "./html.js";
import { decode } from "./tensor-data.js";

/** Vectors shorter than this are read in full as text and need no curve. */
const SHORTEST_CURVE = 8;

const STATS = ["min", "max", "mean", "nan", "inf", "zeros"];

/**
 * A tensor's value: text, statistics and a picture that suits its rank.
 * @param {{ tensor: import("../connection/protocol.d.ts").TensorResponse }} props
 */
export function TensorView({ tensor }) {
  const { step, kept, dtype, shape, text, summary, histogram } = tensor;
  if (step === null) return html`<p class="muted">Not computed yet.</p>`;
  if (!kept) return html`<p class="muted">Computed by step ${step}; the recording did not keep it.</p>`;
  const elements = shape.reduce((product, length) => product * length, 1);
  const { min, max } = summary;
  const several = elements > 1;
  return html`<div class="tensor">
    <p class="tensor-kind">
      <code>${dtype} ${shapeText(shape)}</code> <span class="muted">by step ${step}</span>
      ${health(summary)}
    </p>
    <pre class="tensor-text">${text}</pre>
    ${several &&
    min !== undefined &&
    html`<dl class="stats">
      ${STATS.filter((key) => summary[key] !== undefined).map(
        (key) => html`<div key=${key}><dt>${key}</dt><dd>${numberText(summary[key])}</dd></div>`,
      )}
    </dl>`}
    ${several &&
    histogram.length > 0 &&
    typeof min === "number" &&
    typeof max === "number" &&
    html`<${Histogram} counts=${histogram} low=${min} high=${max} />`}
    ${picture(tensor)}
  </div>`;
}

/** @param {Record<string, number | null>} summary */
function health({ nan, inf }) {
  if (nan) return html`<span class="pill bad">${numberText(nan)} NaN</span>`;
  if (inf) return html`<span class="pill bad">${numberText(inf)} infinite</span>`;
  return null;
}

/**
 * A curve for a vector, a heat map for the (first) matrix of anything larger.
 * @param {import("../connection/protocol.d.ts").TensorResponse} tensor
 */
function picture({ dtype, shape, data }) {
  if (data === null || data === undefined) return null;
  const numbers = decode(dtype, data);
  if (numbers === null || numbers.length === 0) return null;
  if (shape.length === 1) {
    return numbers.length < SHORTEST_CURVE ? null : html`<${LineChart} numbers=${numbers} />`;
  }
  if (shape.length < 2) return null;
  const columns = shape[shape.length - 1];
  const rows = Math.min(shape[shape.length - 2], Math.floor(numbers.length / columns));
  if (rows * columns < 4) return null;
  return html`<${HeatMap} numbers=${numbers} rows=${rows} columns=${columns} />`;
}
