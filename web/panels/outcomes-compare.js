/**
 * Two outcomes side by side: what comes out differently, and where their schedules part.
 *
 * @typedef {import("../connection/protocol.d.ts").DiffResponse} DiffResponse
 * @typedef {import("../connection/protocol.d.ts").OutcomeSide} OutcomeSide
 * @typedef {import("../connection/protocol.d.ts").ScheduleStep} ScheduleStep
 * @typedef {import("../ui/panel.js").PanelProps} PanelProps
 */
import { counted } from "../state/numbers.js";
import { html } from "../ui/html.js";
import { icon } from "../ui/icons.js";

/** Steps shown before the one in which the schedules part, and after it. */
const BEFORE = 4;
const AFTER = 16;

/** @type {Record<string, string>} */
const PHASES = { fail: "fails", drop: "is swallowed", read: "reads", write: "writes" };

/** @param {PanelProps} parts */
export function comparisonView({ store, actions }) {
  const shown = store.comparison.get();
  if (shown === null) return null;
  const { first, second, diff } = shown;
  const races = store.outcomes.get()?.found?.races ?? [];
  return html`<section class="part comparison" aria-label="Comparison">
    <div class="comparison-head">
      <h3>Outcome ${first + 1} and outcome ${second + 1}</h3>
      <button class="icon-button small" aria-label="Close comparison" title="Close" onClick=${actions.closeComparison}>
        ${icon("close")}
      </button>
    </div>
    ${diff !== null && html`
      <table class="values" aria-label="What differs">
        <thead>
          <tr>
            <th scope="col">Differs</th>
            <th scope="col">Outcome ${first + 1}</th>
            <th scope="col">Outcome ${second + 1}</th>
          </tr>
        </thead>
        <tbody>
          ${diff.values.map(({ name, holds, first: left, second: right }) => html`<tr key=${`${holds} ${name}`}>
            <th scope="row"><button class="link" onClick=${() => actions.selectByName(name)}>${name}</button></th>
            <td class="value">${left?.text ?? "none"}</td>
            <td class="value">${right?.text ?? "none"}</td>
          </tr>`)}
        </tbody>
      </table>
      <p class="parting">${partingText(diff)}</p>
      ${diff.reversed.length > 0 && html`<ul class="plain reversed">
        ${diff.reversed.slice(0, 20).map((number) => reversedText(races[number], diff))}
      </ul>`}
      <div class="sides">
        ${side(diff.first, diff.parts, actions)}
        ${side(diff.second, diff.parts, actions)}
      </div>`}
  </section>`;
}

/** @param {DiffResponse} diff */
function partingText({ first, second, parts }) {
  if (parts === null) return "Both have the same schedule.";
  const name = (/** @type {OutcomeSide} */ { steps }) => steps[parts]?.name ?? "nothing more";
  return html`They part at step <strong>${parts + 1}</strong> of what races: outcome${" "}
    ${first.outcome + 1} runs <code>${name(first)}</code>, outcome ${second.outcome + 1} runs${" "}
    <code>${name(second)}</code>.`;
}

/**
 * @param {import("../connection/protocol.d.ts").Race | undefined} race
 * @param {DiffResponse} diff
 */
function reversedText(race, { first }) {
  if (race === undefined) return null;
  const order = [race.first.name, race.second.name];
  const places = order.map((name) => first.steps.findIndex((step) => step.name === name));
  if (places[0] > places[1]) order.reverse();
  return html`<li key=${`${race.first.name} ${race.second.name} ${race.variable}`}>
    On <strong>${race.variable}</strong>, <code>${order[0]}</code> comes before <code>${order[1]}</code> in
    outcome ${first.outcome + 1}, and after it in the other.
  </li>`;
}

/**
 * @param {OutcomeSide} given
 * @param {number | null} parts
 * @param {PanelProps["actions"]} actions
 */
function side({ outcome, steps, count, error }, parts, actions) {
  const start = Math.max(0, (parts ?? 0) - BEFORE);
  const end = Math.min(steps.length, (parts ?? 0) + AFTER);
  return html`<div class="side-of">
    <h4>Schedule of outcome ${outcome + 1}</h4>
    ${start > 0 && html`<p class="muted">${counted(start, "step")} as in the other</p>`}
    <ol start=${start + 1} aria-label=${`Schedule of outcome ${outcome + 1}`}>
      ${steps.slice(start, end).map((step, at) => html`<li
        key=${start + at}
        data-races=${String(step.races)}
        aria-current=${start + at === parts ? "step" : null}
      >
        ${step.op === null
          ? html`<span>${step.name.replace(/^_retval_(.*)_\d+$/, "fetch of $1")}</span>`
          : html`<button class="link" title=${step.name} onClick=${() => actions.selectByName(step.name)}>${step.name}</button>`}
        ${where(step)}
      </li>`)}
    </ol>
    ${count > end && html`<p class="muted">${counted(count - end, "more step")}</p>`}
    ${error !== null && html`<p class="error-text">${error.code}: ${error.message}</p>`}
  </div>`;
}

/** @param {ScheduleStep} step */
function where({ frame, iteration, phase, element }) {
  const parts = [];
  if (frame !== null) parts.push(`${frame}, iteration ${iteration ?? 0}`);
  if (phase !== "whole") parts.push(PHASES[phase] ?? phase);
  if (element !== null) parts.push(`element ${element}`);
  return parts.length > 0 && html`<span class="muted"> ${parts.join(", ")}</span>`;
}
