import { html } from "../ui/html.js";
import { LANE_HEIGHT, xOf } from "./timeline-drawing.js";

const TOP = 6;
const HEIGHT = LANE_HEIGHT - 10;
/** Half the width of the cursor's head, and how far it hangs down. */
const HEAD = { half: 5, depth: 7 };

/**
 * How far the run has come, and where the cursor is: what changes with each step. Elements and not
 * strokes on the canvas above, which would be painted anew for them.
 */
export const AXIS = html`
  <rect class="ground" width="100%" height="100%" />
  <rect class="axis" y=${TOP} height=${HEIGHT} />
  <rect class="recorded" y=${TOP} height=${HEIGHT} />
  <rect class="past" y=${TOP} height=${HEIGHT} />
  <rect class="cursor" width="2" height="100%" />
  <path class="cursor" />
`;

/**
 * @param {SVGElement} svg holds `AXIS`
 * @param {number} width in pixels
 * @param {{ end: number, count: number, cursor: number }} picture
 */
export function moveAxis(svg, width, { end, count, cursor }) {
  const [, axis, recorded, past, line, head] = svg.children;
  const start = xOf(0, end, width);
  for (const [bar, step] of /** @type {const} */ ([[axis, end], [recorded, count], [past, cursor]])) {
    bar.setAttribute("x", String(start));
    bar.setAttribute("width", String(xOf(step, end, width) - start));
  }
  const x = xOf(cursor, end, width);
  line.setAttribute("x", String(Math.round(x) - 1));
  head.setAttribute("d", `M${x - HEAD.half} 0h${2 * HEAD.half}l${-HEAD.half} ${HEAD.depth}z`);
}
