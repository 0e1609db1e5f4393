import { outlineRoute } from "./shapes.js";

/** @typedef {import("./scene.js").SceneEdge} SceneEdge */
/** @typedef {import("./camera.js").Bounds} Bounds */
/** @typedef {import("./theme.js").Theme} Theme */

const ARROW_LENGTH = 8;
const ARROW_WIDTH = 4;
const DIMMED = 0.3;
const DASH = [5, 4];
/** Below this scale arrowheads are left out. */
const ARROW_SCALE = 0.22;

/**
 * Edges that look alike, drawn at one go.
 *
 * @typedef {object} Batch
 * @property {keyof Theme} colour
 * @property {boolean} isDashed
 * @property {boolean} isDimmed
 * @property {boolean} marksWrite
 * @property {number} width
 * @property {SceneEdge[]} edges
 */

/**
 * @param {CanvasRenderingContext2D} context in world coordinates
 * @param {SceneEdge[]} edges
 * @param {Bounds} window
 * @param {number} scale
 * @param {Theme} theme
 * @param {Uint8Array} isDimmed per box
 */
export function drawEdges(context, edges, window, scale, theme, isDimmed) {
  /** @type {Map<string, Batch>} */
  const batches = new Map();
  for (const edge of edges) {
    if (!isIn(edge, window)) continue;
    const batch = batchOf(edge, isDimmed);
    const key = `${batch.colour} ${batch.isDashed} ${batch.isDimmed} ${batch.width}`;
    const known = batches.get(key);
    if (known) known.edges.push(edge);
    else batches.set(key, { ...batch, edges: [edge] });
  }
  for (const batch of batches.values()) drawBatch(context, batch, scale, theme);
  context.globalAlpha = 1;
  context.setLineDash([]);
}

/** @param {SceneEdge} edge @param {Bounds} window */
export function isIn(edge, window) {
  return (
    edge.left <= window.right &&
    edge.right >= window.left &&
    edge.top <= window.bottom &&
    edge.bottom >= window.top
  );
}

/** @param {SceneEdge} scene @param {Uint8Array} isDimmed */
function batchOf({ edge, from, to, isBack }, isDimmed) {
  return {
    colour: /** @type {keyof Theme} */ (
      edge.mutates
        ? "--graph-write"
        : isBack
          ? "--graph-loop"
          : edge.isControl
            ? "--graph-edge-control"
            : "--graph-edge"
    ),
    isDashed: edge.isControl,
    marksWrite: edge.mutates,
    isDimmed: (from >= 0 && isDimmed[from] === 1) || (to >= 0 && isDimmed[to] === 1),
    width: (edge.mutates ? 1.9 : 1.4) + Math.min(4, Math.floor(Math.log2(edge.count))) * 0.6,
  };
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Batch} batch
 * @param {number} scale
 * @param {Theme} theme
 */
function drawBatch(context, batch, scale, theme) {
  const hasArrows = scale > ARROW_SCALE;
  context.globalAlpha = batch.isDimmed ? DIMMED : 1;
  context.strokeStyle = context.fillStyle = theme[batch.colour];
  context.lineWidth = Math.max(batch.width, 0.8 / scale);
  context.setLineDash(batch.isDashed ? DASH : []);
  context.beginPath();
  for (const { points, hasArrow } of batch.edges) {
    outlineRoute(context, points, hasArrow && hasArrows ? ARROW_LENGTH - 1 : 0);
  }
  context.stroke();
  if (!hasArrows) return;
  context.setLineDash([]);
  context.beginPath();
  for (const edge of batch.edges) {
    if (edge.hasArrow) outlineArrow(context, edge.points, batch.marksWrite, batch.width);
  }
  context.fill();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Float64Array} points
 * @param {boolean} marksWrite adds a diamond before the head
 * @param {number} width
 */
function outlineArrow(context, points, marksWrite, width) {
  const x = points[points.length - 2];
  const y = points[points.length - 1];
  const direction = Math.sign(y - points[points.length - 3]) || 1;
  const half = ARROW_WIDTH + width / 2;
  const base = y - direction * (ARROW_LENGTH + width / 2);
  context.moveTo(x, y);
  context.lineTo(x - half, base);
  context.lineTo(x + half, base);
  context.closePath();
  if (!marksWrite) return;
  const far = base - direction * 10;
  context.moveTo(x, base);
  context.lineTo(x - half, (base + far) / 2);
  context.lineTo(x, far);
  context.lineTo(x + half, (base + far) / 2);
  context.closePath();
}

/**
 * Draw the lines of the selected box, on top of others and in one colour.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {import("./ways.js").HighlightLine[]} lines
 * @param {number} scale
 * @param {string} colour
 */
export function highlightLines(context, lines, scale, colour) {
  context.strokeStyle = context.fillStyle = colour;
  context.lineWidth = Math.max(2.2, 1.4 / scale);
  for (const { points, isControl, isSideways } of lines) {
    context.setLineDash(isControl ? DASH : []);
    context.beginPath();
    if (isSideways) outlineSideways(context, points);
    else outlineRoute(context, points, ARROW_LENGTH - 1);
    context.stroke();
    context.setLineDash([]);
    context.beginPath();
    if (isSideways) context.arc(points[2], points[3], ARROW_WIDTH, 0, 2 * Math.PI);
    else outlineArrow(context, points, false, 2.2);
    context.fill();
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Float64Array} points of two ends, at the sides of boxes
 */
function outlineSideways(context, [x0, y0, x1, y1]) {
  const reach = Math.max(20, Math.abs(x1 - x0) / 2) * Math.sign(x1 - x0 || 1);
  context.moveTo(x0, y0);
  context.bezierCurveTo(x0 + reach, y0, x1 - reach, y1, x1, y1);
}
