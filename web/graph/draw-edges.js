import { outlineRoute } from "./shapes.js";
import { EdgeKind } from "./types.js";

/** @typedef {import("./scene.js").SceneEdge} SceneEdge */
/** @typedef {import("./camera.js").Bounds} Bounds */
/** @typedef {import("./theme.js").Theme} Theme */

const ARROW_LENGTH = 8;
const ARROW_WIDTH = 4;
const DIMMED = 0.3;
/** Below this scale arrowheads are left out, and lines are neither dotted nor double. */
const ARROW_SCALE = 0.22;
const MOST_WEIGHT = 4;

/**
 * How the lines of a kind look. What leads to the memory of a variable has a colour; as colour is
 * not to be the only cue, each kind has a form too.
 *
 * @typedef {object} Look
 * @property {keyof Theme} colour
 * @property {"solid"|"dashed"|"dotted"|"double"} form
 * @property {"none"|"bar"|"diamond"} mark behind the arrowhead
 */

/** By `EdgeKind`. @type {Look[]} */
const LOOKS = [];
LOOKS[EdgeKind.control] = { colour: "--graph-edge-control", form: "dashed", mark: "none" };
LOOKS[EdgeKind.value] = { colour: "--graph-edge", form: "solid", mark: "none" };
LOOKS[EdgeKind.handle] = { colour: "--graph-variable", form: "dotted", mark: "none" };
LOOKS[EdgeKind.alias] = { colour: "--graph-variable", form: "double", mark: "none" };
LOOKS[EdgeKind.ref] = { colour: "--graph-variable", form: "solid", mark: "bar" };
LOOKS[EdgeKind.mutating] = { colour: "--graph-write", form: "solid", mark: "diamond" };

/**
 * Edges that look alike, drawn at one go.
 *
 * @typedef {object} Batch
 * @property {number} kind
 * @property {boolean} isBack
 * @property {boolean} isDimmed
 * @property {number} weight the more, the wider
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
  /** @type {Map<number, Batch>} */
  const batches = new Map();
  for (const scene of edges) {
    if (!isIn(scene, window)) continue;
    const { edge, from, to, isBack } = scene;
    const fades = (from >= 0 && isDimmed[from] === 1) || (to >= 0 && isDimmed[to] === 1);
    const weight = Math.min(MOST_WEIGHT, Math.floor(Math.log2(edge.count)));
    const key = ((edge.kind * 2 + Number(isBack)) * 2 + Number(fades)) * (MOST_WEIGHT + 1) + weight;
    const known = batches.get(key);
    if (known) known.edges.push(scene);
    else batches.set(key, { kind: edge.kind, isBack, isDimmed: fades, weight, edges: [scene] });
  }
  for (const batch of batches.values()) drawBatch(context, batch, scale, theme);
  context.globalAlpha = 1;
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

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Batch} batch
 * @param {number} scale
 * @param {Theme} theme
 */
function drawBatch(context, { kind, isBack, isDimmed, weight, edges }, scale, theme) {
  const { colour, form, mark } = LOOKS[kind];
  const isWrite = kind === EdgeKind.mutating;
  const hasArrows = scale > ARROW_SCALE;
  const width = (isWrite ? 1.9 : 1.4) + weight * 0.6;
  context.globalAlpha = isDimmed ? DIMMED : 1;
  context.strokeStyle = context.fillStyle = theme[isBack && !isWrite ? "--graph-loop" : colour];
  const drawnForm = hasArrows || form === "dashed" ? form : "solid";
  strokeLines(context, drawnForm, Math.max(width, 0.8 / scale), (aside) => {
    for (const { points, hasArrow } of edges) {
      outlineRoute(context, points, hasArrow && hasArrows ? ARROW_LENGTH - 1 : 0, aside);
    }
  });
  if (!hasArrows) return;
  context.beginPath();
  for (const { points, hasArrow } of edges) {
    if (hasArrow) outlineArrow(context, points, mark, width);
  }
  context.fill();
}

/**
 * Stroke lines in a form.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Look["form"]} form
 * @param {number} width
 * @param {(aside: number) => void} outline adds the lines to the path, that far beside their way
 */
function strokeLines(context, form, width, outline) {
  context.lineWidth = width;
  context.beginPath();
  if (form === "double") {
    const aside = width / 2 + 0.8;
    context.lineWidth = 0.6 * width + 0.2;
    outline(-aside);
    outline(aside);
  } else outline(0);
  if (form === "dashed") context.setLineDash([5, 4]);
  if (form === "dotted") {
    context.setLineDash([0, width + 2.4]);
    context.lineCap = "round";
    context.lineWidth = width + 0.6;
  }
  context.stroke();
  context.setLineDash([]);
  context.lineCap = "butt";
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Float64Array} points
 * @param {Look["mark"]} mark
 * @param {number} width
 */
function outlineArrow(context, points, mark, width) {
  const x = points[points.length - 2];
  const y = points[points.length - 1];
  const direction = Math.sign(y - points[points.length - 3]) || 1;
  const half = ARROW_WIDTH + width / 2;
  const base = y - direction * (ARROW_LENGTH + width / 2);
  context.moveTo(x, y);
  context.lineTo(x - half, base);
  context.lineTo(x + half, base);
  context.closePath();
  if (mark === "bar") context.rect(x - half, base - direction * 4 - 1, 2 * half, 2);
  if (mark !== "diamond") return;
  const far = base - direction * 10;
  context.moveTo(x, base);
  context.lineTo(x - half, (base + far) / 2);
  context.lineTo(x, far);
  context.lineTo(x + half, (base + far) / 2);
  context.closePath();
}

/**
 * Draw the lines of the selected box, on top of others and in one colour, each in its form.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {import("./ways.js").HighlightLine[]} lines
 * @param {number} scale
 * @param {string} colour
 */
export function highlightLines(context, lines, scale, colour) {
  context.strokeStyle = context.fillStyle = colour;
  const width = Math.max(2.2, 1.4 / scale);
  for (const { points, kind, isSideways } of lines) {
    const { form, mark } = LOOKS[kind];
    strokeLines(context, form, width, (aside) => {
      if (isSideways) outlineSideways(context, points, aside);
      else outlineRoute(context, points, ARROW_LENGTH - 1, aside);
    });
    context.beginPath();
    if (isSideways) context.arc(points[2], points[3], ARROW_WIDTH, 0, 2 * Math.PI);
    else outlineArrow(context, points, mark, 2.2);
    context.fill();
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Float64Array} points of two ends, at the sides of boxes
 * @param {number} aside distance below the line
 */
function outlineSideways(context, [x0, y0, x1, y1], aside) {
  const reach = Math.max(20, Math.abs(x1 - x0) / 2) * Math.sign(x1 - x0 || 1);
  const shift = (4 / 3) * aside * Math.sign((x0 - x1) * (y1 - y0));
  const [fromX, toX] = [x0 + reach + shift, x1 - reach + shift];
  context.moveTo(x0, y0 + aside);
  context.bezierCurveTo(fromX, y0 + aside, toX, y1 + aside, x1, y1 + aside);
}
