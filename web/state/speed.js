/**
 * The slider's positions: from one op a second, a decade for each 20 positions, to full speed.
 */
import { counted } from "./numbers.js";

export const FULL_SPEED = 100;
const POSITIONS_A_DECADE = 20;

/**
 * @param {number} position
 * @returns {number | null} ops a second; null is full speed
 */
export function speedAt(position) {
  if (position >= FULL_SPEED) return null;
  const speed = 10 ** (position / POSITIONS_A_DECADE);
  const digits = 10 ** Math.max(0, Math.floor(Math.log10(speed)) - 1);
  return speed < 10 ? Math.round(speed * 10) / 10 : Math.round(speed / digits) * digits;
}

/** @param {number | null} speed */
export function positionOf(speed) {
  return speed === null ? FULL_SPEED : Math.round(POSITIONS_A_DECADE * Math.log10(speed));
}

/**
 * @param {number | null} speed
 * @returns {string} `10 ops/s`
 */
export function speedText(speed) {
  if (speed === null) return "full speed";
  return `${counted(speed, "op")}/s`;
}
