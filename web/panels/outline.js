import { createRef } from "../packages.js";
import { STATE_NAMES } from "../state/node-states.js";
import { counted, grouped } from "../state/numbers.js";
import { ScopeStates, expandedAtFirst, outlineRows, scopesAround } from "../state/outline.js";
import { html } from "../ui/html.js";
import { icon } from "../ui/icons.js";
import { memo } from "../ui/memo.js";
import { Panel } from "../ui/panel.js";

const ROW_HEIGHT = 24;
/** Rows drawn above and below what is in view. */
const SPARE_ROWS = 8;
const FOUND_LIMIT = 500;

/**
 * @typedef {import("../state/outline.js").OutlineRow} OutlineRow
 * @typedef {{ top: number, height: number }} OutlineState
 */

/** The region `Outline`: the tree of scopes and ops. @extends {Panel<OutlineState>} */
export class Outline extends Panel {
  /** @type {import("../packages.js").RefObject<HTMLInputElement | null>} */
  #search = createRef();
  /** @type {import("../packages.js").RefObject<HTMLElement | null>} */
  #scroller = createRef();
  /** @type {Set<number>} */
  #expanded = new Set();
  /** @type {ScopeStates | null} */
  #scopeStates = null;
  /** The rows of what is shown; null when they are to be made again. @type {OutlineRow[] | null} */
  #rows = null;
  /** @type {string | null} */
  #problem = null;
  // Not in `state`, which changes only when drawn: keys may come faster.
  #query = "";
  /** Place of the row that the keyboard is at, or -1. */
  #active = -1;
  // The same functions each time, so that rows are not drawn again for them.
  #onActivate = (/** @type {number} */ at) => this.#activate(at);
  #onToggle = (/** @type {number} */ id) => this.#toggle(id);

  /** @type {OutlineState} */
  state = { top: 0, height: 600 };

  cells() {
    const { states, selection, needed } = this.props.store;
    return [states, selection, needed];
  }

  componentDidMount() {
    super.componentDidMount();
    const { store } = this.props;
    this.watch(store.model, (model) => {
      this.#expanded = model === null ? new Set() : expandedAtFirst(model);
      this.#scopeStates = model === null ? null : new ScopeStates(model);
      this.#searchFor("");
    });
    this.watch(store.selection, (node) => node !== null && this.#reveal(node));
    const asked = store.searchAsked.get();
    this.watch(store.searchAsked, (count) => {
      if (count === asked) return;
      this.#search.current?.focus();
      this.#search.current?.select();
    });
    const scroller = this.#scroller.current;
    if (scroller !== null) {
      const resized = new ResizeObserver(() => this.setState({ height: scroller.clientHeight }));
      resized.observe(scroller);
      this.whenGone(() => resized.disconnect());
    }
  }

  /** @param {string} query */
  #searchFor(query) {
    this.#query = query;
    this.#rows = null;
    this.#active = -1;
    if (this.#scroller.current !== null) this.#scroller.current.scrollTop = 0;
    this.setState({ top: 0 });
  }

  /** @param {number} at */
  #moveTo(at) {
    this.#active = at;
    this.#scrollTo(at);
    this.forceUpdate();
  }

  /** Expand what hides an op, and scroll to it. @param {number} node */
  #reveal(node) {
    const model = this.props.store.model.get();
    if (model === null || this.#query !== "") return;
    const id = model.anchors[node];
    for (const scope of scopesAround(model, id)) {
      if (this.#expanded.has(scope)) continue;
      this.#expanded.add(scope);
      this.#rows = null;
    }
    const at = this.#shownRows().findIndex((row) => row.id === id);
    this.#moveTo(at);
  }

  /** @param {number} at */
  #scrollTo(at) {
    const scroller = this.#scroller.current;
    if (scroller === null || at < 0) return;
    const top = at * ROW_HEIGHT;
    if (top < scroller.scrollTop) scroller.scrollTop = top;
    else if (top + ROW_HEIGHT > scroller.scrollTop + scroller.clientHeight) {
      scroller.scrollTop = top + ROW_HEIGHT - scroller.clientHeight;
    }
  }

