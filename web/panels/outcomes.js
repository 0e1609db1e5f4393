import { createRef } from "../packages.js";
import { outcomesSentence, searchText } from "../state/outcomes.js";
import { html } from "../ui/html.js";
import { icon } from "../ui/icons.js";
import { Panel } from "../ui/panel.js";
import { comparisonView } from "./outcomes-compare.js";
import { modelsView } from "./outcomes-models.js";
import { raceList } from "./outcomes-races.js";
import { outcomeSet } from "./outcomes-set.js";

/** @type {Record<import("../state/store.js").Level, string>} */
const LEVELS = {
  atomic: "Every kernel runs as one: each of these results can happen.",
  split:
    "Kernels that TensorFlow does not keep apart may overlap: one may see what another has half done.",
};

/** Races listed before anybody asks for more. */
const FIRST_RACES = 30;

/**
 * The region `Outcomes`: every result that the run can give.
 * @extends {Panel<{ races: number }>}
 */
export class Outcomes extends Panel {
  /** @type {import("../packages.js").RefObject<HTMLElement | null>} */
  #body = createRef();

  /** @type {{ races: number }} */
  state = { races: FIRST_RACES };

  cells() {
    const {
      outcomes, search, race, repairs, models, chosenOutcome, comparison, outcomesLevel, outcomesOpen,
      outcomesWide, run, session, connection,
    } = this.props.store;
    return [
      outcomes, search, race, repairs, models, chosenOutcome, comparison, outcomesLevel, outcomesOpen,
      outcomesWide, run, session, connection,
    ];
  }

  /** @returns {unknown[]} */
  shows() {
    const { run } = this.props.store;
    // Not how far the run has come.
    const others = this.cells().filter((cell) => cell !== run);
    return [run.get()?.id, run.get()?.state, ...others.map((cell) => cell.get())];
  }

  componentDidMount() {
    super.componentDidMount();
    this.watch(this.props.store.outcomes, (state) => {
      if (state === null) this.setState({ races: FIRST_RACES });
    });
    this.watch(this.props.store.comparison, (comparison) => {
      if (comparison !== null) this.#body.current?.scrollTo({ top: 0 });
    });
  }

  render() {
    const { store, actions } = this.props;
    const open = store.outcomesOpen.get();
    const wide = store.outcomesWide.get();
    const state = store.outcomes.get();
    return html`<section class="panel outcomes" aria-label="Outcomes" data-open=${String(open)}>
      <div class="panel-head">
        <h2>Outcomes</h2>
        <span class="head-buttons">
          <button
            class="icon-button small"
            aria-label="Widen outcomes"
            aria-pressed=${String(wide)}
            title=${wide ? "As narrow as before" : "Make room for outcomes"}
            onClick=${() => actions.widenOutcomes(!wide)}
          >
            ${icon(wide ? "narrow" : "widen")}
          </button>
          <button
            class="icon-button small twist ${open ? "open" : ""}"
            aria-label="Show outcomes"
            aria-expanded=${String(open)}
            title=${open ? "Fold away" : "Show outcomes"}
            onClick=${() => actions.showOutcomes(!open)}
          >
            ${icon("chevron")}
          </button>
        </span>
      </div>
      ${this.#sentence()}
      ${this.#controls()}
      ${open && html`<div class="scroll outcomes-body" ref=${this.#body} tabindex="-1">
        ${store.comparison.get() !== null && comparisonView(this.props)}
        ${state?.found ? this.#found(state.found) : this.#nothing()}
      </div>`}
    </section>`;
  }

  #sentence() {
    const { store } = this.props;
    const run = store.run.get();
    const isSearching = store.search.get() !== null;
    const sentence = outcomesSentence(store.outcomes.get(), run, isSearching);
    const found = isSearching ? null : store.outcomes.get()?.found;
    const several = found?.groups.some(({ count }) => count > 1) === true;
    const tone = found ? (several ? "several" : found.complete ? "one" : "unsure") : "none";
    const text = sentence || (run === null
      ? "What a run could have given instead is shown here."
      : "Whether the result depends on the schedule is known when the run has ended.");
    return html`<p class=${sentence && !isSearching ? "outcomes-sentence" : "outcomes-sentence muted"} data-tone=${tone} aria-live="polite">
      ${text}
    </p>`;
  }

  #controls() {
    const { store, actions } = this.props;
    const search = store.search.get();
    const level = store.outcomesLevel.get();
    const alive = store.connection.get() === "connected" && store.session.get()?.alive === true;
    if (search !== null) {
      const text = searchText(search);
      return html`<div class="outcomes-controls searching">
        <progress aria-label="Search for outcomes" max=${search.budget} value=${search.seconds} aria-valuetext=${text}></progress>
        <button class="button small" onClick=${actions.stopSearch}>Stop search</button>
        <span class="muted search-text">${text}</span>
      </div>`;
    }
    return html`<div class="outcomes-controls">
      <button
        class="button small"
        disabled=${!alive || store.run.get() === null}
        title=${store.run.get() === null ? "Run something first" : "Search for every result that this run can give"}
        onClick=${actions.findOutcomes}
      >
        Find outcomes
      </button>
      <label class="inline-field">
        <span>Level</span>
        <select
          class="small"
          aria-label="Level"
          aria-description=${LEVELS[level]}
          title=${LEVELS[level]}
          onChange=${(/** @type {any} */ event) => actions.setOutcomesLevel(event.currentTarget.value)}
        >
          ${(/** @type {const} */ (["atomic", "split"])).map(
            (name) => html`<option key=${name} value=${name} selected=${name === level} title=${LEVELS[name]}>${name}</option>`,
          )}
        </select>
      </label>
      ${store.outcomesOpen.get() && html`<span class="muted level-text">${LEVELS[level]}</span>`}
    </div>`;
  }

  #nothing() {
    const { store } = this.props;
    if (store.search.get() !== null) return null;
    const error = store.outcomes.get()?.error;
    if (error) return html`<p class="empty error-text" role="alert">${error.message}</p>`;
    return html`<p class="empty">
      ${store.run.get() === null
        ? "Run something; then find out what else it could have given, and why."
        : "Find outcomes searches through every order that TensorFlow may run these ops in."}
    </p>`;
  }

  /** @param {import("../state/outcomes.js").OutcomeSet} found */
  #found(found) {
    return html`
      ${outcomeSet(found, this.props)}
      ${raceList(found, this.state.races, () => this.setState({ races: this.state.races + 100 }), this.props)}
      ${modelsView(this.props)}
      ${found.notes.length > 0 && html`<section class="part">
        <h3>Notes</h3>
        <ul class="plain">${found.notes.map((note) => html`<li key=${note}>${note}</li>`)}</ul>
      </section>`}
    `;
  }
}
