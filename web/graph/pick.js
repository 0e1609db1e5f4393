import { TITLE_HEIGHT } from "./sizes.js";

/** @typedef {import("./scene.js").Scene} Scene */
/** @typedef {import("./interact.js").Direction} Direction */

const TOGGLE_REACH = 28;

/**
 * The innermost box at a point of the world, or -1; of an expanded container only the title counts.
 *
 * @param {Scene} scene
 * @param {number} x
 * @param {number} y
 */
export function boxAt({ ids, left, top, width, height, isExpanded }, x, y) {
  for (let box = ids.length - 1; box >= 0; box--) {
    if (x < left[box] || x > left[box] + width[box] || y < top[box]) continue;
    if (y <= top[box] + (isExpanded[box] ? TITLE_HEIGHT : height[box])) return box;
  }
  return -1;
}

/**
 * Whether a point lies on the sign that expands or collapses a container.
 *
 * @param {Scene} scene
 * @param {number} box
 * @param {number} x
 */
export function isOnToggle(scene, box, x) {
  return x <= scene.left[box] + TOGGLE_REACH;
}

/**
 * The nearest box in a direction from a box, or -1: distance across counts double.
 *
 * @param {Scene} scene
 * @param {number} box
 * @param {Direction} direction
 */
export function boxToward(scene, box, direction) {
  const isAcross = direction === "left" || direction === "right";
  const sign = direction === "right" || direction === "down" ? 1 : -1;
  const [x, y] = middle(scene, box);
  let best = -1;
  let least = Infinity;
  for (let other = 0; other < scene.ids.length; other++) {
    const [otherX, otherY] = middle(scene, other);
    const along = sign * (isAcross ? otherX - x : otherY - y);
    if (other === box || along <= 1) continue;
    const distance = along + 2 * Math.abs(isAcross ? otherY - y : otherX - x);
    if (distance < least) [best, least] = [other, distance];
  }
  return best;
}

/** @param {Scene} scene @param {number} box @returns {[number, number]} */
function middle({ left, top, width, height, isExpanded }, box) {
  const tall = isExpanded[box] ? TITLE_HEIGHT : height[box];
  return [left[box] + width[box] / 2, top[box] + tall / 2];
}

/** World bounds of a box. @param {Scene} scene @param {number} box */
export function boundsOf({ left, top, width, height }, box) {
  return {
    left: left[box],
    top: top[box],
    right: left[box] + width[box],
    bottom: top[box] + height[box],
  };
}
