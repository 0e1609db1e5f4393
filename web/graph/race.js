import { drawRing } from "./draw.js";
import { boundsOf } from "./pick.js";
import { TITLE_HEIGHT } from "./sizes.js";

/** @typedef {import("./scene.js").Scene} Scene */
/** @typedef {import("./draw.js").Picture} Picture */
/** @typedef {[number, number, number, number, number, number, number, number]} Curve x, y of its points */

const DASH = [7, 5];
const REACH = 56;
/** Less room than this between two boxes is none for a label. */
const LEAST_GAP = 150;

/**
 * Two ops that nothing orders.
 *
 * @typedef {object} RacingOps
 * @property {number} first op
 * @property {number} second op
 * @property {string} label what is written on the line
 * @property {string} description for who does not see the drawing
 */

/**
 * The edge that is not there: a dashed line between two ops, on the canvas, with its label as an
 * element above it.
 */
export class RaceMark {
  /** @type {RacingOps|null} */
  #ops = null;
  /** World point of the label, where the race is drawn. @type {{x: number, y: number}|null} */
  #place = null;

  /** @param {HTMLElement} host */
  constructor(host) {
    this.element = document.createElement("div");
    this.element.className = "graph-race";
    this.element.setAttribute("role", "img");
    this.element.hidden = true;
    host.append(this.element);
  }

  get ops() {
    return this.#ops;
  }

  /** @param {RacingOps|null} ops */
  set(ops) {
    this.#ops = ops;
    this.element.textContent = ops?.label ?? "";
    this.element.setAttribute("aria-label", ops?.description ?? "");
    if (ops === null) this.element.hidden = true;
  }

  /**
   * @param {CanvasRenderingContext2D} context in world coordinates
   * @param {Picture} picture
   * @param {(op: number) => number} boxOf the box that shows an op
   */
  draw(context, picture, boxOf) {
    this.#place = null;
    if (this.#ops === null) return;
    const { scene, theme, view } = picture;
    const [first, second] = [boxOf(this.#ops.first), boxOf(this.#ops.second)];
    if (first < 0 || second < 0) return;
    const colour = theme["--race"];
    for (const box of new Set([first, second])) drawRing(context, picture, box, colour, 5);
    const curve = curveBetween(scene, first, second);
    const [x0, y0, x1, y1, x2, y2, x3, y3] = curve;
    this.#place = { x: (x0 + 3 * x1 + 3 * x2 + x3) / 8, y: (y0 + 3 * y1 + 3 * y2 + y3) / 8 };
    if (first === second) return;
    drawRaceLine(context, curve, colour, view.k);
  }

  /** Bring the label to where the line is. @param {import("./camera.js").View} view */
  look({ x, y, k }) {
    const place = this.#place;
    this.element.hidden = place === null;
    if (place === null) return;
    this.element.style.left = `${(x + k * place.x).toFixed(1)}px`;
    this.element.style.top = `${(y + k * place.y).toFixed(1)}px`;
  }
}

/**
 * The line of a race: dashed, with a dot at each end, as it leads neither way.
 *
 * @param {CanvasRenderingContext2D} context in world coordinates
 * @param {Curve} curve
 * @param {string} colour
 * @param {number} scale
 */
export function drawRaceLine(context, [x0, y0, x1, y1, x2, y2, x3, y3], colour, scale) {
  context.strokeStyle = context.fillStyle = colour;
  context.lineWidth = Math.max(2.4, 1.6 / scale);
  context.setLineDash(DASH);
  context.beginPath();
  context.moveTo(x0, y0);
  context.bezierCurveTo(x1, y1, x2, y2, x3, y3);
  context.stroke();
  context.setLineDash([]);
  context.beginPath();
  for (const [x, y] of [[x0, y0], [x3, y3]]) {
    context.moveTo(x, y);
    context.arc(x, y, Math.max(4, 3 / scale), 0, 2 * Math.PI);
  }
  context.fill();
}

/**
 * World bounds of two boxes and of the line between them.
 *
 * @param {Scene} scene
 * @param {number} first
 * @param {number} second
 */
export function boundsOfBoth(scene, first, second) {
  const [a, b] = [boundsOf(scene, first), boundsOf(scene, second)];
  const curve = curveBetween(scene, first, second);
  const xs = [a.left, a.right, b.left, b.right, curve[2], curve[4]];
  return {
    left: Math.min(...xs),
    top: Math.min(a.top, b.top),
    right: Math.max(...xs),
    bottom: Math.max(a.bottom, b.bottom, curve[3], curve[5]),
  };
}

/**
 * A Bézier curve between the sides of two boxes that face each other; below them where they are
 * too close for that, and between the right sides of two that stand one above the other. The eight
 * coordinates of its points.
 *
 * @param {Scene} scene
 * @param {number} first
 * @param {number} second
 * @returns {Curve}
 */
export function curveBetween(scene, first, second) {
  const [a, b] = [sidesOf(scene, first), sidesOf(scene, second)];
  if (a.right < b.left || b.right < a.left) {
    const isRightwards = a.right < b.left;
    const gap = isRightwards ? b.left - a.right : a.left - b.right;
    if (gap < LEAST_GAP && Math.abs(a.middle - b.middle) < REACH) {
      const y = Math.max(a.bottom, b.bottom) + REACH;
      return [a.centre, a.bottom, a.centre, y, b.centre, y, b.centre, b.bottom];
    }
    const [x0, x3] = isRightwards ? [a.right, b.left] : [a.left, b.right];
    const bend = Math.max(REACH / 2, Math.abs(x3 - x0) / 2) * (isRightwards ? 1 : -1);
    return [x0, a.middle, x0 + bend, a.middle, x3 - bend, b.middle, x3, b.middle];
  }
  const x = Math.max(a.right, b.right) + REACH;
  return [a.right, a.middle, x, a.middle, x, b.middle, b.right, b.middle];
}

/** @param {Scene} scene @param {number} box */
function sidesOf({ left, top, width, height, isExpanded }, box) {
  return {
    left: left[box],
    right: left[box] + width[box],
    centre: left[box] + width[box] / 2,
    bottom: top[box] + (isExpanded[box] ? TITLE_HEIGHT : height[box]),
    middle: top[box] + (isExpanded[box] ? TITLE_HEIGHT : height[box]) / 2,
  };
}
