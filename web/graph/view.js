import { Following, collapsedAround } from "./follow.js";
import { listen } from "./interact.js";
import { boundsOf } from "./pick.js";
import { Pointing } from "./pointing.js";
import { boundsOfBoth } from "./race.js";
import { Stage } from "./stage.js";
import { createToolbar } from "./toolbar.js";
import { DisplayTree } from "./tree.js";

/** @typedef {import("./model.js").GraphModel} GraphModel */
/** @typedef {import("./scene.js").SceneBuilder} SceneBuilder */
/** @typedef {import("./pointing.js").GraphViewCallbacks} GraphViewCallbacks */

/** A graph of at most so many ops opens with everything expanded. */
const SMALL_GRAPH = 48;
/** "Expand all" stops at so many boxes. */
const MOST_BOXES = 2500;
const BUTTON_ZOOM = 1.35;
/** What the tools over the drawing hide at its top, at a usual scale. */
const TOOLBAR_HEIGHT = 48;

/** The drawing of a graph in an element: see the methods. */
export class GraphView {
  /** @type {GraphModel|null} */
  #model = null;
  /** @type {SceneBuilder|null} */
  #builder = null;
  #follows = true;
  #following = new Following();
  #isFitted = true;

  /** @param {HTMLElement} element which the drawing fills @param {GraphViewCallbacks} callbacks */
  constructor(element, callbacks) {
    this.host = element.appendChild(document.createElement("div"));
    this.host.className = "graph-view";
    this.stage = new Stage(this.host);
    this.toolbar = createToolbar(this.host, {
      Fit: () => this.fit(),
      "Zoom in": () => this.#zoom(BUTTON_ZOOM, undefined, undefined, true),
      "Zoom out": () => this.#zoom(1 / BUTTON_ZOOM, undefined, undefined, true),
      "Expand all": () => this.expandAll(),
      "Collapse all": () => this.collapseAll(),
      Follow: () => this.setFollow(!this.#follows),
    });
    this.toolbar.setFollow(this.#follows);
    this.pointing = new Pointing(this.stage, callbacks, {
      toggle: (id) => this.#toggle(id),
      reveal: (box) => this.#reveal(box),
      clear: () => this.select(null),
    });
    this.stopListening = listen(this.host, this.toolbar.element, {
      ...this.pointing.gestures(),
      pan: (dx, dy) => {
        this.#isFitted = false;
        this.stage.camera.pan(dx, dy);
        this.stage.requestFrame();
      },
      zoom: (...zoom) => this.#zoom(...zoom),
      fit: () => this.fit(),
    });
    this.observer = new ResizeObserver(() => this.#resize());
    this.observer.observe(this.host);
  }

  /** Show a graph: its top level, fitted; small graphs whole. @param {GraphModel} model */
  setModel(model) {
    this.#model = model;
    this.pointing.pressed = null;
    const tree = new DisplayTree(model);
    this.#builder = this.stage.show(tree);
    this.#following.clear();
    if (model.nodeCount <= SMALL_GRAPH) this.#expandBelow(tree.root, MOST_BOXES);
    else if (tree.children(tree.root).length === 1)
      this.#builder.setExpanded(tree.children(tree.root)[0], true);
    this.stage.rebuild(this.#builder);
    this.#fit({ legible: true }, false);
  }

  /**
   * @param {{needed: Uint8Array|null}} run 1 per op that the run executes; null where there is no run
   */
  setRun({ needed }) {
    this.stage.needed = needed;
    this.stage.updateStates();
  }

  /** @param {Uint8Array} states per op, one of `State`; call again after each change */
  setStates(states) {
    this.stage.states = states;
    this.stage.updateStates();
  }

  /** Whether steps come too fast, one by one, to be watched. @param {boolean} isHurried */
  setHurried(isHurried) {
    this.stage.isHurried = isHurried;
  }

  /** Show tensors flow from ops that have just executed. @param {ArrayLike<number>} nodes in order */
  steps(nodes) {
    const { shown, animation, isHurried } = this.stage;
    if (!shown || isHurried || nodes.length === 0) return;
    animation.add(nodes, shown.ways, this.stage.needed);
    this.stage.requestFrame();
  }

  /** Mark the op that runs next, and keep it in view while following. @param {number|null} node */
  setNext(node) {
    this.stage.next = node ?? -1;
    if (node !== null && this.#follows) this.#followTo(node);
    this.stage.redraw();
  }

  /** Lay out what it will need to follow the run to an op. @param {number} node */
  prepareNext(node) {
    const { shown } = this.stage;
    if (this.#follows && shown) this.#following.prepare(shown.builder, shown.scene, node);
  }

  /** Draw the edge that two racing ops lack, and bring both into view. @param {import("./race.js").RacingOps|null} race */
  setRace(race) {
    this.stage.race.set(race);
    if (race !== null) {
      this.expandTo(race.first);
      this.expandTo(race.second);
      this.#showBoth(race.first, race.second);
    }
    this.stage.redraw();
  }

  /** Whether a click on a ready op asks to run it. @param {boolean} isManual */
  setManual(isManual) {
    this.pointing.isManual = isManual;
  }

  /**
   * @param {number|null} node
   * @param {{reveal?: boolean}} [options] reveal: expand and move so that it is in view
   */
  select(node, { reveal = false } = {}) {
    const { pressed } = this.pointing;
    if (pressed?.node === node) {
      // The page's answer to a gesture here: the box is known, and in view.
      this.stage.selected = pressed.id;
      this.stage.redraw();
      return;
    }
    this.pointing.pressed = null;
    this.stage.selected = node === null || !this.#model ? -1 : this.#model.anchors[node];
    if (node !== null && reveal) {
      this.expandTo(node);
      this.#bringIntoView(node);
    }
    this.stage.redraw();
  }

  /** @param {number} id a scope or fold */
  expand(id) {
    this.#setExpanded([id], true, id);
    const box = this.stage.shown?.scene.boxOf[id] ?? -1;
    if (box >= 0) this.#reveal(box);
  }

  /** @param {number} id a scope or fold */
  collapse(id) {
    this.#setExpanded([id], false, id);
  }

  /**
   * Expand what hides an op.
   *
   * @param {number} node
   * @returns {number[]} ids of containers that were expanded, innermost first
   */
  expandTo(node) {
    const builder = this.#builder;
    if (!builder) return [];
    const hidden = collapsedAround(builder, node);
    if (hidden.length > 0) this.#setExpanded(hidden, true, hidden[hidden.length - 1]);
    return hidden;
  }

  /** Expand every container, outermost first, as far as the drawing stays usable. */
  expandAll() {
    if (!this.#builder) return;
    this.#expandBelow(this.#builder.tree.root, MOST_BOXES);
    this.stage.rebuild(this.#builder);
    this.#fit({}, true);
  }

  collapseAll() {
    const builder = this.#builder;
    if (!builder) return;
    for (let id = builder.tree.root + 1; id < builder.tree.idCount; id++)
      builder.setExpanded(id, false);
    this.#following.clear();
    this.stage.rebuild(builder);
    this.#fit({}, true);
  }

  /** Show the whole drawing. */
  fit() {
    this.#fit({}, true);
  }

  /** @param {boolean} follow */
  setFollow(follow) {
    this.#follows = follow;
    this.toolbar.setFollow(follow);
    if (follow && this.stage.next >= 0) this.#followTo(this.stage.next);
  }

  /** Figures for tests and benchmarks. */
  stats() {
    const { stage } = this;
    const scene = stage.shown?.scene;
    return {
      nodesInView: stage.boxesDrawn,
      boxes: scene?.ids.length ?? 0,
      edges: scene?.edges.length ?? 0,
      layoutMs: stage.layoutMs,
      frameMs: stage.frameMs,
      isAnimating: stage.animation.isActive || stage.camera.isGliding,
      view: { ...stage.camera.view },
    };
  }

  destroy() {
    this.observer.disconnect();
    this.stopListening();
    this.toolbar.destroy();
    this.stage.destroy();
    this.host.remove();
  }

  #resize() {
    const { stage } = this;
    const { camera, race } = stage;
    const seen = camera.bounds;
    stage.resize();
    const scene = stage.shown?.scene;
    if (this.#isFitted) this.#fit({ legible: true }, false);
    else if (race.ops) this.#showBoth(race.ops.first, race.ops.second);
    else camera.keep(seen, scene);
    // What the user attends to is not cut off where all has too little room.
    const box = scene?.boxOf[stage.selected] ?? -1;
    if (scene && box >= 0 && isWithin(boundsOf(scene, box), seen)) this.#reveal(box, false);
  }

  /** @param {{legible?: boolean}} options @param {boolean} smooth */
  #fit(options, smooth) {
    const { shown, camera } = this.stage;
    if (!shown) return;
    const { totalWidth: right, totalHeight: bottom } = shown.scene;
    camera.moveTo(camera.fitted({ left: 0, top: 0, right, bottom }, options), smooth);
    this.#isFitted = true;
    this.stage.requestFrame();
  }

  /** @param {number} id */
  #toggle(id) {
    if (this.#builder?.isExpanded(id)) this.collapse(id);
    else this.expand(id);
    this.stage.focus(id);
  }

  /** @param {number} factor @param {number} [x] @param {number} [y] @param {boolean} [smooth] */
  #zoom(factor, x, y, smooth) {
    this.#isFitted = false;
    this.stage.camera.zoom(factor, x, y, smooth);
    this.stage.requestFrame();
  }

  /** @param {number} id @param {number} most boxes in all */
  #expandBelow(id, most) {
    const builder = this.#builder;
    if (!builder) return;
    const { tree } = builder;
    let boxes = tree.children(id).length;
    const pending = [id];
    for (const container of pending) {
      for (const child of tree.children(container)) {
        if (!tree.isContainer(child)) continue;
        boxes += tree.children(child).length;
        if (boxes > most) return;
        builder.setExpanded(child, true);
        pending.push(child);
      }
    }
  }

  /**
   * Change containers, keeping a box where it is on the screen.
   *
   * @param {number[]} ids
   * @param {boolean} expanded
   * @param {number} anchor id of the box
   */
  #setExpanded(ids, expanded, anchor) {
    if (expanded) this.#rearrange(ids, [], anchor);
    else this.#rearrange([], ids, anchor);
  }

  /**
   * Expand and collapse containers, with one layout for all.
   *
   * @param {number[]} opened
   * @param {number[]} closed
   * @param {number} anchor id of the box that keeps its place on the screen
   */
  #rearrange(opened, closed, anchor) {
    const builder = this.#builder;
    if (!builder) return;
    for (const id of opened) builder.setExpanded(id, true);
    for (const id of closed) builder.setExpanded(id, false);
    this.#following.forget(closed);
    this.#rebuildAround(anchor, builder);
  }

  /**
   * @param {number} anchor id of the box that keeps its place on the screen
   * @param {SceneBuilder} builder
   * @param {import("./scene.js").Scene} [laidOut] what the builder has built already
   */
  #rebuildAround(anchor, builder, laidOut) {
    const before = this.#placeOf(anchor);
    this.#builder = builder;
    this.stage.rebuild(builder, laidOut);
    const after = this.#placeOf(anchor);
    if (!before || !after) return;
    const { k } = this.stage.camera.view;
    this.stage.camera.pan((before.left - after.left) * k, (before.top - after.top) * k);
    this.#isFitted = false;
  }

  /** @param {number} id */
  #placeOf(id) {
    const scene = this.stage.shown?.scene;
    return scene && scene.boxOf[id] >= 0 ? boundsOf(scene, scene.boxOf[id]) : null;
  }

  /** Expand what hides an op, and collapse what was expanded long ago. @param {number} node */
  #followTo(node) {
    if (!this.#builder) return;
    const change = this.#following.follow(this.#builder, this.stage.shown?.scene, node);
    if (change !== null) this.#rebuildAround(change.anchor, change.builder, change.scene);
    this.#bringIntoView(node);
  }

  /** @param {number} node */
  #bringIntoView(node) {
    const box = this.stage.shown?.ways.boxOf(node) ?? -1;
    if (box >= 0) this.#reveal(box);
  }

