import { createRef } from "../packages.js";
import { errorBody } from "../connection/failure.js";
import { counted } from "../state/numbers.js";
import { besideInitializers, isInitialization, offeredRun, offerOf } from "../state/offered-run.js";
import { isOnBackdrop } from "../ui/backdrop.js";
import { shapeText } from "../ui/format.js";
import { html } from "../ui/html.js";
import { Panel } from "../ui/panel.js";
import { ScheduleField } from "../ui/schedule-field.js";
import { TokenField, names } from "../ui/token-field.js";

/** How long typing must rest before the server is asked what the run would need. */
const ASK_AFTER_MS = 120;
const COMPLETIONS = 12;
/** Op types whose operations have no output to fetch. */
const WITHOUT_OUTPUT = new Set(["NoOp", "Assert", "SaveV2", "Save", "AssignVariableOp"]);

/**
 * @typedef {import("../connection/protocol.d.ts").PlanResponse} PlanResponse
 * @typedef {import("../state/offered-run.js").Offer} Offer
 *
 * @typedef {object} Given what a suggestion, or the run before, feeds
 * @property {string[]} names
 * @property {string[]} of the fetches and targets that it feeds them for
 *
 * @typedef {object} Form
 * @property {string[]} fetches
 * @property {string[]} targets
 * @property {string} fetchText
 * @property {string} targetText
 * @property {Given} given
 * @property {Record<string, string>} feeds as typed; others have the server's proposal
 * @property {PlanResponse | null} plan what the server says of the above
 * @property {string | null} error
 * @property {boolean} busy a run is being started
 */

/** The dialog `Run`. */
export class RunDialog extends Panel {
  /** @type {import("../packages.js").RefObject<HTMLDialogElement | null>} */
  #dialog = createRef();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** Number of the latest question; answers to earlier ones are not shown. */
  #asked = 0;
  /** The program that the fields are about. @type {string | null} */
  #program = null;
  /** What the program ran, or was going to, before its initialization. @type {Offer | null} */
  #before = null;
  /** Whether a run of an initialiser, started here, is under way. */
  #initializing = false;

