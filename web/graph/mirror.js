import { TITLE_HEIGHT } from "./sizes.js";
import { STATE_NAMES } from "./types.js";

/** @typedef {import("./draw.js").Picture} Picture */
/** @typedef {import("./camera.js").Bounds} Bounds */

const MOST_ITEMS = 300;

/**
 * A transparent tree of elements over the boxes in view, so that what is on the canvas can be
 * reached by the keyboard, by screen readers and by tests. Items lie in world coordinates times a
 * scale that is a property of the tree: pan and zoom change the tree alone.
 */
export class Mirror {
  /** @type {Map<number, HTMLElement>} by id */
  #items = new Map();
  /** Where the items are, as their style says it: asking the browser takes long. @type {WeakMap<HTMLElement, string>} */
  #places = new WeakMap();
  /** Id of the item that the Tab key reaches. */
  #current = -1;
  #scale = 0;
  /** Of which the items show the places. @type {Picture["scene"]|null} */
  #scene = null;

  /** @param {HTMLElement} host */
  constructor(host) {
    this.element = document.createElement("div");
    this.element.className = "graph-mirror";
    this.element.setAttribute("role", "tree");
    this.element.setAttribute("aria-label", "Graph nodes");
    host.append(this.element);
  }

  /** Id of the box that has the focus, or -1. */
  get focused() {
    const item = document.activeElement;
    return item instanceof HTMLElement && item.parentElement === this.element
      ? Number(item.dataset.id)
      : -1;
  }

  /** Id of the item that the Tab key reaches, or -1. */
  get current() {
    return this.#current;
  }

  /** @param {import("./camera.js").View} view */
  look({ x, y, k }) {
    // No transform: the browser would weigh every later element of the page against it, each frame.
    const { style } = this.element;
    style.left = `${x.toFixed(1)}px`;
    style.top = `${y.toFixed(1)}px`;
    if (k !== this.#scale) style.setProperty("--graph-scale", String(k));
    this.#scale = k;
  }

  /**
   * Move the focus to the box of an id.
   *
   * @param {number} id
   * @param {Picture} picture
   * @param {Bounds} window
   */
  focus(id, picture, window) {
    this.#setCurrent(id);
    this.update(picture, window);
    this.#items.get(id)?.focus({ preventScroll: true });
  }

  /** @param {number} id */
  #setCurrent(id) {
    this.#items.get(this.#current)?.setAttribute("tabindex", "-1");
    this.#current = id;
    this.#items.get(id)?.setAttribute("tabindex", "0");
  }

  /** @param {Picture} picture @param {Bounds} window */
  update(picture, window) {
    const { scene, selected } = picture;
    const isPlaced = scene === this.#scene;
    this.#scene = scene;
    const boxes = boxesIn(scene, window, scene.boxOf[this.#current] ?? -1);
    const wanted = new Set(boxes.map((box) => scene.ids[box]));
    for (const [id, item] of this.#items) {
      if (wanted.has(id)) continue;
      item.remove();
      this.#items.delete(id);
    }
    /** @type {Element|null} */
    let place = this.element.firstElementChild;
    for (const box of boxes) {
      const id = scene.ids[box];
      let item = this.#items.get(id);
      if (!item) {
        item = createItem(picture, id);
        this.#items.set(id, item);
        this.#place(item, scene, box);
      } else if (!isPlaced) this.#place(item, scene, box);
      if (item === place) place = place.nextElementSibling;
      else this.element.insertBefore(item, place);
      updateItem(item, picture, box, box === selected);
    }
    if (this.#items.has(this.#current)) return;
    if (boxes.length > 0)
      this.#setCurrent(
        scene.ids[selected >= 0 && wanted.has(scene.ids[selected]) ? selected : boxes[0]],
      );
  }

  /** @param {HTMLElement} item @param {Picture["scene"]} scene @param {number} box */
  #place(item, { left, top, width, height, isExpanded }, box) {
    const place = [
      `left:${scaled(left[box])}`,
      `top:${scaled(top[box])}`,
      `width:${scaled(width[box])}`,
      `height:${scaled(isExpanded[box] ? TITLE_HEIGHT : height[box])}`,
    ].join(";");
    if (this.#places.get(item) === place) return;
    this.#places.set(item, place);
    item.style.cssText = place;
  }
}

/**
 * Boxes in the window, and `always` if it is one.
 *
 * @param {Picture["scene"]} scene
 * @param {Bounds} window
 * @param {number} always
 */
function boxesIn({ ids, left, top, width, height, isExpanded }, window, always) {
  const boxes = [];
  for (let box = 0; box < ids.length && boxes.length < MOST_ITEMS; box++) {
    if (box === always) {
      boxes.push(box);
      continue;
    }
    const bottom = top[box] + (isExpanded[box] ? TITLE_HEIGHT : height[box]);
    if (left[box] > window.right || left[box] + width[box] < window.left) continue;
    if (top[box] > window.bottom || bottom < window.top) continue;
    boxes.push(box);
  }
  return boxes;
}

/** @param {Picture} picture @param {number} id */
function createItem({ tree }, id) {
  const item = document.createElement("div");
  item.setAttribute("role", "treeitem");
  item.setAttribute("aria-label", tree.fullName(id));
  item.tabIndex = -1;
  item.dataset.id = String(id);
  const node = tree.nodeOf(id);
  item.dataset.type = node >= 0 ? tree.model.type(node) : tree.isFold(id) ? "fold" : "scope";
  return item;
}

/**
 * @param {HTMLElement} item
 * @param {Picture} picture
 * @param {number} box
 * @param {boolean} isSelected
 */
function updateItem(item, { scene, states, tree }, box, isSelected) {
  const id = scene.ids[box];
  const isExpanded = scene.isExpanded[box] === 1;
  setAttribute(item, "data-state", STATE_NAMES[states.state[box]]);
  setAttribute(item, "data-needed", states.isDimmed[box] ? "false" : "true");
  setAttribute(item, "aria-level", String(tree.depth[id]));
  setAttribute(item, "aria-selected", String(isSelected));
  if (tree.isContainer(id)) setAttribute(item, "aria-expanded", String(isExpanded));
}

/** @param {number} length in world coordinates */
function scaled(length) {
  return `calc(${length.toFixed(1)}px * var(--graph-scale))`;
}

/** @param {HTMLElement} item @param {string} name @param {string} value */
function setAttribute(item, name, value) {
  if (item.getAttribute(name) !== value) item.setAttribute(name, value);
}
