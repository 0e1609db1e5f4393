import { OpKind } from "./types.js";

/** @typedef {CanvasRenderingContext2D|Path2D} PathTarget */

const RADIUS = 8;
const CUT = 12;

/**
 * Add the outline of an op to a path; each kind of op has a shape of its own.
 *
 * @param {PathTarget} path
 * @param {number} kind one of `OpKind`
 * @param {number} x
 * @param {number} y
 * @param {number} w
 * @param {number} h
 * @param {number} grow distance outside the box
 */
export function outlineOp(path, kind, x, y, w, h, grow = 0) {
  const [left, top, width, height] = [x - grow, y - grow, w + 2 * grow, h + 2 * grow];
  switch (kind) {
    case OpKind.constant:
    case OpKind.none:
      path.roundRect(left, top, width, height, height / 2);
      break;
    case OpKind.placeholder:
      polygon(path, [
        [left + CUT, top],
        [left + width - CUT, top],
        [left + width, top + CUT],
        [left + width, top + height],
        [left, top + height],
        [left, top + CUT],
      ]);
      break;
    case OpKind.controlFlow:
      polygon(path, [
        [left + CUT, top],
        [left + width - CUT, top],
        [left + width, top + height / 2],
        [left + width - CUT, top + height],
        [left + CUT, top + height],
        [left, top + height / 2],
      ]);
      break;
    case OpKind.variable:
      path.roundRect(left, top, width, height, 4 + grow);
      break;
    default:
      path.roundRect(left, top, width, height, RADIUS + grow);
  }
}

/**
 * @param {PathTarget} path
 * @param {number} x
 * @param {number} y
 * @param {number} w
 * @param {number} h
 * @param {number} [grow]
 */
export function outlineContainer(path, x, y, w, h, grow = 0) {
  path.roundRect(x - grow, y - grow, w + 2 * grow, h + 2 * grow, 10 + grow);
}

/** @param {PathTarget} path @param {number[][]} corners */
function polygon(path, corners) {
  corners.forEach(([x, y], i) => (i === 0 ? path.moveTo(x, y) : path.lineTo(x, y)));
  path.closePath();
}

/**
 * The way of an edge, as curves with vertical tangents through its points.
 *
 * @param {PathTarget} path
 * @param {ArrayLike<number>} points x, y
 * @param {number} shorten how much to leave off at the end, for the arrowhead
 * @param {number} [aside] distance to the right of the way; at slopes, above or below it
 */
export function outlineRoute(path, points, shorten, aside = 0) {
  const last = points.length - 2;
  path.moveTo(points[0] + aside, points[1]);
  for (let i = 2; i <= last; i += 2) {
    const [x0, y0, x1] = [points[i - 2], points[i - 1], points[i]];
    let y1 = points[i + 1];
    if (i === last) y1 -= Math.sign(y1 - y0) * Math.min(shorten, Math.abs(y1 - y0));
    if (Math.abs(x1 - x0) < 0.5) {
      path.lineTo(x1 + aside, y1);
      continue;
    }
    // The middle of a curve goes three quarters of the way of its control points.
    const middle = (y0 + y1) / 2 - (4 / 3) * aside * Math.sign((x1 - x0) * (y1 - y0));
    path.bezierCurveTo(x0 + aside, middle, x1 + aside, middle, x1 + aside, y1);
  }
}

/**
 * Where a route has got to at t in 0 .. 1 of its way.
 *
 * @param {ArrayLike<number>} points
 * @param {number} t
 * @returns {[number, number]}
 */
export function pointOnRoute(points, t) {
  const last = points.length / 2 - 1;
  let total = 0;
  for (let i = 1; i <= last; i++) total += pieceLength(points, i);
  let rest = t * total;
  for (let i = 1; i <= last; i++) {
    const length = pieceLength(points, i);
    if (rest > length && i < last) {
      rest -= length;
      continue;
    }
    const s = length > 0 ? Math.min(1, rest / length) : 1;
    const [x0, y0, x1, y1] = [
      points[2 * i - 2],
      points[2 * i - 1],
      points[2 * i],
      points[2 * i + 1],
    ];
    // The same curve as is drawn: x eases from end to end, y nearly runs on.
    const x = x0 + (x1 - x0) * s * s * (3 - 2 * s);
    const y = y0 + (y1 - y0) * s * (1.5 - 1.5 * s + s * s);
    return [x, y];
  }
  return [points[0], points[1]];
}

/** @param {ArrayLike<number>} points @param {number} i the piece that ends at point i */
function pieceLength(points, i) {
  return Math.hypot(points[2 * i] - points[2 * i - 2], points[2 * i + 1] - points[2 * i - 1]);
}
