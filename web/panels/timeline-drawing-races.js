/**
 * The marks of races on the lanes of the timeline: a ring around what a racing access wrote, a
 * diamond where one only read.
 *
 * @typedef {import("../state/race-marks.js").Access} Access
 * @typedef {import("../state/race-marks.js").RaceLane} RaceLane
 *
 * @typedef {object} ChosenRace
 * @property {string} variable
 * @property {readonly Access[]} accesses
 */
import { lowerBound } from "../state/lanes.js";

/** Of the ring, and of the diamond from its centre to its corners. */
const RADIUS = 6.5;
const FADED = 0.3;

/**
 * @param {CanvasRenderingContext2D} context
 * @param {RaceLane} lane
 * @param {ChosenRace | null} chosen whose marks stand out; the others fade
 * @param {number} middle of the lane
 * @param {(step: number) => number} x where the mark of a step stands
 * @param {number} stride steps that share a pixel
 * @param {(name: string) => string} colour value of a custom property
 */
export function drawRaceMarks(context, lane, chosen, middle, x, stride, colour) {
  context.strokeStyle = colour("--race");
  context.fillStyle = colour("--surface");
  context.lineWidth = 1.75;
  context.globalAlpha = chosen === null ? 1 : FADED;
  for (const step of apart(lane.reads, stride)) drawDiamond(context, x(step), middle, RADIUS - 1.5);
  for (const step of apart(lane.writes, stride)) drawRing(context, x(step), middle, RADIUS);
  context.globalAlpha = 1;
  if (chosen?.variable !== lane.variable) return;
  context.lineWidth = 3;
  for (const { steps, writes } of chosen.accesses) {
    for (const step of apart(steps, stride)) {
      if (writes) drawRing(context, x(step), middle, RADIUS + 0.5);
      else drawDiamond(context, x(step), middle, RADIUS);
    }
  }
}

/**
 * Steps of which no two fall on one pixel.
 * @param {readonly number[]} ascending
 * @param {number} stride steps that share a pixel
 */
export function* apart(ascending, stride) {
  for (let at = 0; at < ascending.length; ) {
    yield ascending[at];
    at = stride === 1 ? at + 1 : Math.max(at + 1, lowerBound(ascending, ascending[at] + stride));
  }
}

/** @param {CanvasRenderingContext2D} context @param {number} x @param {number} y @param {number} radius */
function drawRing(context, x, y, radius) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.stroke();
}

/**
 * Hollow: what stands behind it is covered.
 * @param {CanvasRenderingContext2D} context
 * @param {number} x
 * @param {number} y
 * @param {number} radius
 */
function drawDiamond(context, x, y, radius) {
  context.beginPath();
  context.moveTo(x, y - radius);
  context.lineTo(x + radius, y);
  context.lineTo(x, y + radius);
  context.lineTo(x - radius, y);
  context.closePath();
  context.fill();
  context.stroke();
}
