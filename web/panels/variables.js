import { createRef } from "../packages.js";
import { counted } from "../state/numbers.js";
import { shapeText } from "../ui/format.js";
import { html } from "../ui/html.js";
import { memo } from "../ui/memo.js";
import { Panel } from "../ui/panel.js";
import { Sparkline } from "../ui/sparkline.js";

const ROW_HEIGHT = 28;
/** Programs with more variables than this get only the rows in view. */
const VIRTUAL_FROM = 60;
const SPARE_ROWS = 10;

/**
 * @typedef {import("../state/store.js").VariableRow} VariableRow
 * @typedef {{ sort: "program" | "name" | "written", top: number, height: number }} VariablesState
 */

/** The region `Variables`: what each holds at the cursor. @extends {Panel<VariablesState>} */
export class Variables extends Panel {
  /** @type {import("../packages.js").RefObject<HTMLElement | null>} */
  #scroller = createRef();
  /** What the rows showed last, to see what has changed. @type {Map<string, { text: string, changes: number }>} */
  #shown = new Map();

  /** @type {VariablesState} */
  state = { sort: "program", top: 0, height: 400 };

  cells() {
    const { variables, needed } = this.props.store;
    // `needed` changes with the run, whose number tells which writes are of an earlier one.
    return [variables, needed];
  }

  componentDidMount() {
    super.componentDidMount();
    this.watch(this.props.store.session, () => this.#shown.clear());
    const scroller = this.#scroller.current;
    if (scroller === null) return;
    const resized = new ResizeObserver(() => this.setState({ height: scroller.clientHeight }));
    resized.observe(scroller);
    this.whenGone(() => resized.disconnect());
  }

  #sorted() {
    const rows = [...this.props.store.variables.get().values()];
    const { sort } = this.state;
    if (sort === "name") rows.sort((a, b) => (a.name < b.name ? -1 : 1));
    if (sort === "written") {
      const run = this.props.store.run.get()?.id;
      /** @param {VariableRow} row */
      const when = ({ writer }) =>
        writer === null ? -Infinity : writer.run === run ? writer.step : writer.step - 1e12;
      rows.sort((a, b) => when(b) - when(a));
    }
    return rows;
  }

  /**
   * How often a row's value has changed while shown; the first showing is no change.
   * @param {VariableRow} row
   */
  #changes({ name, value, version }) {
    const text = `${version} ${value?.text ?? ""}`;
    const before = this.#shown.get(name);
    const changes = before === undefined ? 0 : before.changes + (before.text === text ? 0 : 1);
    this.#shown.set(name, { text, changes });
    return changes;
  }

  /**
   * @param {"name" | "written"} sort
   * @param {string} text
   */
  #heading(sort, text) {
    const sorted = this.state.sort === sort;
    const order = sort === "name" ? "ascending" : "descending";
    return html`<th scope="col" aria-sort=${sorted ? order : "none"}>
      <button
        class="sort"
        title=${sorted ? "Sort as in the program" : `Sort by ${text.toLowerCase()}`}
        onClick=${() => this.setState({ sort: sorted ? "program" : sort })}
      >
        ${text}<span aria-hidden="true">${sorted ? (sort === "name" ? " ↑" : " ↓") : ""}</span>
      </button>
    </th>`;
  }

  render() {
    const { store } = this.props;
    const rows = this.#sorted();
    const virtual = rows.length > VIRTUAL_FROM;
    const { top, height } = this.state;
    const firstSeen = Math.max(0, Math.floor(top / ROW_HEIGHT) - SPARE_ROWS);
    const lastSeen = Math.min(rows.length, Math.ceil((top + height) / ROW_HEIGHT) + SPARE_ROWS);
    const first = virtual ? firstSeen : 0;
    const last = virtual ? lastSeen : rows.length;
    return html`<section class="panel variables" aria-label="Variables">
      <div class="panel-head">
        <h2>Variables</h2>
        <span class="muted">${rows.length > 0 && counted(rows.length, "variable")}</span>
      </div>
      <div
        class="scroll"
        ref=${this.#scroller}
        tabindex="-1"
        onScroll=${(/** @type {any} */ event) =>
          this.setState({ top: event.currentTarget.scrollTop })}
      >
        <table aria-label="Variables" aria-rowcount=${rows.length + 1}>
          <thead>
            <tr>
              ${this.#heading("name", "Name")}
              <th scope="col">Dtype</th>
              <th scope="col">Shape</th>
              <th scope="col">Value</th>
              <th scope="col">Previous</th>
              ${this.#heading("written", "Written by")}
              <th scope="col">History</th>
            </tr>
          </thead>
          <tbody>
            ${first > 0 && spacer(first)}
            ${rows.slice(first, last).map((row, index) => {
              const at = first + index;
              return this.#row(row, at, at >= firstSeen && at < lastSeen);
            })}
            ${last < rows.length && spacer(rows.length - last)}
          </tbody>
        </table>
        ${store.graph.get()?.variables.length === 0 && html`<p class="empty">This program has no variables.</p>`}
      </div>
    </section>`;
  }

  /**
   * @param {VariableRow} row
   * @param {number} at
   * @param {boolean} seen
   */
  #row(row, at, seen) {
    const { store, actions } = this.props;
    return html`<${TableRow}
      key=${row.name}
      row=${row}
      at=${at}
      seen=${seen}
      changes=${this.#changes(row)}
      run=${store.run.get()?.id ?? null}
      actions=${actions}
    />`;
  }
}

