/**
 * The timeline's picture: a lane per variable that the run wrote or raced on, below the lane of
 * steps.
 *
 * @typedef {object} TimelinePicture
 * @property {number} end the last step on the axis
 * @property {number} count steps recorded
 * @property {number} cursor
 * @property {number[]} failures
 * @property {TimelineLane[]} lanes
 * @property {ChosenRace | null} chosen the race that stands out
 * @property {number} scrolled how far the lanes are scrolled, in pixels; the steps stay
 *
 * @typedef {object} TimelineLane
 * @property {string} name
 * @property {readonly number[]} writes
 * @property {import("../state/race-marks.js").RaceLane | undefined} races
 *
 * @typedef {import("./timeline-drawing-races.js").ChosenRace} ChosenRace
 */
import { lowerBound } from "../state/lanes.js";
import { html } from "../ui/html.js";
import { apart, drawRaceMarks } from "./timeline-drawing-races.js";

export const LANE_HEIGHT = 20;
export const GUTTER = 132;
const MARGIN = 12;
/** Radius of the mark of a write. */
const MARK = 4;
/** How near to a mark the pointer points at it. */
const NEAR = 7;
/** On an axis of fewer steps, marks stand in the middle of their steps. */
const WIDE_STEPS = 200;
/** The bars of the lane of steps. */
const BAR = { top: 6, height: LANE_HEIGHT - 10 };
/** Half the width of the cursor's head, and how far it hangs down. */
const HEAD = { half: 5, depth: 7 };

/**
 * @param {number} step
 * @param {number} end
 * @param {number} width
 */
export function xOf(step, end, width) {
  return GUTTER + (step / Math.max(end, 1)) * (width - GUTTER - MARGIN);
}

/**
 * @param {number} x
 * @param {number} end
 * @param {number} width
 */
export function stepAt(x, end, width) {
  return Math.min(Math.max(Math.round(fractionalStep(x, end, width)), 0), end);
}

/** @param {number} x @param {number} end @param {number} width */
function fractionalStep(x, end, width) {
  return ((x - GUTTER) / (width - GUTTER - MARGIN)) * Math.max(end, 1);
}

/**
 * The lane at a height in the window; the lane of steps has none.
 * @param {Pick<TimelinePicture, "lanes" | "scrolled">} picture
 * @param {number} y
 * @returns {TimelineLane | undefined}
 */
export function laneAt({ lanes, scrolled }, y) {
  return y < LANE_HEIGHT ? undefined : lanes[Math.floor((y + scrolled) / LANE_HEIGHT) - 1];
}

/**
 * Where the mark of a step stands.
 * @param {number} step
 * @param {number} end
 * @param {number} width
 */
function markX(step, end, width) {
  return xOf(Math.min(step + (end < WIDE_STEPS ? 0.5 : 0), end), end, width);
}

/**
 * What marks stand for at `x`: the step, with its fraction, and how many steps around it are near.
 * @param {number} x
 * @param {number} end
 * @param {number} width
 */
export function marksAt(x, end, width) {
  const step = fractionalStep(x, end, width) - (end < WIDE_STEPS ? 0.5 : 0);
  return { step, reach: fractionalStep(x + NEAR, end, width) - fractionalStep(x, end, width) };
}

/**
 * How many steps share a pixel.
 * @param {number} end
 * @param {number} width
 */
function strideOf(end, width) {
  return Math.max(1, Math.floor(end / Math.max(1, xOf(end, end, width) - xOf(0, end, width))));
}

/**
 * How far the run has come, and where the cursor is: what changes with each step. Elements and not
 * strokes on the canvas above them, which would be painted anew.
 */
export const AXIS = html`
  <rect class="ground" width="100%" height="100%" />
  <rect class="axis" y=${BAR.top} height=${BAR.height} />
  <rect class="recorded" y=${BAR.top} height=${BAR.height} />
  <rect class="past" y=${BAR.top} height=${BAR.height} />
  <rect class="cursor" width="2" height="100%" />
  <path class="cursor" />
`;

/**
 * @param {SVGElement} svg holds `AXIS`
 * @param {number} width in pixels
 * @param {Pick<TimelinePicture, "end" | "count" | "cursor">} picture
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

/**
 * @param {CanvasRenderingContext2D} context scaled to CSS pixels
 * @param {number} width
 * @param {number} height
 * @param {TimelinePicture} picture
 * @param {(name: string) => string} colour value of a custom property
 */
