import { drawStateMark } from "./draw-marks.js";
import { callKind, drawTexts } from "./draw-texts.js";
import { outlineContainer, outlineOp } from "./shapes.js";
import { STATE_COLOURS } from "./theme.js";
import { OpKind, State } from "./types.js";

/** @typedef {import("./draw.js").Picture} Picture */
/** @typedef {import("./theme.js").Theme} Theme */

const DIMMED = 0.38;
/** Scale from which marks of states are drawn at the corners. */
const MARK_SCALE = 0.3;

const KIND_TINT = /** @type {Record<number, keyof Theme>} */ ({
  [OpKind.variable]: "--graph-variable",
  [OpKind.placeholder]: "--graph-placeholder",
  [OpKind.constant]: "--graph-constant",
  [OpKind.controlFlow]: "--graph-loop",
  [OpKind.write]: "--graph-write",
  [OpKind.none]: "--graph-constant",
});

/**
 * Expanded containers: sheets with a title bar, in order from outside to inside.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Picture} picture
 * @param {number[]} boxes
 */
export function drawSheets(context, picture, boxes) {
  const { scene, theme, states } = picture;
  for (const box of boxes) {
    const [x, y, w, h] = [scene.left[box], scene.top[box], scene.width[box], scene.height[box]];
    const state = states.state[box];
    context.beginPath();
    outlineContainer(context, x, y, w, h);
    context.fillStyle = theme["--graph-scope"];
    context.fill();
    context.strokeStyle = theme[state === State.failed ? "--state-failed" : "--graph-border"];
    context.lineWidth = 1.2;
    context.setLineDash(callKind(picture, box) ? [7, 4] : []);
    context.stroke();
    context.setLineDash([]);
  }
}

/**
 * Ops and collapsed containers.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Picture} picture
 * @param {number[]} boxes
 */
export function drawLeaves(context, picture, boxes) {
  const needed = boxes.filter((box) => !picture.states.isDimmed[box]);
  const dimmed = boxes.filter((box) => picture.states.isDimmed[box]);
  context.globalAlpha = DIMMED;
  drawBodies(context, picture, dimmed);
  drawTexts(context, picture, dimmed);
  context.globalAlpha = 1;
  drawBodies(context, picture, needed);
  drawTexts(context, picture, needed);
}

/** @param {CanvasRenderingContext2D} context @param {Picture} picture @param {number[]} boxes */
function drawBodies(context, picture, boxes) {
  const { theme, view, scene, states, tree } = picture;
  const alpha = context.globalAlpha;
  const stacked = boxes.filter((box) => tree.isContainer(scene.ids[box]));
  context.strokeStyle = theme["--graph-border"];
  context.fillStyle = theme["--graph-scope"];
  context.lineWidth = 1.2;
  context.beginPath();
  for (const box of stacked) {
    outlineContainer(
      context,
      scene.left[box] + 3,
      scene.top[box] + 3,
      scene.width[box],
      scene.height[box],
    );
  }
  context.fill();
  context.stroke();

  if (alpha < 1) {
    // Paper below, so that edges and sheets do not shine through.
    context.globalAlpha = 1;
    context.fillStyle = theme["--graph-bg"];
    fillAll(context, picture, boxes);
    context.globalAlpha = alpha;
  }
  for (const [style, members] of groupByStyle(picture, boxes)) {
    const { tint, strength, stroke, width, dash } = styles(style);
    context.fillStyle = theme["--graph-node"];
    fillAll(context, picture, members);
    if (tint) {
      context.globalAlpha = alpha * strength;
      context.fillStyle = theme[tint];
      fillAll(context, picture, members);
      context.globalAlpha = alpha;
    }
    context.strokeStyle = theme[stroke];
    context.lineWidth = Math.max(width, 0.7 / view.k);
    context.setLineDash(dash);
    outlineAll(context, picture, members);
    context.stroke();
    context.setLineDash([]);
  }
  drawKindSigns(context, picture, boxes);
  if (view.k < MARK_SCALE) return;
  for (const box of boxes) {
    const state = states.state[box];
    if (state === State.idle) continue;
    drawStateMark(
      context,
      state,
      scene.left[box] + scene.width[box] - 5,
      scene.top[box] + 4,
      theme,
    );
  }
}

