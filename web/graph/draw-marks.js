import { State } from "./types.js";
import { STATE_COLOURS } from "./theme.js";

/** @typedef {import("./theme.js").Theme} Theme */

const RADIUS = 8;

/**
 * The mark of a state at the corner of a box: a disc with a sign, so that colour is not the only cue.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {number} state one of `State`, not idle
 * @param {number} x of the disc's centre
 * @param {number} y
 * @param {Theme} theme
 */
export function drawStateMark(context, state, x, y, theme) {
  context.beginPath();
  context.arc(x, y, RADIUS, 0, 2 * Math.PI);
  context.fillStyle = theme[STATE_COLOURS[state]];
  context.fill();
  context.strokeStyle = theme["--graph-bg"];
  context.lineWidth = 1.5;
  context.stroke();
  context.strokeStyle = context.fillStyle = theme["--graph-bg"];
  context.lineWidth = 2;
  context.lineCap = "round";
  context.lineJoin = "round";
  context.beginPath();
  switch (state) {
    case State.ready:
      context.moveTo(x - 2.5, y - 4);
      context.lineTo(x + 4, y);
      context.lineTo(x - 2.5, y + 4);
      context.fill();
      break;
    case State.running:
      for (const dx of [-3.6, 0, 3.6]) context.roundRect(x + dx - 1.2, y - 1.2, 2.4, 2.4, 1.2);
      context.fill();
      break;
    case State.done:
      context.moveTo(x - 3.6, y + 0.2);
      context.lineTo(x - 1, y + 2.8);
      context.lineTo(x + 3.6, y - 2.6);
      context.stroke();
      break;
    case State.dead:
      context.moveTo(x - 3.6, y);
      context.lineTo(x + 3.6, y);
      context.stroke();
      break;
    case State.failed:
      context.moveTo(x - 2.8, y - 2.8);
      context.lineTo(x + 2.8, y + 2.8);
      context.moveTo(x + 2.8, y - 2.8);
      context.lineTo(x - 2.8, y + 2.8);
      context.stroke();
      break;
  }
  context.lineCap = "butt";
  context.lineJoin = "miter";
}

/**
 * The sign by which a container is expanded (+) or collapsed (-).
 *
 * @param {CanvasRenderingContext2D} context
 * @param {boolean} isExpanded
 * @param {number} x centre
 * @param {number} y
 * @param {string} colour
 */
export function drawToggle(context, isExpanded, x, y, colour) {
  context.strokeStyle = colour;
  context.lineWidth = 1.4;
  context.beginPath();
  context.roundRect(x - 6.5, y - 6.5, 13, 13, 4);
  context.moveTo(x - 3.2, y);
  context.lineTo(x + 3.2, y);
  if (!isExpanded) {
    context.moveTo(x, y - 3.2);
    context.lineTo(x, y + 3.2);
  }
  context.stroke();
}

/**
 * A small word in a box: how a variable is held.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {string} text
 * @param {number} right
 * @param {number} y middle
 * @param {string} colour
 * @param {string} paper
 */
export function drawBadge(context, text, right, y, colour, paper) {
  const width = context.measureText(text).width + 10;
  context.fillStyle = colour;
  context.beginPath();
  context.roundRect(right - width, y - 7, width, 14, 7);
  context.fill();
  context.fillStyle = paper;
  context.textAlign = "center";
  context.fillText(text, right - width / 2, y + 0.5);
}

/**
 * A bar of what is done of what the run needs.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {number} progress 0 .. 1
 * @param {number} x
 * @param {number} y
 * @param {number} width
 * @param {Theme} theme
 * @param {string} colour
 */
export function drawProgress(context, progress, x, y, width, theme, colour) {
  context.fillStyle = theme["--graph-border"];
  context.beginPath();
  context.roundRect(x, y, width, 4, 2);
  context.fill();
  if (progress <= 0) return;
  context.fillStyle = colour;
  context.beginPath();
  context.roundRect(x, y, Math.max(4, width * progress), 4, 2);
  context.fill();
}