export function drawTimeline(context, width, height, picture, colour) {
  const { end, count, cursor, failures, lanes, chosen, scrolled } = picture;
  const [first, last] = lanesInView(picture, height);
  const stride = strideOf(end, width);
  /** @param {number} step */
  const x = (step) => xOf(step, end, width);
  /** @param {number} step */
  const centre = (step) => markX(step, end, width);
  context.clearRect(0, 0, width, height);
  context.font = colour("--font-small");
  context.textBaseline = "middle";
  context.save();
  context.beginPath();
  context.rect(0, LANE_HEIGHT, width, height);
  context.clip();
  for (let lane = first; lane < last; lane++) {
    const { name, writes, races } = lanes[lane];
    const middle = LANE_HEIGHT * (lane + 1.5) - scrolled;
    context.fillStyle = colour("--text-muted");
    context.fillText(shortened(context, name, GUTTER - 16), 8, middle);
    context.fillStyle = colour("--line");
    context.fillRect(GUTTER, middle, width - GUTTER - MARGIN, 1);
    drawMarks(context, writes, middle, centre, stride, cursor, colour);
    if (races === undefined) continue;
    drawRaceMarks(context, races, chosen, middle, centre, stride, colour);
  }
  context.restore();
  drawSteps(context, end, x, colour);
  context.fillStyle = colour("--state-failed");
  for (const step of failures) {
    context.fillRect(x(step) - 1, 2, 3, LANE_HEIGHT - 4);
  }
  if (count === 0) {
    context.fillStyle = colour("--text-muted");
    context.fillText("No step has been executed yet.", GUTTER + 12, 1.5 * LANE_HEIGHT);
  }
}

/**
 * What of the picture is drawn, as a text: while it is the same, so is the drawing.
 *
 * @param {TimelinePicture} picture
 * @param {number} height
 */
export function drawingKey(picture, height) {
  const { end, count, cursor, failures, lanes, scrolled } = picture;
  const marks = lanes
    .slice(...lanesInView(picture, height))
    .map(({ writes, races }) => [
      writes.length, lowerBound(writes, cursor), races?.reads.length, races?.writes.length,
    ].join("/"));
  return [end, count === 0, failures.length, lanes.length, scrolled, ...marks].join();
}

/** @param {TimelinePicture} picture @param {number} height @returns {[number, number]} from, to */
function lanesInView({ lanes, scrolled }, height) {
  const last = Math.ceil((scrolled + height) / LANE_HEIGHT);
  return [Math.floor(scrolled / LANE_HEIGHT), Math.min(lanes.length, last)];
}

/**
 * The lane of steps, over the bars: its name, and gaps between steps that are wide enough.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {number} end
 * @param {(step: number) => number} x
 * @param {(name: string) => string} colour
 */
function drawSteps(context, end, x, colour) {
  const { top, height } = BAR;
  context.fillStyle = colour("--text-muted");
  context.fillText("steps", 8, top + height / 2);
  if (x(1) - x(0) < 6) return;
  context.fillStyle = colour("--surface");
  for (let step = 1; step < end; step++) context.fillRect(Math.round(x(step)), top, 1, height);
}

/**
 * Marks at the writes; those that fall on one pixel are drawn once.
 * @param {CanvasRenderingContext2D} context
 * @param {readonly number[]} writes
 * @param {number} middle
 * @param {(step: number) => number} x where the mark of a step stands
 * @param {number} stride steps that share a pixel
 * @param {number} cursor
 * @param {(name: string) => string} colour
 */
function drawMarks(context, writes, middle, x, stride, cursor, colour) {
  for (const step of apart(writes, stride)) {
    context.fillStyle = colour(step < cursor ? "--state-done" : "--text-muted");
    context.beginPath();
    context.arc(x(step), middle, MARK, 0, 2 * Math.PI);
    context.fill();
  }
}

/**
 * The end of a name, which tells more than its beginning.
 * @param {CanvasRenderingContext2D} context
 * @param {string} name
 * @param {number} width
 */
function shortened(context, name, width) {
  if (context.measureText(name).width <= width) return name;
  let from = 0;
  while (from < name.length && context.measureText(`…${name.slice(from)}`).width > width) from++;
  return `…${name.slice(from)}`;
}
