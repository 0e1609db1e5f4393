import { FlowAnimation } from "./animate.js";
import { boxStates } from "./box-states.js";
import { Camera } from "./camera.js";
import { Surface, drawPicture, drawRing } from "./draw.js";
import { Mirror } from "./mirror.js";
import { RaceMark } from "./race.js";
import { SceneBuilder } from "./scene.js";
import { TextMeasure } from "./text.js";
import { readTheme, watchTheme } from "./theme.js";
import { Ways, linesAt } from "./ways.js";

/** @typedef {import("./tree.js").DisplayTree} DisplayTree */
/** @typedef {import("./scene.js").Scene} Scene */

/** Moves and steps that follow one another faster than this are one movement. */
const MOVING_MS = 45;

/**
 * A graph that is shown.
 *
 * @typedef {object} Shown
 * @property {DisplayTree} tree
 * @property {SceneBuilder} builder
 * @property {Scene} scene
 * @property {Ways} ways
 * @property {import("./box-states.js").BoxStates} states
 */

/**
 * A tree on a canvas: keeps scene, picture, animation and mirror in step with what they depend
 * on, at most once a frame, and asks for no frame while nothing changes.
 */
export class Stage {
  /** @type {Uint8Array|null} */
  states = null;
  /** @type {Uint8Array|null} */
  needed = null;
  /** Id that is selected, or -1. */
  selected = -1;
  /** Box under the pointer, or -1. */
  hovered = -1;
  /** Op that runs next, or -1. */
  next = -1;
  boxesDrawn = 0;
  layoutMs = 0;
  frameMs = 0;
  #frame = 0;
  #stale = { picture: true, states: true, mirror: true, overlay: true };
  /** @type {{ways: Ways|null, box: number, lines: import("./ways.js").HighlightLine[]}} */
  #linesOf = { ways: null, box: -1, lines: [] };
  #lastView = { x: NaN, y: NaN, k: NaN };
  #movedAt = -Infinity;
  /** Timer that ends a movement, or 0. */
  #settling = 0;

  /** @param {HTMLElement} host */
  constructor(host) {
    this.host = host;
    const stillness = matchMedia("(prefers-reduced-motion: reduce)");
    /** Whether nothing is to glide or flow: it would come too late, and hold up what counts. */
    this.isHurried = false;
    const isStill = () => stillness.matches || this.isHurried;
    this.base = new Surface(host.appendChild(document.createElement("canvas")), { isOpaque: true });
    this.overlay = new Surface(host.appendChild(document.createElement("canvas")), {
      isOpaque: false,
    });
    this.mirror = new Mirror(host);
    this.race = new RaceMark(host);
    this.camera = new Camera(isStill);
    this.animation = new FlowAnimation(isStill);
    this.theme = readTheme(host);
    this.text = new TextMeasure(this.theme.font);
    this.stopWatching = watchTheme(() => {
      this.theme = readTheme(host);
      this.redraw();
    });
    /**
     * @type {Shown|null}
     */
    this.shown = null;
    this.resize();
  }

  /** @param {DisplayTree} tree */
  show(tree) {
    const builder = new SceneBuilder(tree, (text, size) => this.text.width(text, size));
    this.states = this.needed = null;
    this.selected = this.hovered = this.next = -1;
    this.race.set(null);
    this.shown = null;
    return builder;
  }

  /**
   * Lay out what has changed, and show it.
   *
   * @param {SceneBuilder} builder
   * @param {Scene} [laidOut] what the builder has built already
   */
  rebuild(builder, laidOut) {
    const start = performance.now();
    const scene = laidOut ?? builder.build();
    this.layoutMs = performance.now() - start;
    const ways = new Ways(builder, scene);
    const { tree } = builder;
    this.shown = {
      tree,
      builder,
      scene,
      ways,
      states: boxStates(tree, scene, this.states, this.needed),
    };
    this.animation.clear();
    this.hovered = -1;
    this.redraw();
  }

  /** The states of ops have changed. */
  updateStates() {
    this.#stale.states = true;
    this.redraw();
  }

  /** Anything but what moves has changed. */
  redraw() {
    this.#stale.picture = this.#stale.mirror = this.#stale.overlay = true;
    this.requestFrame();
  }

  /** Only what lies over the picture has changed. */
  redrawOverlay() {
    this.#stale.overlay = true;
    this.requestFrame();
  }