/**
 * Boxes by what they look like, coded as state * 16 + kind + 1, and 0 for the kind of containers.
 *
 * @param {Picture} picture
 * @param {number[]} boxes
 * @returns {Map<number, number[]>}
 */
function groupByStyle({ scene, tree, states }, boxes) {
  /** @type {Map<number, number[]>} */
  const groups = new Map();
  for (const box of boxes) {
    const id = scene.ids[box];
    const kind = tree.isContainer(id) ? 0 : tree.model.opKind[id] + 1;
    const style = states.state[box] * 16 + kind;
    const group = groups.get(style);
    if (group) group.push(box);
    else groups.set(style, [box]);
  }
  return groups;
}

/**
 * @param {number} style
 * @returns {{tint: keyof Theme|null, strength: number, stroke: keyof Theme, width: number, dash: number[]}}
 */
function styles(style) {
  const state = style >> 4;
  const kind = (style & 15) - 1;
  const kindTint = KIND_TINT[kind] ?? null;
  const colour = STATE_COLOURS[state];
  switch (state) {
    case State.ready:
      return { tint: kindTint, strength: 0.14, stroke: colour, width: 2.2, dash: [5, 3] };
    case State.running:
      return { tint: colour, strength: 0.28, stroke: colour, width: 3.2, dash: [] };
    case State.done:
      return {
        tint: kindTint ?? colour,
        strength: kindTint ? 0.16 : 0.1,
        stroke: colour,
        width: 1.8,
        dash: [],
      };
    case State.dead:
      return { tint: colour, strength: 0.16, stroke: colour, width: 1.4, dash: [2, 3] };
    case State.failed:
      return { tint: colour, strength: 0.2, stroke: colour, width: 2.6, dash: [] };
    default:
      return {
        tint: kindTint,
        strength: 0.14,
        stroke: kindTint ?? "--graph-border",
        width: 1.3,
        dash: [],
      };
  }
}

/** @param {CanvasRenderingContext2D} context @param {Picture} picture @param {number[]} boxes */
function fillAll(context, picture, boxes) {
  outlineAll(context, picture, boxes);
  context.fill();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Picture} picture
 * @param {number[]} boxes
 * @param {number} [grow]
 */
function outlineAll(context, picture, boxes, grow = 0) {
  context.beginPath();
  for (const box of boxes) outlineBox(context, picture, box, grow);
}

/**
 * Add the outline of a box of any sort to the path.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Picture} picture
 * @param {number} box
 * @param {number} [grow]
 */
export function outlineBox(context, { scene, tree }, box, grow = 0) {
  const id = scene.ids[box];
  const [x, y, w, h] = [scene.left[box], scene.top[box], scene.width[box], scene.height[box]];
  if (tree.isContainer(id)) outlineContainer(context, x, y, w, h, grow);
  else outlineOp(context, tree.model.opKind[id], x, y, w, h, grow);
}

/**
 * Double outline of variables, bar of writers, tick towards hubs.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Picture} picture
 * @param {number[]} boxes
 */
function drawKindSigns(context, picture, boxes) {
  const { scene, tree, theme } = picture;
  const isKind = (/** @type {number} */ kind) => (/** @type {number} */ box) =>
    !tree.isContainer(scene.ids[box]) && tree.model.opKind[scene.ids[box]] === kind;
  context.lineWidth = 1;
  context.strokeStyle = theme["--graph-variable"];
  outlineAll(context, picture, boxes.filter(isKind(OpKind.variable)), -3.5);
  context.stroke();
  context.fillStyle = theme["--graph-write"];
  context.beginPath();
  for (const box of boxes.filter(isKind(OpKind.write))) {
    context.roundRect(scene.left[box] + 6, scene.top[box] + 9, 3.5, scene.height[box] - 18, 1.75);
  }
  context.fill();
  context.strokeStyle = context.fillStyle = theme["--graph-edge-control"];
  context.beginPath();
  for (const box of boxes) {
    if (scene.stubs[box] === 0) continue;
    const [x, y] = [scene.left[box] + scene.width[box], scene.top[box] + scene.height[box] / 2];
    const reach = tree.isContainer(scene.ids[box]) ? 14 : 11;
    context.moveTo(x, y);
    context.lineTo(x + reach - 2, y);
    context.moveTo(x + reach + 1, y);
    context.arc(x + reach - 1, y, 2, 0, 2 * Math.PI);
  }
  context.stroke();
}
