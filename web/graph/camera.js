/**
 * Where the window looks: screen = world * k + (x, y).
 *
 * @typedef {{x: number, y: number, k: number}} View
 *
 * @typedef {{left: number, top: number, right: number, bottom: number}} Bounds
 */

export const LEAST_SCALE = 0.01;
export const MOST_SCALE = 3;
const MARGIN = 36;
/** Text is legible from this scale on; a first picture is not smaller. */
const LEGIBLE_SCALE = 0.62;
/** From this scale on it can be read at a pinch: a view is not changed for being smaller than legible. */
const LEAST_LEGIBLE = 0.4;
const GLIDE_MS = 220;

/** The view, and its smooth changes. Has no clock of its own: `advance` is called once a frame. */
export class Camera {
  /** @type {View} */
  view = { x: 0, y: 0, k: 1 };
  width = 1;
  height = 1;
  /** @type {{from: View, to: View, start: number}|null} */
  #glide = null;

  /** @param {() => boolean} isStill whether motion is unwelcome */
  constructor(isStill) {
    this.isStill = isStill;
  }

  get isGliding() {
    return this.#glide !== null;
  }

  /** @param {View} view @param {boolean} [smooth] */
  moveTo(view, smooth = false) {
    if (smooth && !this.isStill()) this.#glide = { from: this.view, to: view, start: -1 };
    else {
      this.#glide = null;
      this.view = view;
    }
  }

  /** @param {number} now in ms */
  advance(now) {
    if (!this.#glide) return;
    const { from, to } = this.#glide;
    if (this.#glide.start < 0) this.#glide.start = now;
    const t = Math.min(1, (now - this.#glide.start) / GLIDE_MS);
    const eased = 1 - (1 - t) ** 3;
    const mix = (/** @type {number} */ a, /** @type {number} */ b) => a + (b - a) * eased;
    this.view = { x: mix(from.x, to.x), y: mix(from.y, to.y), k: mix(from.k, to.k) };
    if (t === 1) this.#glide = null;
  }

  /** @param {number} dx @param {number} dy screen pixels */
  pan(dx, dy) {
    const { x, y, k } = this.view;
    this.moveTo({ x: x + dx, y: y + dy, k });
  }

  /**
   * Zoom so that the world point under (x, y) stays there.
   *
   * @param {number} factor
   * @param {number} [x]
   * @param {number} [y]
   * @param {boolean} [smooth]
   */
  zoom(factor, x = this.width / 2, y = this.height / 2, smooth = false) {
    const { view } = this;
    const k = Math.max(LEAST_SCALE, Math.min(MOST_SCALE, view.k * factor));
    const ratio = k / view.k;
    this.moveTo({ x: x - (x - view.x) * ratio, y: y - (y - view.y) * ratio, k }, smooth);
  }

  /**
   * The view that shows all of the bounds, in the middle.
   *
   * @param {Bounds} bounds
   * @param {{legible?: boolean, largest?: number}} [options] legible: not so small that text cannot be
   *   read; what does not fit then is cut off at the bottom and at both sides alike
   * @returns {View}
   */
  fitted({ left, top, right, bottom }, { legible = false, largest = 1.35 } = {}) {
    const width = Math.max(1, right - left);
    const height = Math.max(1, bottom - top);
    const room = Math.min((this.width - 2 * MARGIN) / width, (this.height - 2 * MARGIN) / height);
    let k = Math.max(LEAST_SCALE, Math.min(largest, room));
    if (legible) k = Math.max(k, Math.min(LEGIBLE_SCALE, largest));
    const x = (this.width - width * k) / 2 - left * k;
    const free = this.height - height * k;
    const y = (free < 2 * MARGIN - 1 ? MARGIN : free / 2) - top * k;
    return { x, y, k };
  }

  /**
   * The nearest view that has the bounds in the window, or null if this one does.
   *
   * @param {Bounds} bounds
   * @returns {View|null}
   */
  toShow({ left, top, right, bottom }) {
    const { x, y, k } = this.view;
    const dx = nudge(left * k + x, right * k + x, this.width);
    const dy = nudge(top * k + y, bottom * k + y, this.height);
    const tooSmall = k < LEAST_LEGIBLE;
    if (dx === 0 && dy === 0 && !tooSmall) return null;
    if (!tooSmall) return { x: x + dx, y: y + dy, k };
    const scale = LEGIBLE_SCALE;
    return {
      x: this.width / 2 - ((left + right) / 2) * scale,
      y: this.height / 2 - ((top + bottom) / 2) * scale,
      k: scale,
    };
  }

  /**
   * After a change of the window's size: move so that what was seen of the drawing is in it still,
   * no larger than before.
   *
   * @param {Bounds} seen bounds of the window before
   * @param {{totalWidth: number, totalHeight: number}} [drawing] nothing moves without one
   */
  keep(seen, { totalWidth: width, totalHeight: height } = { totalWidth: 0, totalHeight: 0 }) {
    const left = Math.max(0, seen.left);
    const top = Math.max(0, seen.top);
    const right = Math.min(width, seen.right);
    const bottom = Math.min(height, seen.bottom);
    const now = this.bounds;
    const isSeen =
      now.left <= left && now.top <= top && now.right >= right && now.bottom >= bottom;
    if (isSeen || left >= right || top >= bottom) return;
    const options = { legible: true, largest: this.view.k };
    this.moveTo(this.fitted({ left, top, right, bottom }, options));
  }

  /** World bounds of the window. @returns {Bounds} */
  get bounds() {
    const { x, y, k } = this.view;
    return {
      left: -x / k,
      top: -y / k,
      right: (this.width - x) / k,
      bottom: (this.height - y) / k,
    };
  }

  /** @param {number} x @param {number} y screen pixels */
  toWorld(x, y) {
    const { view } = this;
    return { x: (x - view.x) / view.k, y: (y - view.y) / view.k };
  }
}

/**
 * What to add for from .. to to lie within the window, with a margin.
 *
 * @param {number} from
 * @param {number} to
 * @param {number} size
 */
function nudge(from, to, size) {
  const margin = Math.min(56, size / 8);
  if (to - from > size - 2 * margin) return from > margin || to < size - margin ? margin - from : 0;
  if (from < margin) return margin - from;
  return to > size - margin ? size - margin - to : 0;
}
