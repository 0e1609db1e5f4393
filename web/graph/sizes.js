import { OpKind } from "./types.js";

/** @typedef {import("./tree.js").DisplayTree} DisplayTree */
/** @typedef {(text: string, size: "label"|"type") => number} MeasureText */

export const LABEL_SIZE = 13;
export const TYPE_SIZE = 11;
const MOST_WIDTH = 230;
const SIDE = 14;
/** Room for the sign that expands a container, and the margins of its text. */
const CONTAINER_SIGNS = 54;
/** Room for the word that says what kind of call it is. */
const CALL_KIND = 20;
/** Room at the right of a label for the mark of a state and the badge of a variable. */
const BADGE = 18;

/** Height of the bar with the title of an expanded container. */
export const TITLE_HEIGHT = 30;
/** Space around the content of an expanded container. */
export const PADDING = 20;
/** Room in a title for the sign that it can be folded, and for the count of operations. */
export const TITLE_SIGNS = 62;

/**
 * Size of an op, or of a collapsed container.
 *
 * @param {DisplayTree} tree
 * @param {number} id
 * @param {MeasureText} measure
 * @returns {{width: number, height: number}}
 */
export function boxSize(tree, id, measure) {
  const label = measure(tree.label(id), "label");
  if (tree.isContainer(id)) {
    const count = measure(String(tree.end[id] - tree.start[id]), "type");
    return { width: clamp(label + Math.max(count, CALL_KIND) + CONTAINER_SIGNS, 112), height: 48 };
  }
  const { model } = tree;
  const type = measure(model.type(id), "type");
  switch (model.opKind[id]) {
    case OpKind.constant:
      return { width: clamp(Math.max(label, type) + 2 * SIDE + 8, 64), height: 40 };
    case OpKind.variable:
      return { width: clamp(Math.max(label, type + 40) + 2 * SIDE + BADGE, 104), height: 48 };
    case OpKind.controlFlow:
    case OpKind.placeholder:
      return { width: clamp(Math.max(label, type) + 2 * SIDE + BADGE + 12, 96), height: 44 };
    default:
      return { width: clamp(Math.max(label, type) + 2 * SIDE + BADGE, 84), height: 44 };
  }
}

/** @param {number} width @param {number} least */
function clamp(width, least) {
  return Math.ceil(Math.max(least, Math.min(MOST_WIDTH, width)));
}