  /** Kept here, as `Start` may be pressed before what was typed is drawn. @type {Form} */
  #form = {
    fetches: [], targets: [], fetchText: "", targetText: "",
    given: { names: [], of: [] }, feeds: {}, plan: null, error: null, busy: false,
  };

  /** @param {Partial<Form>} changed */
  #set(changed) {
    this.#form = { ...this.#form, ...changed };
    this.forceUpdate();
  }

  cells() {
    const { runDialog, schedule } = this.props.store;
    return [runDialog, schedule];
  }

  componentDidMount() {
    super.componentDidMount();
    const { store } = this.props;
    this.watch(store.runDialog, (open) => open && this.#prepare());
    this.watch(store.model, () => {
      this.#before = null;
    });
    this.watch(store.run, (run) => {
      if (run !== null && !isInitialization(run, store.graph.get())) this.#before = offerOf(run);
      if (!this.#initializing || run === null || run.state === "running") return;
      if (run.state === "paused") return;
      this.#initializing = false;
      this.#ask();
    });
    this.whenGone(() => clearTimeout(this.#timer));
  }

  componentDidUpdate() {
    const dialog = this.#dialog.current;
    if (dialog !== null && !dialog.open) dialog.showModal();
  }

  /** Begin with what the session ran last, other than to initialize its variables. */
  #prepare() {
    const { store } = this.props;
    const program = store.session.get()?.program ?? null;
    const { fetches, targets, feeds } = offeredRun(store.run.get(), this.#before, store.graph.get());
    if (program !== this.#program) {
      this.#program = program;
      this.#set({ feeds: {}, plan: null });
    }
    // As text, selected, so that typing replaces it.
    this.#set({
      fetches: [],
      targets: [],
      fetchText: fetches.join(", "),
      targetText: targets.join(", "),
      given: { names: Object.keys(feeds), of: [...fetches, ...targets] },
      feeds: { ...this.#form.feeds, ...textsOf(feeds) },
      error: null,
      busy: false,
    });
    this.#askSoon();
  }

  /**
   * The names in the fields.
   * @param {(name: string) => boolean} take which of those that are typed but not chosen
   */
  #chosen(take = () => true) {
    const { fetches, targets, fetchText, targetText } = this.#form;
    return {
      fetches: merged(fetches, names(fetchText).filter(take)),
      targets: merged(targets, names(targetText).filter(take)),
    };
  }

  /**
   * Change what is to run, and ask what that needs.
   * @param {Partial<Form>} changed
   */
  #edit(changed) {
    this.#set(changed);
    this.#askSoon();
  }

  #askSoon() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#ask(), ASK_AFTER_MS);
  }

  /**
   * Ask what the chosen names need, and show it.
   * @returns {Promise<PlanResponse | null>} null where nothing is chosen or the server objects
   */
  async #ask() {
    clearTimeout(this.#timer);
    const asked = ++this.#asked;
    const model = this.props.store.model.get();
    // A name that is still being typed is no mistake yet.
    const { fetches, targets } = this.#chosen(
      (name) => model !== null && model.indexOf(opName(name)) >= 0,
    );
    if (fetches.length === 0 && targets.length === 0) {
      this.#set({ plan: null, error: null });
      return null;
    }
    try {
      const { names, of } = this.#form.given;
      const isGiven = [...fetches, ...targets].some((name) => of.includes(name));
      const plan = await this.props.actions.plan(fetches, targets, isGiven ? names : []);
      if (asked === this.#asked) this.#set({ plan, error: null });
      return plan;
    } catch (error) {
      if (asked === this.#asked) this.#set({ plan: null, error: errorBody(error).message });
      return null;
    }
  }

  async #start() {
    // What is asked or about to be asked would take away what this is going to say.
    clearTimeout(this.#timer);
    this.#asked++;
    const { fetches, targets } = this.#chosen();
    if (fetches.length === 0 && targets.length === 0) {
      this.#set({ error: "Nothing to run: name at least one fetch or target." });
      return;
    }
    this.#set({ busy: true, error: null });
    try {
      // Asked again: the fields may have changed since, and their proposals are needed now.
      const plan = await this.#ask();
      /** @type {Record<string, string>} */
      const feeds = {};
      for (const { name, value } of plan?.feeds ?? []) {
        feeds[name] = this.#form.feeds[name] ?? value;
      }
      await this.props.actions.launch({ fetches, targets, feeds });
      this.props.actions.closeRunDialog();
    } catch (error) {
      this.#set({ error: errorBody(error).message });
    } finally {
      this.#set({ busy: false });
    }
  }

  /** @param {string} name */
  async #initialize(name) {
    this.#initializing = true;
    const feeds = Object.fromEntries(this.#form.given.names.map((feed) => [feed, null]));
    this.#before = { ...this.#chosen(), feeds };
    this.#set({ error: null });
    try {
      await this.props.actions.runInitializer(name);
    } catch (error) {
      this.#initializing = false;
      this.#set({ error: errorBody(error).message });
    }
  }

  /**
   * @param {string} text
   * @param {boolean} tensors whether outputs are meant, or operations
   */
  #complete(text, tensors) {
    const model = this.props.store.model.get();
    if (model === null) return [];
    return model.search(opName(text), { limit: COMPLETIONS }).map((node) => {
      const name = model.names[node];
      return tensors && !WITHOUT_OUTPUT.has(model.type(node)) ? `${name}:0` : name;
    });
  }

  /** @param {import("../state/graph-data.d.ts").Suggestion} suggestion */
  #suggest({ fetches, targets, feeds }) {
    const texts = { ...this.#form.feeds, ...textsOf(feeds) };
    const given = { names: Object.keys(feeds), of: [...fetches, ...targets] };
    this.#set({ fetches, targets, fetchText: "", targetText: "", given, feeds: texts });
    void this.#ask();
  }

  render() {
    const { store, actions } = this.props;
    if (!store.runDialog.get()) return null;
    const { fetches, targets, fetchText, targetText, plan, error, busy } = this.#form;
    const suggestions = store.graph.get()?.suggestions ?? [];
    const chosen = this.#chosen();
    const beside = besideInitializers(chosen.fetches, chosen.targets, store.graph.get());
    return html`<dialog
      ref=${this.#dialog}
      class="dialog run-dialog"
      aria-label="Run"
      onClose=${actions.closeRunDialog}
      onMouseDown=${(/** @type {MouseEvent} */ event) =>
        isOnBackdrop(event) && actions.closeRunDialog()}
    >
      <form
        method="dialog"
        onSubmit=${(/** @type {Event} */ event) => {
          event.preventDefault();
          void this.#start();
        }}
      >
        <h2>Run</h2>
        <div class="dialog-body">
          ${suggestions.length > 0 &&
          html`<div class="suggestions" role="group" aria-label="Suggestions">
            ${suggestions.map(
              (suggestion) => html`<button
                type="button"
                class="button small"
                key=${suggestion.title}
                title=${[...suggestion.fetches, ...suggestion.targets].join(", ")}
                onClick=${() => this.#suggest(suggestion)}
              >
                ${suggestion.title}
              </button>`,
            )}
          </div>`}
          <${TokenField}
            label="Fetches"
            placeholder="tensors to return, such as loss:0"
            values=${fetches}
            text=${fetchText}
            autofocus=${true}
            complete=${(/** @type {string} */ text) => this.#complete(text, true)}
            onText=${(/** @type {string} */ text) => this.#edit({ fetchText: text })}
            onChoose=${(/** @type {string[]} */ chosen) =>
              this.#edit({ fetches: merged(this.#form.fetches, chosen), fetchText: "" })}
            onRemove=${(/** @type {string} */ name) =>
              this.#edit({ fetches: this.#form.fetches.filter((fetch) => fetch !== name) })}
          />
          <${TokenField}
            label="Targets"
            placeholder="operations to run without a result, such as train"
            values=${targets}
            text=${targetText}
            complete=${(/** @type {string} */ text) => this.#complete(text, false)}
            onText=${(/** @type {string} */ text) => this.#edit({ targetText: text })}
            onChoose=${(/** @type {string[]} */ chosen) =>
              this.#edit({ targets: merged(this.#form.targets, chosen), targetText: "" })}
            onRemove=${(/** @type {string} */ name) =>
              this.#edit({ targets: this.#form.targets.filter((target) => target !== name) })}
          />
          ${beside !== "" && html`<p class="muted">${beside}</p>`}
          ${plan !== null && this.#needs(plan)}
          <div class="dialog-schedule">
            <${ScheduleField} schedule=${store.schedule.get()} onChange=${actions.setSchedule} />
          </div>
          ${error !== null && html`<p class="error-text" role="alert">${error}</p>`}
        </div>
        <div class="dialog-buttons">
          <span class="muted">${plan === null ? "" : planText(plan)}</span>
          <span class="space"></span>
          <button type="button" class="button" onClick=${actions.closeRunDialog}>Cancel</button>
          <button type="submit" class="button primary" disabled=${busy}>Start</button>
        </div>
      </form>
    </dialog>`;
  }

  /** @param {PlanResponse} plan */
  #needs({ feeds, uninitialized, initializer, unsupported }) {
    return html`
      ${feeds.map(
        ({ name, dtype, shape, value }) => html`<label class="feed" key=${name}>
          <span class="feed-name"><code>${name}</code>
            <span class="muted" aria-hidden="true">${dtype} ${shapeText(shape)}</span>
          </span>
          <textarea
            rows="1"
            spellcheck=${false}
            aria-label=${`Feed ${name}`}
            title=${`${dtype} ${shapeText(shape)}`}
            onInput=${(/** @type {any} */ event) => {
              const text = event.currentTarget.value;
              this.#set({ feeds: { ...this.#form.feeds, [name]: text } });
            }}
            value=${this.#form.feeds[name] ?? value}
          ></textarea>
        </label>`,
      )}
      ${uninitialized.length > 0 &&
      html`<div class="note warning">
        <p>
          Not initialized yet: ${" "}
          ${uninitialized.slice(0, 6).map((name, at) => html`${at > 0 && ", "}<code>${name}</code>`)}
          ${uninitialized.length > 6 && ` and ${uninitialized.length - 6} more`}
        </p>
        ${initializer !== null &&
        html`<button type="button" class="button small" onClick=${() => this.#initialize(initializer)}>
          Run initializer ${initializer} first
        </button>`}
      </div>`}
      ${unsupported.length > 0 &&
      html`<p class="note warning">The engine cannot run ${unsupported.join(", ")}.</p>`}
    `;
  }
}

/** @param {PlanResponse} plan */
function planText({ steps }) {
  if (steps === null) return "The number of steps depends on control flow.";
  return counted(steps, "step");
}

/**
 * The texts that are given for feeds.
 * @param {Offer["feeds"]} feeds
 * @returns {Record<string, string>}
 */
function textsOf(feeds) {
  /** @type {Record<string, string>} */
  const texts = {};
  for (const [name, text] of Object.entries(feeds)) if (text !== null) texts[name] = text;
  return texts;
}

/**
 * @param {string[]} chosen
 * @param {string[]} typed
 */
function merged(chosen, typed) {
  return [...new Set([...chosen, ...typed])];
}

/** @param {string} text a tensor's or an op's name */
function opName(text) {
  return text.replace(/:\d*$/, "");
}