  #shownRows() {
    const model = this.props.store.model.get();
    if (model === null) return [];
    if (this.#rows === null) {
      this.#problem = null;
      const query = this.#query.trim();
      this.#rows = query === "" ? outlineRows(model, this.#expanded) : this.#found(model, query);
    }
    return this.#rows;
  }

  /**
   * @param {import("../state/store.js").GraphModel} model
   * @param {string} query
   * @returns {OutlineRow[]}
   */
  #found(model, query) {
    try {
      const nodes = model.search(query, { limit: FOUND_LIMIT });
      return nodes.map((id, index) => ({
        id, level: 1, position: index + 1, size: nodes.length,
      }));
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      this.#problem = "Not a regular expression yet.";
      return [];
    }
  }

  /** @param {number} id */
  #toggle(id) {
    if (this.#expanded.has(id)) this.#expanded.delete(id);
    else this.#expanded.add(id);
    this.#rows = null;
    this.forceUpdate();
  }

  /** @param {number} at */
  #activate(at) {
    const { store, actions } = this.props;
    const model = store.model.get();
    const row = this.#shownRows()[at];
    if (row === undefined || model === null) return;
    this.#active = at;
    this.forceUpdate();
    const node = model.nodeOf(row.id);
    if (node >= 0) {
      actions.select(node);
      if (isManual(store) && store.ready.get().find(node) !== null) actions.fire(node);
    } else this.#toggle(row.id);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const model = this.props.store.model.get();
    const rows = this.#shownRows();
    if (model === null || rows.length === 0) return;
    const active = Math.min(Math.max(this.#active, 0), rows.length - 1);
    const { id, level } = rows[active];
    const open = this.#expanded.has(id);
    const scope = model.isScope(id) && this.#query === "";
    /** @type {number | null} */
    let to = null;
    switch (event.key) {
      case "ArrowDown": to = active + (this.#active < 0 ? 0 : 1); break;
      case "ArrowUp": to = active - 1; break;
      case "Home": to = 0; break;
      case "End": to = rows.length - 1; break;
      case "PageDown": to = active + Math.floor(this.state.height / ROW_HEIGHT); break;
      case "PageUp": to = active - Math.floor(this.state.height / ROW_HEIGHT); break;
      case "ArrowRight":
        if (scope && !open) this.#toggle(id);
        else if (scope) to = active + 1;
        break;
      case "ArrowLeft":
        if (scope && open) this.#toggle(id);
        else for (to = active; to > 0 && rows[to].level >= level; ) to--;
        break;
      case "Enter":
      case " ":
        this.#activate(active);
        break;
      default:
        return;
    }
    event.preventDefault();
    if (to === null) return;
    this.#moveTo(Math.min(Math.max(to, 0), rows.length - 1));
  }

  render() {
    const { store } = this.props;
    const { top, height } = this.state;
    const query = this.#query;
    const model = store.model.get();
    const rows = this.#shownRows();
    const first = Math.max(0, Math.floor(top / ROW_HEIGHT) - SPARE_ROWS);
    const last = Math.min(rows.length, Math.ceil((top + height) / ROW_HEIGHT) + SPARE_ROWS);
    return html`<section class="panel outline" aria-label="Outline">
      <div class="panel-head">
        <h2>Outline</h2>
        <span class="muted">${model !== null && counted(model.nodeCount, "op")}</span>
      </div>
      <div class="search">
        <input
          ref=${this.#search}
          type="search"
          aria-label="Search"
          placeholder="Search: text or /regex/"
          title="Search by name or op type (/ or Ctrl+K)"
          spellcheck=${false}
          value=${query}
          onInput=${(/** @type {any} */ event) => {
            this.#searchFor(event.currentTarget.value);
          }}
          onKeyDown=${(/** @type {KeyboardEvent} */ event) => {
            if (event.key === "ArrowDown" || event.key === "Enter") {
              event.preventDefault();
              if (event.key === "Enter") this.#activate(0);
              this.#scroller.current?.focus();
              this.#moveTo(0);
            }
          }}
        />
      </div>
      <div
        ref=${this.#scroller}
        class="tree"
        role="tree"
        aria-label="Operations"
        tabindex="0"
        aria-activedescendant=${this.#active >= 0 ? `outline-${rows[this.#active]?.id}` : null}
        onScroll=${(/** @type {any} */ event) => this.setState({ top: event.currentTarget.scrollTop })}
        onKeyDown=${(/** @type {KeyboardEvent} */ event) => this.#key(event)}
      >
        <div class="tree-space" role="none" style=${{ height: `${rows.length * ROW_HEIGHT}px` }}>
          ${model !== null && rows.slice(first, last).map((row, index) => this.#row(model, row, first + index))}
        </div>
        ${query !== "" && rows.length === 0 &&
        html`<p class="empty">${this.#problem ?? "No op has such a name or type."}</p>`}
      </div>
    </section>`;
  }

  /**
   * @param {import("../state/store.js").GraphModel} model
   * @param {OutlineRow} row
   * @param {number} at
   */
  #row(model, { id, level, position, size }, at) {
    const { store } = this.props;
    const { states } = store.states.get().nodes;
    const needed = store.needed.get();
    const node = model.nodeOf(id);
    const scope = model.isScope(id);
    const found = this.#query !== "";
    const state = scope ? this.#scopeStates?.of(id, states, needed) : states[node];
    return html`<${TreeRow}
      key=${id}
      id=${id}
      at=${at}
      level=${level}
      position=${position}
      size=${size}
      name=${scope && node < 0 ? `${model.path(id)}/` : model.path(id)}
      text=${found ? model.path(id) : model.label(id)}
      type=${node >= 0 ? model.type(node) : (this.#scopeStates?.size(id) ?? 0)}
      state=${STATE_NAMES[state ?? 0]}
      open=${scope && !found ? this.#expanded.has(id) : null}
      selected=${node >= 0 && store.selection.get() === node}
      active=${at === this.#active}
      unneeded=${needed !== null && !scope && needed[node] !== 1}
      onActivate=${this.#onActivate}
      onToggle=${this.#onToggle}
    />`;
  }
}

/**
 * One row, at its place among all: `open` is null where there is nothing to open.
 * @typedef {object} TreeRowProps
 * @property {number} id
 * @property {number} at
 * @property {number} level
 * @property {number} position
 * @property {number} size
 * @property {string} name
 * @property {string} text
 * @property {string | number} type of an op; of a scope, how many ops it has
 * @property {string} state
 * @property {boolean | null} open
 * @property {boolean} selected
 * @property {boolean} active
 * @property {boolean} unneeded
 * @property {(at: number) => void} onActivate
 * @property {(id: number) => void} onToggle
 */
const TreeRow = memo((/** @type {TreeRowProps} */ row) => {
  const { id, at, level, name, open } = row;
  const type = typeof row.type === "number" ? grouped(row.type) : row.type;
  return html`<div
    id=${`outline-${id}`}
    class=${`tree-row${row.unneeded ? " unneeded" : ""}${row.active ? " active" : ""}`}
    role="treeitem"
    aria-label=${name}
    aria-level=${level}
    aria-posinset=${row.position}
    aria-setsize=${row.size}
    aria-expanded=${open}
    aria-selected=${row.selected}
    data-state=${row.state}
    title=${`${name} (${type})`}
    style=${{ top: `${at * ROW_HEIGHT}px`, paddingLeft: `${8 + (level - 1) * 14}px` }}
    onClick=${() => row.onActivate(at)}
  >
    <span
      class=${open ? "twist open" : "twist"}
      aria-hidden="true"
      onClick=${(/** @type {Event} */ event) => {
        if (open === null) return;
        event.stopPropagation();
        row.onToggle(id);
      }}
    >
      ${open !== null && icon("chevron")}
    </span>
    <span class="state-dot" aria-hidden="true"></span>
    <span class="tree-label">${row.text}</span>
    <span class="tree-type">${type}</span>
  </div>`;
});

/** @param {import("../state/store.js").Store} store */
function isManual(store) {
  return store.run.get()?.schedule === "manual";
}
