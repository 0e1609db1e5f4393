import { outlineBox } from "./draw-boxes.js";
import { pointOnRoute } from "./shapes.js";
import { EdgeKind } from "./types.js";

/** @typedef {import("./draw.js").Picture} Picture */
/** @typedef {import("./ways.js").Ways} Ways */

const TRAVEL_MS = 460;
const PULSE_MS = 420;
/** Time in which heat falls to a third. */
const HEAT_MS = 260;
const LEAST_HEAT = 0.04;
/** More ops than that at once are shown as heat: dots would be a blur. */
const MOST_FOLLOWED = 16;
const MOST_DOTS = 140;
const MOST_DOTS_PER_OP = 12;
const DOT_RADIUS = 5;
const TRAIL = [0.055, 0.11, 0.165];

/**
 * What moves: a dot for each tensor that an op has just sent to a consumer, a pulse on the op, and
 * at high speed a heat on the boxes that fades. Costs nothing while nothing moves: `isActive` says
 * whether another frame is wanted.
 */
export class FlowAnimation {
  /** @type {{points: Float64Array, start: number}[]} */
  #dots = [];
  /** @type {Map<number, number>} start of the pulse by box */
  #pulses = new Map();
  /** @type {Map<number, number>} by box */
  #heat = new Map();
  #lastFrame = -1;

  /** @param {() => boolean} isStill whether motion is unwelcome: then there is heat only */
  constructor(isStill) {
    this.isStill = isStill;
  }

  get isActive() {
    return this.#dots.length > 0 || this.#pulses.size > 0 || this.#heat.size > 0;
  }

  /** Forget all: the places have changed. */
  clear() {
    this.#dots = [];
    this.#pulses.clear();
    this.#heat.clear();
  }

  /**
   * @param {ArrayLike<number>} nodes that have just executed, in order
   * @param {Ways} ways
   * @param {Uint8Array|null} needed per op; nothing flows to ops that the run does not need
   */
  add(nodes, ways, needed) {
    const asHeat = this.isStill() || nodes.length > MOST_FOLLOWED || this.#dots.length > MOST_DOTS;
    for (let i = 0; i < nodes.length; i++) {
      const box = ways.boxOf(nodes[i]);
      if (box < 0) continue;
      if (asHeat) this.#heat.set(box, 1);
      else {
        this.#pulses.set(box, -1);
        this.#send(nodes[i], ways, needed);
      }
    }
  }

  /** @param {number} node @param {Ways} ways @param {Uint8Array|null} needed */
  #send(node, ways, needed) {
    const { outStart, outEdges, edgeTo, edgeKind, anchors } = ways.builder.tree.model;
    const seen = new Set();
    for (let i = outStart[node]; i < outStart[node + 1] && seen.size < MOST_DOTS_PER_OP; i++) {
      const edge = outEdges[i];
      const target = edgeTo[edge];
      // A call is never needed itself, only what is in it.
      if (needed && !needed[target] && anchors[target] === target) continue;
      if (edgeKind[edge] === EdgeKind.control) continue;
      const points = ways.wayOf(edge);
      if (points === null) continue;
      // Edges drawn as one line, or that end at one box, need one dot.
      const end = points.subarray(-2).join();
      if (seen.has(end)) continue;
      seen.add(end);
      this.#dots.push({ points, start: -1 });
    }
  }

  /**
   * @param {CanvasRenderingContext2D} context in world coordinates
   * @param {Picture} picture
   * @param {number} now in ms
   */
  draw(context, picture, now) {
    const { theme, view } = picture;
    context.fillStyle = context.strokeStyle = theme["--flow"];
    this.#drawHeat(context, picture, now);
    this.#drawPulses(context, picture, now);
    const radius = Math.max(DOT_RADIUS, 3 / view.k);
    this.#dots = this.#dots.filter((dot) => {
      if (dot.start < 0) dot.start = now;
      const t = (now - dot.start) / TRAVEL_MS;
      if (t >= 1) return false;
      drawDot(context, dot.points, 1 - (1 - t) ** 1.6, radius);
      return true;
    });
    context.globalAlpha = 1;
    this.#lastFrame = this.isActive ? now : -1;
  }

  /** @param {CanvasRenderingContext2D} context @param {Picture} picture @param {number} now */
  #drawHeat(context, picture, now) {
    const fade = this.#lastFrame < 0 ? 1 : Math.exp(-(now - this.#lastFrame) / HEAT_MS);
    for (const [box, heat] of this.#heat) {
      const left = heat * fade;
      if (left < LEAST_HEAT) {
        this.#heat.delete(box);
        continue;
      }
      this.#heat.set(box, left);
      context.globalAlpha = 0.4 * left;
      context.beginPath();
      outlineBox(context, picture, box);
      context.fill();
    }
  }

  /** @param {CanvasRenderingContext2D} context @param {Picture} picture @param {number} now */
  #drawPulses(context, picture, now) {
    for (const [box, begun] of this.#pulses) {
      const start = begun < 0 ? now : begun;
      const t = (now - start) / PULSE_MS;
      if (t >= 1) {
        this.#pulses.delete(box);
        continue;
      }
      this.#pulses.set(box, start);
      context.globalAlpha = 0.8 * (1 - t);
      context.lineWidth = Math.max(3, 2 / picture.view.k);
      context.beginPath();
      outlineBox(context, picture, box, 3 + 9 * t);
      context.stroke();
    }
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Float64Array} points
 * @param {number} t
 * @param {number} radius
 */
function drawDot(context, points, t, radius) {
  TRAIL.forEach((behind, i) => {
    if (t < behind) return;
    const [x, y] = pointOnRoute(points, t - behind);
    context.globalAlpha = 0.45 - 0.13 * i;
    context.beginPath();
    context.arc(x, y, radius * (0.85 - 0.18 * i), 0, 2 * Math.PI);
    context.fill();
  });
  const [x, y] = pointOnRoute(points, t);
  context.globalAlpha = 1;
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fill();
}
