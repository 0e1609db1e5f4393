import { counted } from "../state/numbers.js";
import { dateText, sizeText } from "../ui/format.js";
import { html } from "../ui/html.js";
import { icon } from "../ui/icons.js";
import { Panel } from "../ui/panel.js";

/** @typedef {import("../state/store.js").HomeLists} HomeLists */

/** Recent runs listed at most. */
const SHOWN_RUNS = 12;

/** The first page: the library, the examples, recent runs, and a place to drop files. */
export class Home extends Panel {
  cells() {
    const { home, upload, opening } = this.props.store;
    return [home, upload, opening];
  }

  render() {
    const { store } = this.props;
    const home = store.home.get();
    return html`<main class="home" aria-label="Home">
      <div class="home-inner">
        <div class="home-intro">
          <h1>Open a TensorFlow graph, run it op by op, forwards and backwards.</h1>
          <p class="muted">
            Watch every variable change, and see why <code>session.run</code> gave the value that it gave.
          </p>
        </div>
        ${this.#dropZone(home)}
        ${home === null
          ? html`<p class="muted">Loading the library…</p>`
          : html`${this.#examples("Examples", home)}
              <div class="home-columns">${this.#library(home)} ${this.#recent(home)}</div>
              ${this.#examples("Puzzles", home)}`}
      </div>
    </main>`;
  }

  /** @param {HomeLists | null} home */
  #dropZone(home) {
    const { store, sessions } = this.props;
    const upload = store.upload.get();
    return html`<section class="drop" aria-label="Add a program">
      <div>
        <p class="drop-title">Drop a saved graph here</p>
        <p class="muted">
          GraphDef <code>.pb</code> or <code>.pbtxt</code>, a zip of a SavedModel, or a
          ${" "}<code>.meta</code> together with its checkpoint files
          ${home !== null && html`, up to ${sizeText(home.uploadLimit)}`}
        </p>
      </div>
      <label class="button primary file-button">
        ${icon("open")} Choose files
        <input
          type="file"
          multiple
          aria-label="Choose files"
          onChange=${(/** @type {any} */ event) => {
            const files = [...event.currentTarget.files];
            event.currentTarget.value = "";
            void sessions.upload(files);
          }}
        />
      </label>
      ${upload !== null &&
      html`<div class="upload">
        <span>${upload.fraction < 1 ? "Sending" : "Reading"} ${upload.name}</span>
        <progress
          aria-label=${`Upload of ${upload.name}`}
          max="1"
          value=${upload.fraction < 1 ? upload.fraction : null}
        ></progress>
      </div>`}
    </section>`;
  }

  /**
   * @param {string} group
   * @param {HomeLists} home
   */
  #examples(group, { examples }) {
    const { sessions, store } = this.props;
    const shown = examples.filter((example) => example.group === group);
    if (shown.length === 0) return null;
    const busy = store.opening.get() !== null;
    return html`<section aria-label=${group}>
      <h2>${group}</h2>
      ${group === "Puzzles" &&
      html`<p class="muted">
        Small programs whose results surprise people. Run one as suggested, then step it in another order.
      </p>`}
      <ul class="cards">
        ${shown.map(
          ({ id, name, title, description, nodes }) => html`<li key=${id}>
            <button
              class="card"
              disabled=${busy}
              aria-label=${`Open ${title}`}
              onClick=${() => sessions.openProgram(id, name)}
            >
              <span class="card-title">${title}</span>
              <span class="card-text">${description}</span>
              <span class="card-foot muted">${counted(nodes, "op")}</span>
            </button>
          </li>`,
        )}
      </ul>
    </section>`;
  }

  /** @param {HomeLists} home */
  #library({ programs }) {
    const { sessions, store } = this.props;
    const busy = store.opening.get() !== null;
    return html`<section class="home-list" aria-label="Library">
      <h2>Library</h2>
      ${programs.length === 0
        ? html`<p class="muted">Nothing yet. Programs that you open are kept here.</p>`
        : html`<ul class="plain">
            ${programs.map(
              ({ id, name, kind, nodes, size, added }) => html`<li key=${id} class="home-row">
                <button class="link strong" disabled=${busy} title=${`Open ${name}`} onClick=${() => sessions.openProgram(id, name)}>
                  ${name}
                </button>
                <span class="muted">${kind}, ${counted(nodes, "op")}, ${sizeText(size)}, ${dateText(added)}</span>
                <button
                  class="icon-button small"
                  aria-label=${`Remove ${name}`}
                  title=${`Remove ${name} from the library`}
                  onClick=${() => void sessions.remove(id)}
                >
                  ${icon("trash")}
                </button>
              </li>`,
            )}
          </ul>`}
    </section>`;
  }

  /** @param {HomeLists} home */
  #recent({ runs, sessions: open }) {
    const { sessions } = this.props;
    const idle = open.filter(({ id }) => !runs.some(({ session }) => session === id));
    return html`<section class="home-list" aria-label="Recent runs">
      <h2>Recent runs</h2>
      ${runs.length + idle.length === 0
        ? html`<p class="muted">No run yet. Open an example and press Run.</p>`
        : html`<ul class="plain">
            ${runs.slice(0, SHOWN_RUNS).map(
              ({ session, name, fetches, state, steps }, at) => html`<li key=${at} class="home-row">
                <button class="link strong" title=${`Go to the session of ${name}`} onClick=${() => sessions.openSession(session)}>
                  ${name}
                </button>
                <span class="muted">${fetches.join(", ")}${fetches.length > 0 && ": "}${state}, ${counted(steps, "step")}</span>
              </li>`,
            )}
            ${idle.map(
              ({ id, name, state }) => html`<li key=${id} class="home-row">
                <button class="link strong" onClick=${() => sessions.openSession(id)}>${name}</button>
                <span class="muted">session, ${state}</span>
              </li>`,
            )}
          </ul>`}
    </section>`;
  }
}
