/**
 * The keys that work everywhere on the page.
 *
 * @param {import("./state/store.js").Store} store
 * @param {import("./state/actions.js").Actions} actions
 */
export function listenToKeys(store, actions) {
  window.addEventListener("keydown", (event) => {
    const command = commandOf(event, actions);
    if (command === null || store.session.get() === null) return;
    event.preventDefault();
    if (store.runDialog.get() || store.shortcuts.get()) return;
    command();
  });
}

/**
 * @param {KeyboardEvent} event
 * @param {import("./state/actions.js").Actions} actions
 * @returns {(() => void) | null}
 */
function commandOf(event, actions) {
  const { key, shiftKey, ctrlKey, metaKey, altKey } = event;
  if (altKey) return null;
  if (ctrlKey || metaKey) return key.toLowerCase() === "k" ? actions.askSearch : null;
  if (key === "F8" && !shiftKey) return () => actions.resumeOrPause();
  if (key === "F10") return shiftKey ? actions.stepBack : actions.next;
  if (isTyping(event.target)) return null;
  if (key === "/") return actions.askSearch;
  if (key === "?") return () => actions.showShortcuts(true);
  return null;
}

/** @param {EventTarget | null} target */
function isTyping(target) {
  return (
    target instanceof HTMLElement &&
    (target instanceof HTMLInputElement
      ? !["range", "checkbox", "button"].includes(target.type)
      : target instanceof HTMLTextAreaElement || target.isContentEditable)
  );
}
