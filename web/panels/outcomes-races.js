/**
 * Races as a list; the one that is chosen is drawn in the graph.
 *
 * @typedef {import("../connection/protocol.d.ts").OutcomeSet} OutcomeSet
 * @typedef {import("../connection/protocol.d.ts").Race} Race
 * @typedef {import("../ui/panel.js").PanelProps} PanelProps
 */
import { counted, grouped } from "../state/numbers.js";
import { html } from "../ui/html.js";
import { repairsView } from "./outcomes-races-repairs.js";

const TEARABLE = "TensorFlow may run these two kernels at the same time";

/**
 * @param {OutcomeSet} found
 * @param {number} most how many to list
 * @param {() => void} more
 * @param {PanelProps} parts
 */
export function raceList({ races, raceCount, complete }, most, more, parts) {
  if (raceCount === 0) {
    const none = complete
      ? "None: all accesses to variables are ordered."
      : "None was found, but not everything was explored.";
    return html`<section class="part races"><h3>Races</h3><p class="muted">${none}</p></section>`;
  }
  const left = raceCount - Math.min(most, races.length);
  return html`<section class="part races" aria-label="Races">
    <h3>Races <span class="muted">${counted(raceCount, "pair")} of ops that nothing orders</span></h3>
    <ul class="plain">
      ${races.slice(0, most).map((race, number) => raceItem(race, number, parts))}
    </ul>
    ${left > 0 && most < races.length && html`<button class="button small" onClick=${more}>Show more: ${grouped(left)} are not shown</button>`}
    ${left > 0 && most >= races.length && html`<p class="muted">and ${grouped(left)} more</p>`}
  </section>`;
}

/**
 * @param {Race} race
 * @param {number} number
 * @param {PanelProps} parts
 */
function raceItem(race, number, parts) {
  const { store, actions } = parts;
  const { variable, memory, kind, first, second, tearing, why, fix } = race;
  const shown = store.race.get() === number;
  const meaning = `${TEARABLE}: ${tearing}. Level split shows what can come of it.`;
  return html`<li key=${number} class="race" data-shown=${String(shown)}>
    <button
      class="race-head"
      aria-label=${`Race on ${variable}: ${first.name} and ${second.name}`}
      aria-pressed=${String(shown)}
      title=${shown ? "Hide it in the graph" : "Show it in the graph"}
      onClick=${() => actions.showRace(shown ? null : number)}
    >
      <span class="race-variable">${variable}</span>
      ${memory !== null && html`<span class="badge" data-kind=${memory}>${memory}</span>`}
      <span class="badge">${kind}</span>
      ${tearing && html`<span class="badge tearable" title=${meaning}>tearable</span>`}
    </button>
    <p class="race-ops">
      ${access(first, actions)} <span class="race-sign" aria-label="races with">⇢</span> ${access(second, actions)}
    </p>
    <p class="why">${why}</p>
    ${tearing && html`<p class="muted">${meaning}</p>`}
    ${fix && html`<p class="fix"><span class="muted">To order them:</span> ${fix}</p>`}
    ${store.repairs.get()?.race === number
      ? repairsView(parts)
      : html`<button
          class="button small apply-fix"
          aria-label=${`Apply fix to ${variable}: ${first.name} and ${second.name}`}
          title="What orders them, and what that does to the outcomes"
          onClick=${() => actions.findRepairs(number)}
        >
          Apply fix
        </button>`}
  </li>`;
}

/**
 * @param {Race["first"]} access
 * @param {PanelProps["actions"]} actions
 */
function access({ name, type, does }, actions) {
  return html`<span class="access">
    <button class="link" title=${`${name} (${type})`} onClick=${() => actions.selectByName(name)}>${name}</button>
    <span class="muted">${does}</span>
  </span>`;
}
