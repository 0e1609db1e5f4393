import { layOut } from "./layout.js";
import { IN, OUT } from "./levels.js";
import { PADDING, TITLE_HEIGHT } from "./sizes.js";
import { EdgeKind } from "./types.js";

/** @typedef {import("./levels.js").Level} Level */
/** @typedef {import("./levels.js").LevelEdge} LevelEdge */

/**
 * A level with places. Coordinates are relative to the upper left corner of the container.
 *
 * @typedef {object} PlacedLevel
 * @property {Level} level
 * @property {number} width of the container
 * @property {number} height
 * @property {Float64Array} left upper left corner per box
 * @property {Float64Array} top
 * @property {Float64Array} boxWidth
 * @property {Float64Array} boxHeight
 * @property {Float64Array[]} routes per edge, points from source to destination
 * @property {Uint8Array} isBack per edge
 * @property {[Float64Array, Float64Array]} portOffsets x of each port from the container's middle
 */

/**
 * @typedef {object} BoxShape
 * @property {number} width
 * @property {number} height
 * @property {[Float64Array, Float64Array]|null} portOffsets of an expanded container
 */

const HUB_GAP = 26;
const HUB_MARGIN = 48;

/**
 * Lay out a level: the boxes among each other, ports on the container's borders, hubs in a column
 * at the right.
 *
 * @param {Level} level
 * @param {(id: number) => BoxShape} shapeOf
 * @param {number} leastWidth that the title needs; 0 for the root, which has no title and no border
 * @returns {PlacedLevel}
 */
export function placeLevel(level, shapeOf, leastWidth) {
  const { boxes, hubs, ports } = level;
  const shapes = Array.from(boxes, shapeOf);
  const main = shapes.map((_, box) => box).filter((box) => !hubs.has(boxes[box]));
  const side = shapes.map((_, box) => box).filter((box) => hubs.has(boxes[box]));
  const layout = layOut(layoutInput(level, shapes, main));

  const annex = placeHubs(side, shapes, layout, main.length > 0);
  const contentWidth = Math.max(layout.width, annex.right);
  const padding = leastWidth === 0 ? 0 : PADDING;
  const originX = Math.max(padding, (leastWidth - contentWidth) / 2);
  const originY = leastWidth === 0 ? 0 : TITLE_HEIGHT + PADDING - 6;
  const left = new Float64Array(boxes.length);
  const top = new Float64Array(boxes.length);
  main.forEach((box, i) => {
    left[box] = originX + layout.x[i] - shapes[box].width / 2;
    top[box] = originY + layout.y[i] - shapes[box].height / 2;
  });
  side.forEach((box, i) => {
    left[box] = originX + annex.left[i];
    top[box] = originY + annex.top[i];
  });
  const width = contentWidth + 2 * originX;
  const height = Math.max(layout.height, annex.bottom) + originY + padding;

  const routes = layout.routes.map((route) => shift(route, originX, originY));
  level.edges.forEach((edge, number) => {
    const points = routes[number];
    if (edge.from >= boxes.length) points[1] = 0;
    if (edge.to >= boxes.length) points[points.length - 1] = height;
  });
  const firstPort = main.length;
  const offsetOf = (/** @type {number} */ pseudo) =>
    originX + layout.x[firstPort + pseudo] - width / 2;
  return {
    level,
    width,
    height,
    left,
    top,
    boxWidth: Float64Array.from(shapes, (shape) => shape.width),
    boxHeight: Float64Array.from(shapes, (shape) => shape.height),
    routes,
    isBack: layout.isBack,
    portOffsets: [
      Float64Array.from({ length: ports[IN].count }, (_, i) => offsetOf(i)),
      Float64Array.from({ length: ports[OUT].count }, (_, i) => offsetOf(ports[IN].count + i)),
    ],
  };
}

/** @param {Level} level @param {BoxShape[]} shapes @param {number[]} main boxes that are no hubs */
function layoutInput({ boxes, ports, edges }, shapes, main) {
  const inCount = ports[IN].count;
  const portCount = inCount + ports[OUT].count;
  const count = main.length + portCount;
  const number = new Int32Array(boxes.length + portCount);
  main.forEach((box, i) => (number[box] = i));
  for (let port = 0; port < portCount; port++) number[boxes.length + port] = main.length + port;

  const width = new Float64Array(count).fill(2);
  const height = new Float64Array(count);
  main.forEach((box, i) => {
    width[i] = shapes[box].width;
    height[i] = shapes[box].height;
  });
  const pin = new Int8Array(count);
  for (let port = 0; port < portCount; port++) pin[main.length + port] = port < inCount ? -1 : 1;
  return {
    count,
    width,
    height,
    pin,
    from: Int32Array.from(edges, (edge) => number[edge.from]),
    to: Int32Array.from(edges, (edge) => number[edge.to]),
    fromLane: Int32Array.from(edges, (edge) => laneOf(edge.kind, edge.fromPort)),
    toLane: Int32Array.from(edges, (edge) => laneOf(edge.kind, edge.toPort)),
    fromOffset: Float64Array.from(edges, (edge) =>
      portOffset(shapes[edge.from], OUT, edge.fromPort),
    ),
    toOffset: Float64Array.from(edges, (edge) => portOffset(shapes[edge.to], IN, edge.toPort)),
    closesLoop: Uint8Array.from(edges, (edge) => (edge.closesLoop ? 1 : 0)),
  };
}

/** Control dependencies run beside the data of a port. @param {number} kind @param {number} port */
function laneOf(kind, port) {
  return 2 * port + (kind === EdgeKind.control ? 1 : 0);
}

/** @param {BoxShape|undefined} shape undefined for a port @param {0|1} side @param {number} port */
function portOffset(shape, side, port) {
  if (!shape?.portOffsets) return NaN;
  return shape.portOffsets[side][port] ?? 0;
}

/**
 * Hubs in columns beside the level.
 *
 * @param {number[]} side
 * @param {BoxShape[]} shapes
 * @param {import("./layout.js").Layout} layout
 * @param {boolean} hasMain
 */
function placeHubs(side, shapes, layout, hasMain) {
  const left = new Float64Array(side.length);
  const top = new Float64Array(side.length);
  let x = hasMain ? layout.width + HUB_MARGIN : 0;
  let y = 0;
  let right = 0;
  let bottom = 0;
  side.forEach((box, i) => {
    const { width, height } = shapes[box];
    if (y > 0 && y + height > Math.max(layout.height, 600)) {
      x = right + HUB_GAP;
      y = 0;
    }
    left[i] = x;
    top[i] = y;
    right = Math.max(right, x + width);
    y += height + HUB_GAP;
    bottom = Math.max(bottom, top[i] + height);
  });
  return { left, top, right, bottom };
}

/** @param {Float64Array} points @param {number} dx @param {number} dy */
function shift(points, dx, dy) {
  return points.map((value, i) => value + (i % 2 === 0 ? dx : dy));
}
