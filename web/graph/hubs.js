/** @typedef {import("./tree.js").DisplayTree} DisplayTree */

/** Smaller levels are legible with all their edges. */
const LEAST_BOXES = 12;
/** A hub is joined with at least so many boxes, and with this share of the level. */
const LEAST_DEGREE = 7;
const SHARE = 0.34;
const MOST_HUBS = 8;
/** What TensorFlow's library calls the helpers around a model; these are hubs from this degree on. */
const HELPER =
  /^\(?(gradients|save|init|train|apply|summar\w*|report_\w+|\w*MovingAverage|\w*Initializ\w*)(_\d+)?\*?\)?$/;
const LEAST_HELPER_DEGREE = 4;

/**
 * Children of a container that stand beside the level, as in TensorBoard, because their edges
 * would hide all others: initialisers, gradients, optimisers, savers, and whatever is joined with
 * a third of the level. Helpers are taken first, so that the model that they serve stays; then the
 * most connected, counted again after each. Boxes that are joined with hubs only go with them.
 *
 * @param {DisplayTree} tree
 * @param {number} container
 * @param {Int32Array} childOf per op below the container, the child that is or holds it
 * @returns {Set<number>} ids
 */
export function findHubs(tree, container, childOf) {
  const boxes = tree.children(container);
  /** @type {Set<number>} */
  const hubs = new Set();
  if (boxes.length < LEAST_BOXES) return hubs;
  const neighbours = findNeighbours(tree, container, childOf);
  const take = (/** @type {number} */ hub) => {
    hubs.add(hub);
    for (const other of neighbours.get(hub) ?? []) neighbours.get(other)?.delete(hub);
    neighbours.delete(hub);
  };
  const wasJoined = new Set(
    [...neighbours].filter(([, others]) => others.size > 0).map(([id]) => id),
  );
  for (const id of boxes) {
    const label = tree.label(id);
    const isSeries = tree.isFold(id) && !label.endsWith(".*");
    const isHelper = isSeries || HELPER.test(label.replace(/\.\*$/, ""));
    if (isHelper && (neighbours.get(id)?.size ?? 0) >= LEAST_HELPER_DEGREE) take(id);
  }
  for (let taken = 0; taken < MOST_HUBS; taken++) {
    let hub = -1;
    let degree = Math.max(LEAST_DEGREE, SHARE * (boxes.length - hubs.size)) - 1;
    for (const [id, others] of neighbours) {
      if (others.size > degree) [hub, degree] = [id, others.size];
    }
    if (hub < 0) break;
    take(hub);
  }
  for (const [id, others] of neighbours) {
    if (hubs.size > 0 && others.size === 0 && wasJoined.has(id)) hubs.add(id);
  }
  return hubs.size < boxes.length ? hubs : new Set();
}

/** @param {DisplayTree} tree @param {number} container @param {Int32Array} childOf */
function findNeighbours(tree, container, childOf) {
  const { edgeFrom, edgeTo } = tree.model;
  /** @type {Map<number, Set<number>>} */
  const neighbours = new Map(Array.from(tree.children(container), (id) => [id, new Set()]));
  for (const edge of tree.edgesWithin(container)) {
    const from = childOf[edgeFrom[edge]];
    const to = childOf[edgeTo[edge]];
    neighbours.get(from)?.add(to);
    neighbours.get(to)?.add(from);
  }
  return neighbours;
}
