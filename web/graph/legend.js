import { drawSample } from "./legend-drawing.js";
import { LEGEND } from "./legend-samples.js";
import { readTheme, watchTheme } from "./theme.js";

/** @typedef {import("./legend-samples.js").LegendItem} LegendItem */

/** Explains the drawing; stays open beside it until it is closed. */
export class Legend {
  #button;
  #host;
  /** What is drawn, with its canvas. @type {[HTMLCanvasElement, LegendItem][]} */
  #samples = [];
  /** Ends what an open legend watches. @type {(() => void)|null} */
  #stop = null;

  /**
   * @param {HTMLButtonElement} button that opens and closes it
   * @param {HTMLElement} host of the drawing, in which Escape closes it
   */
  constructor(button, host) {
    this.#button = button;
    this.#host = host;
    button.setAttribute("aria-expanded", "false");
    button.setAttribute("aria-haspopup", "dialog");
    this.element = document.createElement("div");
    this.element.className = "graph-legend";
    this.element.setAttribute("role", "dialog");
    this.element.setAttribute("aria-label", "Legend");
    this.element.tabIndex = -1;
    this.element.hidden = true;
  }

  toggle() {
    if (this.#stop === null) this.#open();
    else this.close();
  }

  #open() {
    if (this.#samples.length === 0) this.#fill();
    const abort = new AbortController();
    this.#host.addEventListener("keydown", (event) => this.#key(event), { signal: abort.signal });
    const unwatch = watchTheme(() => this.#draw());
    this.#stop = () => {
      abort.abort();
      unwatch();
    };
    this.#draw();
    this.#show(true);
    this.element.focus();
  }

  /** Close it; the focus goes back to the button where it was in the legend. */
  close() {
    if (this.#stop === null) return;
    this.#stop();
    this.#stop = null;
    const hadFocus = this.element.contains(document.activeElement);
    this.#show(false);
    if (hadFocus) this.#button.focus();
  }

  /** @param {boolean} isOpen */
  #show(isOpen) {
    this.element.hidden = !isOpen;
    this.#button.setAttribute("aria-expanded", String(isOpen));
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key !== "Escape") return;
    event.preventDefault();
    this.close();
  }

  #fill() {
    for (const { title, items } of LEGEND) {
      const heading = document.createElement("h3");
      heading.textContent = title;
      const list = document.createElement("ul");
      list.setAttribute("aria-label", title);
      list.append(...items.map((item) => this.#entry(item)));
      this.element.append(heading, list);
    }
  }

  /** @param {LegendItem} item */
  #entry(item) {
    const canvas = document.createElement("canvas");
    canvas.setAttribute("aria-hidden", "true");
    this.#samples.push([canvas, item]);
    const name = document.createElement("strong");
    name.textContent = item.name;
    const words = document.createElement("span");
    words.append(name, ` ${item.text}`);
    const entry = document.createElement("li");
    entry.append(canvas, words);
    return entry;
  }

  #draw() {
    const theme = readTheme(this.#host);
    for (const [canvas, { sample }] of this.#samples) drawSample(canvas, sample, theme);
  }
}
