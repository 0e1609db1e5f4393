import { html } from "./html.js";

const WIDTH = 84;
const HEIGHT = 18;
const MARGIN = 2;

/**
 * A curve of numbers, without axes; gaps where a number is null.
 * @param {{ values: (number | null)[], label: string }} props
 */
export function Sparkline({ values, label }) {
  const finite = values.filter((value) => value !== null);
  if (finite.length === 0) return null;
  const low = Math.min(...finite);
  const range = Math.max(...finite) - low;
  /** @param {number} at */
  const x = (at) =>
    values.length === 1 ? WIDTH / 2 : MARGIN + (at / (values.length - 1)) * (WIDTH - 2 * MARGIN);
  /** @param {number} value */
  const y = (value) =>
    range === 0 ? HEIGHT / 2 : HEIGHT - MARGIN - ((value - low) / range) * (HEIGHT - 2 * MARGIN);
  let path = "";
  let lifted = true;
  values.forEach((value, at) => {
    if (value !== null) path += `${lifted ? "M" : "L"}${x(at).toFixed(1)} ${y(value).toFixed(1)}`;
    lifted = value === null;
  });
  const lastAt = values.findLastIndex((value) => value !== null);
  return html`<svg
    class="sparkline"
    role="img"
    aria-label=${label}
    viewBox=${`0 0 ${WIDTH} ${HEIGHT}`}
    width=${WIDTH}
    height=${HEIGHT}
  >
    <path d=${path} />
    <circle cx=${x(lastAt)} cy=${y(/** @type {number} */ (values[lastAt]))} r="2" />
  </svg>`;
}