/**
 * @typedef {object} TableRowProps
 * @property {VariableRow} row
 * @property {number} at
 * @property {boolean} seen  Whether it is in view, or nearly.
 * @property {number} changes how often its value has changed while shown
 * @property {number | null} run number of the latest run
 * @property {import("../state/actions.js").Actions} actions
 */
const TableRow = memo((/** @type {TableRowProps} */ { row, at, seen, changes, run, actions }) => {
  const { name, kind, dtype, shape, value, previous, history } = row;
  // Two classes that take turns, because an animation begins anew only when its name changes.
  const flash = changes === 0 ? "" : changes % 2 ? "flash-odd" : "flash-even";
  // Cells that cut their text off cost the browser time in every frame, also out of view.
  return html`<tr aria-rowindex=${at + 2} class=${`${flash} ${seen ? "seen" : ""}`}>
    <th scope="row">
      <button class="link name name-end" title=${name} onClick=${() => actions.selectByName(name)}>
        <bdi dir="ltr">${name}</bdi>
      </button>
      <span class="badge" data-kind=${kind} title=${KINDS[kind]}>${kind}</span>
    </th>
    <td title=${dtype}>${dtype}</td>
    <td>${shapeText(value?.shape ?? shape)}</td>
    <td class="value" title=${value?.text ?? "Not initialized"}>
      ${value === null ? html`<span class="muted">uninitialized</span>` : value.text}
    </td>
    <td class="value previous" title=${previous?.text ?? null}>${previous?.text ?? ""}</td>
    <td class="writer">${writerText(row, run, actions)}</td>
    <td><${Sparkline} values=${history} label=${`History of ${name}`} /></td>
  </tr>`;
});

const KINDS = {
  ref: "Reference variable: reads alias its buffer",
  resource: "Resource variable: reads are snapshots",
};

/** @param {number} rows */
function spacer(rows) {
  return html`<tr aria-hidden="true"><td colspan="7" class="spacer" style=${{ height: `${rows * ROW_HEIGHT}px` }}></td></tr>`;
}

/**
 * @param {VariableRow} row
 * @param {number | null} run
 * @param {import("../state/actions.js").Actions} actions
 */
function writerText({ writer, value }, run, actions) {
  // No run wrote it: it came with the program, or from the process that a restart replaced.
  if (writer === null) return value === null ? "" : html`<span class="muted">at the start</span>`;
  if (writer.run !== run) {
    const when = `run ${writer.run}, step ${writer.step}`;
    return html`<span class="muted" title=${`${when} ${writer.op}`}>
      <span>${when}</span> <span class="name-end"><bdi dir="ltr">${writer.op}</bdi></span>
    </span>`;
  }
  return html`<button
    class="link"
    title=${`${writer.op}: go to step ${writer.step}`}
    onClick=${() => {
      actions.selectByName(writer.op);
      actions.goto(writer.step);
    }}
  >
    <span>step ${writer.step}</span> <span class="name-end"><bdi dir="ltr">${writer.op}</bdi></span>
  </button>`;
}
