import { createRef } from "../packages.js";
import { html } from "../ui/html.js";
import { icon } from "../ui/icons.js";
import { shapeText } from "../ui/format.js";
import { Panel } from "../ui/panel.js";

/** @typedef {import("../state/store.js").ConsoleLine} ConsoleLine */

/** The region `Console`: runs, their results, and what went wrong. */
export class Console extends Panel {
  /** @type {import("../packages.js").RefObject<HTMLElement | null>} */
  #log = createRef();
  /** The last line that was scrolled to. */
  #seen = 0;

  cells() {
    return [this.props.store.console];
  }

  componentDidUpdate() {
    const log = this.#log.current;
    const last = this.props.store.console.get().at(-1)?.id ?? 0;
    if (log !== null && last !== this.#seen) log.scrollTop = log.scrollHeight;
    this.#seen = last;
  }

  render() {
    const { store, actions } = this.props;
    const lines = store.console.get();
    return html`<section class="panel console" aria-label="Console">
      <div class="panel-head">
        <h2>Console</h2>
        ${lines.length > 0 &&
        html`<button class="icon-button small" aria-label="Clear console" title="Clear console" onClick=${actions.clearConsole}>
          ${icon("trash")}
        </button>`}
      </div>
      <div class="scroll lines" role="log" aria-label="Console" ref=${this.#log} tabindex="0">
        ${lines.map((line) => html`<div class="line" key=${line.id} data-kind=${line.kind}>
          ${this.#line(line)}
        </div>`)}
        ${lines.length === 0 && html`<p class="empty">No run yet. Press Run to choose what to fetch.</p>`}
      </div>
    </section>`;
  }

  /** @param {ConsoleLine} line */
  #line({ text, results, error }) {
    const { actions } = this.props;
    const initializer = error?.detail?.initializer;
    return html`
      <span class="line-text">${text}</span>
      ${results?.map(
        ({ name, value }) => html`<div class="result" key=${name}>
          <button class="link" onClick=${() => actions.selectByName(name)}>${name}</button>
          ${value === null
            ? html`<span class="muted">done</span>`
            : html`<span class="muted">${value.dtype} ${shapeText(value.shape)}</span>
                <code class="result-value">${value.text}</code>`}
        </div>`,
      )}
      ${error?.op && html`<div class="line-actions">
        at <button class="link" onClick=${() => actions.selectByName(error.op ?? "")}>${error.op}</button>
      </div>`}
      ${typeof initializer === "string" &&
      html`<div class="line-actions">
        <button
          class="button small"
          onClick=${() => void actions.runInitializer(initializer).catch(actions.report)}
        >
          Run initializer ${initializer}
        </button>
      </div>`}
    `;
  }
}
