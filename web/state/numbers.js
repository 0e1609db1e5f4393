/**
 * Counts as people read them.
 */

// One for all: `toLocaleString` makes another at each call.
const GROUPED = new Intl.NumberFormat("en");

/**
 * With commas: 1,234.
 * @param {number | bigint} value
 */
export function grouped(value) {
  return GROUPED.format(value);
}

/**
 * With what is counted: 1 op, 1,234 ops.
 * @param {number} count
 * @param {string} noun
 */
export function counted(count, noun) {
  return `${grouped(count)} ${noun}${count === 1 ? "" : "s"}`;
}
