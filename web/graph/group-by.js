/**
 * Positions grouped by key (counting sort): those of key k are `order[start[k] .. start[k + 1]]`,
 * in ascending order.
 *
 * @param {Int32Array} keys each in 0 .. count - 1
 * @param {number} count
 * @returns {[start: Int32Array, order: Int32Array]}
 */
export function groupBy(keys, count) {
  const start = new Int32Array(count + 1);
  for (let i = 0; i < keys.length; i++) start[keys[i] + 1]++;
  for (let key = 0; key < count; key++) start[key + 1] += start[key];
  const next = start.slice();
  const order = new Int32Array(keys.length);
  for (let i = 0; i < keys.length; i++) order[next[keys[i]]++] = i;
  return [start, order];
}
