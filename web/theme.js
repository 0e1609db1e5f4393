// Classic script in the head: the theme must be known before anything is painted.
// `data-theme` is always `light` or `dark`; ui/theme.js keeps it true afterwards.
{
  let theme = "system";
  try {
    theme = localStorage.getItem("opscope.theme") ?? "system";
  } catch {
    // Storage is forbidden: the system's theme it is.
  }
  if (theme !== "light" && theme !== "dark") {
    theme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  }
  document.documentElement.dataset.theme = theme;
}
