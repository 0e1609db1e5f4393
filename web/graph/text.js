import { LABEL_SIZE, TYPE_SIZE } from "./sizes.js";

/** @typedef {"label"|"type"} TextSize */

/** Measures and shortens text as it is drawn, and remembers. */
export class TextMeasure {
  #context;
  #family;
  /** @type {Map<string, number>} */
  #widths = new Map();
  /** @type {Map<string, string>} */
  #elided = new Map();

  /** @param {string} family CSS font family */
  constructor(family) {
    this.#family = family;
    const context = document.createElement("canvas").getContext("2d");
    if (!context)
      throw new Error("The browser gives no 2D drawing context, which the graph needs.");
    this.#context = context;
  }

  /** CSS font of a size. @param {TextSize} size @param {number} [pixels] */
  font(size, pixels = size === "label" ? LABEL_SIZE : TYPE_SIZE) {
    return `${size === "label" ? 500 : 400} ${pixels}px ${this.#family}`;
  }

  /** Width in world pixels. @param {string} text @param {TextSize} size */
  width(text, size) {
    const key = size + text;
    let width = this.#widths.get(key);
    if (width === undefined) {
      this.#context.font = this.font(size);
      width = this.#context.measureText(text).width;
      this.#widths.set(key, width);
    }
    return width;
  }

  /**
   * The text, with its middle left out where it is wider than the room: both ends of names matter.
   *
   * @param {string} text
   * @param {TextSize} size
   * @param {number} room
   */
  fit(text, size, room) {
    if (this.width(text, size) <= room) return text;
    const key = `${size}${Math.floor(room)} ${text}`;
    let short = this.#elided.get(key);
    if (short === undefined) {
      let [least, most] = [0, text.length];
      while (least < most) {
        const kept = Math.ceil((least + most) / 2);
        if (this.width(withoutMiddle(text, kept), size) <= room) least = kept;
        else most = kept - 1;
      }
      short = withoutMiddle(text, least);
      this.#elided.set(key, short);
    }
    return short;
  }
}

/** @param {string} text @param {number} kept */
function withoutMiddle(text, kept) {
  const head = Math.ceil(kept / 2);
  return `${text.slice(0, head)}…${text.slice(text.length - (kept - head))}`;
}