  requestFrame() {
    if (this.#frame === 0) this.#frame = requestAnimationFrame((now) => this.#draw(now));
  }

  /** Move the focus to the box of an id. @param {number} id */
  focus(id) {
    const picture = this.#picture();
    if (!picture) return;
    this.mirror.look(picture.view);
    this.mirror.focus(id, picture, this.camera.bounds);
  }

  resize() {
    const { clientWidth, clientHeight } = this.host;
    this.camera.width = clientWidth;
    this.camera.height = clientHeight;
    this.base.resize(clientWidth, clientHeight);
    this.overlay.resize(clientWidth, clientHeight);
    this.redraw();
  }

  destroy() {
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#settling);
    this.stopWatching();
  }

  /** @returns {import("./draw.js").Picture|null} */
  #picture() {
    if (!this.shown) return null;
    const { tree, scene, ways, states } = this.shown;
    const selected = this.#boxNear(this.selected);
    return {
      tree,
      scene,
      states,
      view: this.camera.view,
      theme: this.theme,
      text: this.text,
      selected,
      next: this.next < 0 ? -1 : ways.boxOf(this.next),
      highlights: selected < 0 || scene.isExpanded[selected] ? [] : this.#lines(ways, selected),
    };
  }

  /** Lines at a box, found once per scene and selection. @param {Ways} ways @param {number} box */
  #lines(ways, box) {
    if (this.#linesOf.ways !== ways || this.#linesOf.box !== box) {
      this.#linesOf = { ways, box, lines: linesAt(ways, box) };
    }
    return this.#linesOf.lines;
  }

  /** The box of an id, or of the collapsed container around it. @param {number} id */
  #boxNear(id) {
    if (!this.shown) return -1;
    const { tree, scene } = this.shown;
    while (id >= 0 && scene.boxOf[id] < 0) id = tree.parents[id];
    return id < 0 ? -1 : scene.boxOf[id];
  }

  /** @param {number} now */
  #draw(now) {
    this.#frame = 0;
    if (!this.shown) return;
    const begin = performance.now();
    this.camera.advance(now);
    const { view } = this.camera;
    const moved =
      view.x !== this.#lastView.x || view.y !== this.#lastView.y || view.k !== this.#lastView.k;
    this.#lastView = view;
    const isPassing = (moved || this.#stale.states) && this.#isInARow(now);
    if (this.#stale.states) {
      this.shown.states = boxStates(this.shown.tree, this.shown.scene, this.states, this.needed);
      this.#stale.states = false;
    }
    const picture = this.#picture();
    if (!picture) return;
    if (moved || this.#stale.picture) {
      this.boxesDrawn = drawPicture(this.base, picture);
      this.#stale.picture = false;
    }
    if (moved || this.#stale.overlay || this.animation.isActive) this.#drawOverlay(picture, now);
    if (moved) this.#stale.mirror = true;
    // One move is mirrored at once; in a row of them, what passes by is not worth the elements.
    if (isPassing) this.#settleLater();
    else if (this.#stale.mirror && this.#settling === 0) this.#settle(picture);
    this.frameMs = performance.now() - begin;
    if (this.camera.isGliding || this.animation.isActive) this.requestFrame();
  }

  /** Whether what moves now follows closely on what moved last. @param {number} now */
  #isInARow(now) {
    const since = now - this.#movedAt;
    this.#movedAt = now;
    return since < MOVING_MS;
  }

  /** Bring the mirror up to date when the movement has ended. */
  #settleLater() {
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => {
      this.#settling = 0;
      this.requestFrame();
    }, MOVING_MS);
  }

  /** @param {import("./draw.js").Picture} picture */
  #settle(picture) {
    this.mirror.look(picture.view);
    this.mirror.update(picture, this.camera.bounds);
    this.#stale.mirror = false;
  }

  /** @param {import("./draw.js").Picture} picture @param {number} now */
  #drawOverlay(picture, now) {
    this.#stale.overlay = false;
    const isEmpty = this.hovered < 0 && this.race.ops === null && !this.animation.isActive;
    // A canvas is composited in each frame, however empty it is.
    const { canvas } = this.overlay;
    if (canvas.hidden !== isEmpty) canvas.hidden = isEmpty;
    if (isEmpty) return;
    this.overlay.clear();
    this.overlay.look(this.camera.view);
    const { context } = this.overlay;
    if (this.hovered >= 0) {
      context.globalAlpha = 0.45;
      drawRing(context, picture, this.hovered, this.theme["--graph-select"], 2);
      context.globalAlpha = 1;
    }
    const { shown } = this;
    this.race.draw(context, picture, (op) => shown?.ways.boxOf(op) ?? -1);
    this.race.look(this.camera.view);
    this.animation.draw(context, picture, now);
  }
}
