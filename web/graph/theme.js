/**
 * Colours of the drawing, as CSS colours; read from the custom properties in `styles/graph.css`
 * and the page's tokens.
 *
 * @typedef {Record<typeof NAMES[number], string> & {font: string}} Theme
 */

const NAMES = /** @type {const} */ ([
  "--graph-bg",
  "--graph-node",
  "--graph-node-text",
  "--graph-edge",
  "--graph-edge-control",
  "--graph-scope",
  "--graph-scope-text",
  "--graph-select",
  "--graph-border",
  "--graph-muted",
  "--graph-variable",
  "--graph-placeholder",
  "--graph-constant",
  "--graph-loop",
  "--graph-write",
  "--graph-next",
  "--state-ready",
  "--state-running",
  "--state-done",
  "--state-dead",
  "--state-failed",
  "--flow",
  "--race",
]);

/** @param {Element} element @returns {Theme} */
export function readTheme(element) {
  const style = getComputedStyle(element);
  const colours = Object.fromEntries(
    NAMES.map((name) => [name, style.getPropertyValue(name).trim()]),
  );
  return /** @type {Theme} */ ({ ...colours, font: style.fontFamily });
}

/**
 * Call `changed` when the page's theme may have changed.
 *
 * @param {() => void} changed
 * @returns {() => void} stops it
 */
export function watchTheme(changed) {
  const observer = new MutationObserver(changed);
  observer.observe(document.documentElement, { attributes: true });
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  scheme.addEventListener("change", changed);
  return () => {
    observer.disconnect();
    scheme.removeEventListener("change", changed);
  };
}

/** Colour of each state, by number; idle has none. */
export const STATE_COLOURS = /** @type {const} */ ([
  "--graph-border",
  "--state-ready",
  "--state-running",
  "--state-done",
  "--state-dead",
  "--state-failed",
]);
