import { boxStates } from "./box-states.js";
import { Surface, drawPicture } from "./draw.js";
import { drawEdges } from "./draw-edges.js";
import { GraphModel } from "./model.js";
import { drawRaceLine } from "./race.js";
import { SceneBuilder } from "./scene.js";
import { TextMeasure } from "./text.js";
import { DisplayTree } from "./tree.js";
import { EdgeKind } from "./types.js";

/** @typedef {import("./legend-samples.js").BoxSample} BoxSample */
/** @typedef {import("./legend-samples.js").LegendItem["sample"]} Sample */
/** @typedef {import("./theme.js").Theme} Theme */

/** Of samples, in CSS pixels; what is open is higher. */
const WIDTH = 112;
const HEIGHT = 46;
const OPEN_HEIGHT = 76;
/** Room for marks and rings around a box. */
const MARGIN = 7;
const SCALE = 0.64;
/** Where a line runs. */
const LINE = { left: 26, top: 6, right: 86, bottom: 40 };
const WORLD = { left: 0, top: 0, right: WIDTH, bottom: HEIGHT };
const NONE_DIMMED = new Uint8Array(0);

/**
 * Draw a sample as the graph is drawn, so that it cannot look different.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {Sample} sample
 * @param {Theme} theme
 */
export function drawSample(canvas, sample, theme) {
  const height = sample.of === "box" && sample.as === "expanded" ? OPEN_HEIGHT : HEIGHT;
  canvas.style.width = `${WIDTH}px`;
  canvas.style.height = `${height}px`;
  const surface = new Surface(canvas, { isOpaque: true });
  surface.resize(WIDTH, height);
  if (sample.of === "box") {
    drawPicture(surface, pictureOf(sample, height, theme));
    return;
  }
  const { context } = surface;
  context.fillStyle = theme["--graph-bg"];
  context.fillRect(0, 0, canvas.width, canvas.height);
  surface.look({ x: 0, y: 0, k: 1 });
  const { left, top, right, bottom } = LINE;
  if (sample.of === "line") {
    drawEdges(context, [sceneEdge(sample.edge)], WORLD, 1, theme, NONE_DIMMED);
  } else {
    const middle = (left + right) / 2;
    drawRaceLine(context, [left, bottom, middle, bottom, middle, top, right, top], theme["--race"], 1);
  }
}

/**
 * @param {BoxSample} sample
 * @param {number} height
 * @param {Theme} theme
 * @returns {import("./draw.js").Picture}
 */
function pictureOf(sample, height, theme) {
  const model = new GraphModel(graphOf(sample));
  if (sample.opKind !== undefined) model.opKind.fill(sample.opKind);
  const tree = new DisplayTree(model);
  const text = new TextMeasure(theme.font);
  const builder = new SceneBuilder(tree, (label, size) => text.width(label, size));
  if (sample.as === "expanded") builder.setExpanded(tree.children(tree.root)[0], true);
  const scene = builder.build();
  if (sample.as === "hubs") scene.stubs[0] = 1;
  const states = new Uint8Array(model.nodeCount).fill(sample.state ?? 0);
  const needed = sample.as === "unneeded" ? new Uint8Array(model.nodeCount) : null;
  const [left, top, width, boxHeight] = [scene.left[0], scene.top[0], scene.width[0], scene.height[0]];
  const k = Math.min(SCALE, (WIDTH - 2 * MARGIN) / width, (height - 2 * MARGIN) / boxHeight);
  return {
    scene,
    tree,
    theme,
    text,
    states: boxStates(tree, scene, states, needed),
    view: { x: WIDTH / 2 - k * (left + width / 2), y: height / 2 - k * (top + boxHeight / 2), k },
    selected: sample.as === "selected" ? 0 : -1,
    next: sample.as === "next" ? 0 : -1,
    highlights: [],
  };
}

/** @param {BoxSample} sample @returns {import("./types.js").GraphJson} */
function graphOf({ ops, graph }) {
  return {
    id: "",
    name: "",
    types: ops.map(([, type]) => type),
    nodes: { name: ops.map(([name]) => name), type: ops.map((_, op) => op) },
    edges: [],
    control: [],
    mutating: [],
    aliases: [],
    refs: [],
    handles: [],
    calls: {},
    loops: [],
    variables: [],
    placeholders: [],
    ...graph,
  };
}

/**
 * @param {import("./legend-samples.js").LineSample["edge"]} edge
 * @returns {import("./scene.js").SceneEdge}
 */
function sceneEdge({ count = 1, kind = EdgeKind.value, isBack = false }) {
  const { left, top, right, bottom } = LINE;
  return {
    edge: { from: 0, to: 1, fromPort: 0, toPort: 0, count, kind, closesLoop: isBack },
    container: 0,
    points: Float64Array.from(isBack ? [left, bottom, right, top] : [left, top, right, bottom]),
    isBack,
    hasArrow: true,
    from: -1,
    to: -1,
    ...LINE,
  };
}
