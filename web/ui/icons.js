/**
 * The page's icons, on a grid of 16 by 16, drawn in the colour of the text.
 */
import { html } from "./html.js";

const PATHS = {
  run: "M4 2.5v11l9-5.5z",
  continue: "M3 3h2v10H3zM7 2.5v11l7-5.5z",
  pause: "M4 3h3v10H4zM9 3h3v10H9z",
  stepOver:
    "M8 11a2 2 0 1 0 0 4 2 2 0 0 0 0-4zM2.5 8.5A5.6 5.6 0 0 1 12 5.2V2.6h1.8v5.9H8V6.7h3.1a3.9 3.9 0 0 0-6.9 1.8z",
  stepBack:
    "M8 11a2 2 0 1 0 0 4 2 2 0 0 0 0-4zM13.5 8.5A5.6 5.6 0 0 0 4 5.2V2.6H2.2v5.9H8V6.7H4.9a3.9 3.9 0 0 1 6.9 1.8z",
  restart: "M8 3V.8L3.8 4 8 7.2V5a4 4 0 1 1-4 4H2.2A5.8 5.8 0 1 0 8 3z",
  stop: "M3.5 3.5h9v9h-9z",
  open: "M1.5 3h4.6l1.5 1.7h6.9V13h-13z",
  sun: "M8 4.7a3.3 3.3 0 1 0 0 6.6 3.3 3.3 0 0 0 0-6.6zM7.3 1h1.4v2.2H7.3zM7.3 12.8h1.4V15H7.3zM1 7.3h2.2v1.4H1zM12.8 7.3H15v1.4h-2.2zM3.2 4.2l1-1 1.5 1.5-1 1zM10.3 11.3l1-1 1.5 1.5-1 1zM4.2 12.8l-1-1 1.5-1.5 1 1zM11.3 5.7l-1-1 1.5-1.5 1 1z",
  moon: "M6.2 1.5A6.7 6.7 0 1 0 14.5 10 5.6 5.6 0 0 1 6.2 1.5z",
  system: "M1.5 2.5h13v8.6H9.2v1.4h2.3V14h-7v-1.5h2.3v-1.4H1.5zM3.1 4v5.5h9.8V4z",
  close: "M3.4 4.5l1.1-1.1L8 6.9l3.5-3.5 1.1 1.1L9.1 8l3.5 3.5-1.1 1.1L8 9.1l-3.5 3.5-1.1-1.1L6.9 8z",
  widen: "M7 3v2.6H3.6l2 2-1.1 1.1L.6 4.8 4.5.9l1.1 1.1-1.9 2H7zM9 3v2.4h3.4l-2 2 1.1 1.1 3.9-3.9L11.5.7l-1.1 1.1 1.9 1.9H9zM2 11h12v3H2z",
  narrow: "M1 3.7h3.4l-1.9-2L3.6.6l3.9 3.9-3.9 3.9-1.1-1.1 2-2H1zM15 3.7h-3.4l1.9-2L12.4.6 8.5 4.5l3.9 3.9 1.1-1.1-2-2H15zM2 11h12v3H2z",
  chevron: "M6 3.5L10.5 8 6 12.5z",
  trash: "M5.5 2h5v1.3H14v1.5H2V3.3h3.5zM3.3 6h9.4l-.7 8.5H4z",
  help: "M7.2 11.4h1.7V13H7.2zM8 2.8c2 0 3.4 1.1 3.4 2.9 0 1.3-.7 2-1.5 2.6-.8.6-1 .8-1 1.7v.3H7.2v-.5c0-1.3.5-2 1.4-2.6.7-.5 1-.8 1-1.4 0-.8-.6-1.4-1.6-1.4s-1.7.6-1.7 1.6H4.6C4.6 4 6 2.8 8 2.8z",
};

/**
 * @param {keyof typeof PATHS} name
 */
export function icon(name) {
  return html`<svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
    <path d=${PATHS[name]} fill="currentColor" />
  </svg>`;
}
