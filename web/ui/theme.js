/**
 * Keeps `data-theme` of the document (`light` or `dark`) true of the chosen theme, and remembers it.
 */
import { recall, remember } from "./settings.js";

/** @param {import("../state/cell.js").Cell<"system" | "light" | "dark">} theme */
export function applyTheme(theme) {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const chosen = theme.get();
    const system = dark.matches ? "dark" : "light";
    document.documentElement.dataset.theme = chosen === "system" ? system : chosen;
  };
  const remembered = recall("theme");
  if (remembered === "light" || remembered === "dark") theme.set(remembered);
  dark.addEventListener("change", apply);
  theme.watch((chosen) => {
    apply();
    remember("theme", chosen);
  });
}
