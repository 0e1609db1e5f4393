import { drawLeaves, drawSheets, outlineBox } from "./draw-boxes.js";
import { drawEdges, highlightLines } from "./draw-edges.js";
import { drawTitles } from "./draw-texts.js";

/**
 * All that a frame shows.
 *
 * @typedef {object} Picture
 * @property {import("./scene.js").Scene} scene
 * @property {import("./tree.js").DisplayTree} tree
 * @property {import("./camera.js").View} view
 * @property {import("./box-states.js").BoxStates} states
 * @property {import("./theme.js").Theme} theme
 * @property {import("./text.js").TextMeasure} text
 * @property {number} selected box, or -1
 * @property {number} next box of the op that runs next, or -1
 * @property {import("./ways.js").HighlightLine[]} highlights lines of what is selected
 */

/** A canvas that fills its element, in device pixels. */
export class Surface {
  /** @param {HTMLCanvasElement} canvas @param {{isOpaque: boolean}} options */
  constructor(canvas, { isOpaque }) {
    const context = canvas.getContext("2d", { alpha: !isOpaque });
    if (!context)
      throw new Error("The browser gives no 2D drawing context, which the graph needs.");
    this.canvas = canvas;
    this.context = context;
    this.ratio = 1;
  }

  /** @param {number} width CSS pixels @param {number} height */
  resize(width, height) {
    this.ratio = window.devicePixelRatio || 1;
    this.canvas.width = Math.max(1, Math.round(width * this.ratio));
    this.canvas.height = Math.max(1, Math.round(height * this.ratio));
  }

  clear() {
    this.context.setTransform(1, 0, 0, 1, 0, 0);
    this.context.clearRect(0, 0, this.canvas.width, this.canvas.height);
  }

  /** World coordinates from here on. @param {import("./camera.js").View} view */
  look({ x, y, k }) {
    this.context.setTransform(k * this.ratio, 0, 0, k * this.ratio, x * this.ratio, y * this.ratio);
  }
}

/**
 * Draw the picture; only what is in the window costs.
 *
 * @param {Surface} surface
 * @param {Picture} picture
 * @returns {number} boxes drawn
 */
export function drawPicture(surface, picture) {
  const { context, canvas, ratio } = surface;
  const { scene, view, theme, states } = picture;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.fillStyle = theme["--graph-bg"];
  context.fillRect(0, 0, canvas.width, canvas.height);
  surface.look(view);
  const margin = 12;
  const window = {
    left: -view.x / view.k - margin,
    top: -view.y / view.k - margin,
    right: (canvas.width / ratio - view.x) / view.k + margin,
    bottom: (canvas.height / ratio - view.y) / view.k + margin,
  };
  /** @type {number[]} */
  const sheets = [];
  /** @type {number[]} */
  const leaves = [];
  for (let box = 0; box < scene.ids.length; box++) {
    const [left, top] = [scene.left[box], scene.top[box]];
    if (left > window.right || left + scene.width[box] < window.left) continue;
    if (top > window.bottom || top + scene.height[box] < window.top) continue;
    if (scene.isExpanded[box]) sheets.push(box);
    else leaves.push(box);
  }
  drawSheets(context, picture, sheets);
  drawEdges(context, scene.edges, window, view.k, theme, states.isDimmed);
  highlightLines(context, picture.highlights, view.k, theme["--graph-select"]);
  drawLeaves(context, picture, leaves);
  drawTitles(context, picture, sheets);
  if (picture.next >= 0) drawNext(context, picture);
  if (picture.selected >= 0)
    drawRing(context, picture, picture.selected, theme["--graph-select"], 4);
  return sheets.length + leaves.length;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Picture} picture
 * @param {number} box
 * @param {string} colour
 * @param {number} grow
 */
export function drawRing(context, picture, box, colour, grow) {
  context.strokeStyle = colour;
  context.lineWidth = Math.max(2.4, 2 / picture.view.k);
  context.beginPath();
  outlineBox(context, picture, box, grow);
  context.stroke();
}

/**
 * The op that runs next: a pointer at its left, and a ring.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Picture} picture
 */
function drawNext(context, picture) {
  const { scene, theme, next, view } = picture;
  drawRing(context, picture, next, theme["--graph-next"], 4);
  const size = Math.max(1, 0.6 / view.k);
  const x = scene.left[next] - 8;
  const y = scene.top[next] + (scene.isExpanded[next] ? 16 : scene.height[next] / 2);
  context.fillStyle = theme["--graph-next"];
  context.beginPath();
  context.moveTo(x, y);
  context.lineTo(x - 10 * size, y - 7 * size);
  context.lineTo(x - 10 * size, y + 7 * size);
  context.closePath();
  context.fill();
}