  /** @param {number} first @param {number} second ops */
  #showBoth(first, second) {
    const { shown, camera } = this.stage;
    if (!shown) return;
    const [one, other] = [shown.ways.boxOf(first), shown.ways.boxOf(second)];
    if (one < 0 || other < 0) return;
    const bounds = boundsOfBoth(shown.scene, one, other);
    bounds.top -= TOOLBAR_HEIGHT;
    if (isWithin(bounds, camera.bounds)) return;
    camera.moveTo(camera.fitted(bounds, { largest: Math.max(1, camera.view.k) }), true);
    this.#isFitted = false;
  }

  /** Move as little as will bring a box into view. @param {number} box @param {boolean} [smooth] */
  #reveal(box, smooth = true) {
    const { shown, camera } = this.stage;
    const view = shown ? camera.toShow(boundsOf(shown.scene, box)) : null;
    if (!view) return;
    camera.moveTo(view, smooth);
    this.#isFitted = false;
    this.stage.requestFrame();
  }
}

/**
 * @typedef {import("./camera.js").Bounds} Bounds
 * @param {Bounds} inner
 * @param {Bounds} outer
 */
function isWithin(inner, outer) {
  return (
    inner.left >= outer.left && inner.right <= outer.right &&
    inner.top >= outer.top && inner.bottom <= outer.bottom
  );
}

/**
 * Draw graphs in an element, which the caller labels as a region.
 *
 * @param {HTMLElement} element
 * @param {GraphViewCallbacks} callbacks
 * @returns {GraphView}
 */
export function createGraphView(element, callbacks) {
  return new GraphView(element, callbacks);
}
