import { boxAt, boxToward, isOnToggle } from "./pick.js";
import { State } from "./types.js";

/** @typedef {import("./interact.js").Direction} Direction */
/** @typedef {import("./interact.js").Gestures} Gestures */
/** @typedef {import("./stage.js").Stage} Stage */

/**
 * What the pointer is over.
 *
 * @typedef {object} Hover
 * @property {number|null} node the op; null for scopes and folds
 * @property {string} name full name
 * @property {string} type op type, "scope" or "fold"
 * @property {number} x of the pointer, in CSS pixels within the view
 * @property {number} y
 */

/**
 * @typedef {object} GraphViewCallbacks
 * @property {(node: number|null) => void} [onSelect]
 * @property {(node: number) => void} [onFire] a ready op was clicked in manual mode
 * @property {(hover: Hover|null) => void} [onHover]
 */

/** What a gesture at a box leads to: selecting, running, expanding, moving the focus. */
export class Pointing {
  /** Whether a click on a ready op asks to run it. */
  isManual = false;
  /**
   * What was selected last by a gesture here, if nothing else has been since.
   *
   * @type {{node: number|null, id: number}|null}
   */
  pressed = null;
  #stage;
  #callbacks;
  #actions;

  /**
   * @param {Stage} stage
   * @param {GraphViewCallbacks} callbacks
   * @param {object} actions
   * @param {(id: number) => void} actions.toggle expand or collapse
   * @param {(box: number) => void} actions.reveal bring into view
   * @param {() => void} actions.clear select nothing
   */
  constructor(stage, callbacks, actions) {
    this.#stage = stage;
    this.#callbacks = callbacks;
    this.#actions = actions;
  }

  /** @returns {Omit<Gestures, "pan"|"zoom"|"fit">} */
  gestures() {
    return {
      click: (x, y) => this.#click(x, y),
      open: (x, y) => this.#open(x, y),
      press: (id) => this.#press(id),
      hover: (x, y) => this.#setHovered(this.#boxAt(x, y), x, y),
      leave: () => this.#setHovered(-1, 0, 0),
      move: (direction) => this.#move(direction),
      toggle: () =>
        this.#withCurrent((id) =>
          this.#isContainer(id) ? this.#actions.toggle(id) : this.#press(id),
        ),
      activate: () => this.#withCurrent((id) => this.#press(id)),
    };
  }

  /** @param {number} id */
  #isContainer(id) {
    return this.#stage.shown?.tree.isContainer(id) ?? false;
  }

  /** Box at a point of the window, or -1. @param {number} x @param {number} y */
  #boxAt(x, y) {
    const { shown, camera } = this.#stage;
    if (!shown) return -1;
    const world = camera.toWorld(x, y);
    return boxAt(shown.scene, world.x, world.y);
  }

  /** @param {number} x @param {number} y */
  #click(x, y) {
    const scene = this.#stage.shown?.scene;
    const box = this.#boxAt(x, y);
    if (!scene || box < 0) {
      this.#callbacks.onSelect?.(null);
      this.#actions.clear();
      return;
    }
    const id = scene.ids[box];
    if (this.#isContainer(id) && isOnToggle(scene, box, this.#stage.camera.toWorld(x, y).x))
      this.#actions.toggle(id);
    else this.#press(id);
  }

  /** @param {number} x @param {number} y */
  #open(x, y) {
    const scene = this.#stage.shown?.scene;
    const box = this.#boxAt(x, y);
    if (!scene || box < 0) return;
    const id = scene.ids[box];
    const isToggle = isOnToggle(scene, box, this.#stage.camera.toWorld(x, y).x);
    if (this.#isContainer(id) && !isToggle) this.#actions.toggle(id);
  }

  /**
   * Select what an id stands for; a ready op is run where the user chooses the order.
   *
   * @param {number} id
   */
  #press(id) {
    const builder = this.#stage.shown?.builder;
    if (!builder) return;
    const { tree } = builder;
    const { model } = tree;
    const node = tree.isFold(id) ? -1 : tree.isContainer(id) ? model.ownOp(id) : id;
    this.pressed = { node: node >= 0 ? node : null, id };
    this.#callbacks.onSelect?.(this.pressed.node);
    this.#stage.selected = id;
    this.#stage.redraw();
    const isReady = !tree.isContainer(id) && this.#stage.states?.[id] === State.ready;
    if (this.isManual && isReady) this.#callbacks.onFire?.(id);
  }

  /** @param {number} box @param {number} x @param {number} y */
  #setHovered(box, x, y) {
    const stage = this.#stage;
    const builder = this.#stage.shown?.builder;
    const isNew = box !== stage.hovered;
    stage.hovered = box;
    if (!isNew) return;
    stage.host.classList.toggle("is-over-box", box >= 0);
    stage.redrawOverlay();
    if (box < 0 || !builder || !stage.shown) {
      this.#callbacks.onHover?.(null);
      return;
    }
    const id = stage.shown.scene.ids[box];
    const node = builder.tree.nodeOf(id);
    const type =
      node >= 0 ? builder.tree.model.type(node) : builder.tree.isFold(id) ? "fold" : "scope";
    this.#callbacks.onHover?.({
      node: node >= 0 ? node : null,
      name: builder.tree.fullName(id),
      type,
      x,
      y,
    });
  }

  /** @param {Direction} direction */
  #move(direction) {
    const scene = this.#stage.shown?.scene;
    this.#withCurrent((id) => {
      const box = scene ? boxToward(scene, scene.boxOf[id], direction) : -1;
      if (!scene || box < 0) return;
      this.#actions.reveal(box);
      this.#stage.focus(scene.ids[box]);
    });
  }

  /** Do something with the box that has the focus. @param {(id: number) => void} action */
  #withCurrent(action) {
    const { mirror, shown } = this.#stage;
    const id = mirror.focused >= 0 ? mirror.focused : mirror.current;
    if (shown && id >= 0 && shown.scene.boxOf[id] >= 0) action(id);
  }
}
