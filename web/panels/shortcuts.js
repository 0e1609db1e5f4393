import { createRef } from "../packages.js";
import { isOnBackdrop } from "../ui/backdrop.js";
import { html } from "../ui/html.js";
import { Panel } from "../ui/panel.js";

const SHORTCUTS = [
  ["F8", "Continue or pause"],
  ["F10", "Step over: execute the next op"],
  ["Shift+F10", "Step back"],
  ["Ctrl+K or /", "Search for an op"],
  ["← →", "In the timeline: a step back or on"],
  ["↑ ↓ ← →", "In the outline: move, expand and collapse"],
  ["Enter", "In the outline and the graph: select; in a manual schedule, run a ready op"],
  ["?", "This sheet"],
];

/** The sheet of keyboard shortcuts. */
export class Shortcuts extends Panel {
  /** @type {import("../packages.js").RefObject<HTMLDialogElement | null>} */
  #dialog = createRef();

  cells() {
    return [this.props.store.shortcuts];
  }

  componentDidUpdate() {
    const dialog = this.#dialog.current;
    if (dialog !== null && !dialog.open) dialog.showModal();
  }

  render() {
    const { store, actions } = this.props;
    if (!store.shortcuts.get()) return null;
    const close = () => actions.showShortcuts(false);
    return html`<dialog
      ref=${this.#dialog}
      class="dialog"
      aria-label="Keyboard shortcuts"
      onClose=${close}
      onMouseDown=${(/** @type {MouseEvent} */ event) => isOnBackdrop(event) && close()}
    >
      <div class="dialog-frame">
        <h2>Keyboard shortcuts</h2>
        <dl class="shortcuts">
          ${SHORTCUTS.map(
            ([keys, text]) => html`<div key=${keys}><dt><kbd>${keys}</kbd></dt><dd>${text}</dd></div>`,
          )}
        </dl>
        <div class="dialog-buttons">
          <span class="space"></span>
          <button class="button" onClick=${close}>Close</button>
        </div>
      </div>
    </dialog>`;
  }
}
