import { Legend } from "./legend.js";

const SVG = "http://www.w3.org/2000/svg";

/** Paths of the icons, in a box of 16 x 16. */
const ICONS = {
  Fit: "M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10",
  "Zoom in": "M7 3v8M3 7h8M10.5 10.5 14 14M7 1.8a5.2 5.2 0 1 0 .01 0",
  "Zoom out": "M4 7h6M10.5 10.5 14 14M7 1.8a5.2 5.2 0 1 0 .01 0",
  "Expand all": "M3 6.5 8 2l5 4.5M3 9.5 8 14l5-4.5",
  "Collapse all": "M3 2.5 8 7l5-4.5M3 13.5 8 9l5 4.5",
  Follow: "M8 1.5v3M8 11.5v3M1.5 8h3M11.5 8h3M8 5.2a2.8 2.8 0 1 0 .01 0",
};

const LEGEND_ICON = "M2.2 3.8h2.6M2.2 8h2.6M2.2 12.2h2.6M7.5 3.8h6.3M7.5 8h6.3M7.5 12.2h6.3";

/**
 * The buttons over the drawing, and the legend that one of them opens.
 *
 * @param {HTMLElement} host
 * @param {Record<keyof typeof ICONS, () => void>} actions by the buttons' names
 * @returns {{element: HTMLElement, setFollow: (follow: boolean) => void, destroy: () => void}}
 */
export function createToolbar(host, actions) {
  const group = document.createElement("div");
  group.className = "graph-tools";
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", "Graph view");
  const names = /** @type {(keyof typeof ICONS)[]} */ (Object.keys(ICONS));
  const buttons = new Map(
    names.map((name) => [name, createButton(name, ICONS[name], actions[name])]),
  );
  const legendButton = createButton("Legend", LEGEND_ICON, () => legend.toggle());
  const legend = new Legend(legendButton, host);
  group.append(...buttons.values(), legendButton);
  const element = document.createElement("div");
  element.className = "graph-over";
  element.append(group, legend.element);
  host.append(element);
  const setFollow = (/** @type {boolean} */ follow) => {
    buttons.get("Follow")?.setAttribute("aria-pressed", String(follow));
  };
  return { element, setFollow, destroy: () => legend.close() };
}

/** @param {string} name @param {string} drawing path of its icon @param {() => void} action */
function createButton(name, drawing, action) {
  const button = document.createElement("button");
  button.type = "button";
  button.title = name === "Follow" ? "Follow: keep the op that runs next in view" : name;
  button.setAttribute("aria-label", name);
  const icon = document.createElementNS(SVG, "svg");
  icon.setAttribute("viewBox", "0 0 16 16");
  icon.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", drawing);
  icon.append(path);
  button.append(icon);
  button.addEventListener("click", action);
  return button;
}
