/**
 * Numbers, shapes and sizes as people read them.
 */
import { grouped } from "../state/numbers.js";

/** @param {(number | null)[] | null | undefined} shape null where it is not known */
export function shapeText(shape) {
  if (shape === null || shape === undefined) return "unknown";
  const lengths = shape.map((length) => (length === null || length < 0 ? "?" : String(length)));
  return lengths.length === 1 ? `(${lengths[0]},)` : `(${lengths.join(", ")})`;
}

/** @param {number} bytes */
export function sizeText(bytes) {
  const units = ["B", "kB", "MB", "GB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value >= 100 || unit === 0 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** @param {number} nanoseconds */
export function durationText(nanoseconds) {
  if (nanoseconds < 1000) return `${nanoseconds} ns`;
  if (nanoseconds < 1e6) return `${(nanoseconds / 1e3).toPrecision(3)} µs`;
  if (nanoseconds < 1e9) return `${(nanoseconds / 1e6).toPrecision(3)} ms`;
  return `${(nanoseconds / 1e9).toPrecision(3)} s`;
}

/** @param {number | null | undefined} value */
export function numberText(value) {
  if (value === null || value === undefined) return "–";
  return Number.isInteger(value) && Math.abs(value) < 1e15
    ? grouped(value)
    : String(Number(value.toPrecision(6)));
}

/** @param {string} added an ISO date */
export function dateText(added) {
  const date = new Date(added);
  return Number.isNaN(date.getTime())
    ? added
    : date.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
}
