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

/**
 * The buttons over the drawing.
 *
 * @param {HTMLElement} host
 * @param {Record<keyof typeof ICONS, () => void>} actions by the buttons' names
 * @returns {{element: HTMLElement, setFollow: (follow: boolean) => void}}
 */
export function createToolbar(host, actions) {
  const element = document.createElement("div");
  element.className = "graph-tools";
  element.setAttribute("role", "group");
  element.setAttribute("aria-label", "Graph view");
  const names = /** @type {(keyof typeof ICONS)[]} */ (Object.keys(ICONS));
  const buttons = new Map(names.map((name) => [name, createButton(name, actions[name])]));
  element.append(...buttons.values());
  host.append(element);
  const setFollow = (/** @type {boolean} */ follow) => {
    buttons.get("Follow")?.setAttribute("aria-pressed", String(follow));
  };
  return { element, setFollow };
}

/** @param {keyof typeof ICONS} name @param {() => void} action */
function createButton(name, action) {
  const button = document.createElement("button");
  button.type = "button";
  button.title = name === "Follow" ? "Follow: keep the op that runs next in view" : name;
  button.setAttribute("aria-label", name);
  const icon = document.createElementNS(SVG, "svg");
  icon.setAttribute("viewBox", "0 0 16 16");
  icon.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  icon.append(path);
  button.append(icon);
  button.addEventListener("click", action);
  return button;
}
