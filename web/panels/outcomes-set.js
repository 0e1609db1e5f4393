/**
 * The set of outcomes: its groups as tables, and what is the same in all of them.
 *
 * @typedef {import("../connection/protocol.d.ts").OutcomeSet} OutcomeSet
 * @typedef {import("../connection/protocol.d.ts").OutcomeGroup} OutcomeGroup
 * @typedef {import("../connection/protocol.d.ts").OutcomeRow} OutcomeRow
 * @typedef {import("../connection/protocol.d.ts").OutcomeColumn} OutcomeColumn
 * @typedef {import("../ui/panel.js").PanelProps} PanelProps
 */
import { counted, grouped } from "../state/numbers.js";
import { openGroups, outcomeName, productText, secondsText } from "../state/outcomes.js";
import { shapeText } from "../ui/format.js";
import { html } from "../ui/html.js";

/** Groups drawn with their tables; the others are told of in a sentence. */
const MOST_GROUPS = 40;

const KINDS = {
  fetch: "Fetched",
  ref: "Reference variable, after the run: reads alias its buffer",
  resource: "Resource variable, after the run: reads are snapshots",
};

/**
 * @param {OutcomeSet} found
 * @param {PanelProps} parts
 */
export function outcomeSet(found, parts) {
  const open = openGroups(found);
  return html`
    <header class="outcomes-count">
      <p class="count" data-testid="count">
        <strong>${productText(open)}</strong>${" "}
        ${open.length === 0 || (open.length === 1 && open[0].count === 1) ? "result" : "results"}
        ${open.length > 1 && html`<span class="muted">, in ${open.length} independent groups</span>`}
      </p>
      <p class="muted">
        ${found.complete ? "Complete" : "Not complete"}, level ${found.level}:${" "}
        ${counted(found.executions, "schedule")} in ${secondsText(found.seconds)}
      </p>
    </header>
    ${!found.complete && unexplored(found)}
    ${failures(found)}
    ${found.groups.map((group, number) => {
      const place = open.indexOf(group);
      return place >= 0 && place < MOST_GROUPS
        ? groupTable(group, number, place, open.length, parts)
        : null;
    })}
    ${open.length > MOST_GROUPS &&
    html`<p class="muted">${counted(open.length - MOST_GROUPS, "more group")} like these.</p>`}
    ${agreed(found, parts)}
  `;
}

/** @param {OutcomeSet} found */
function unexplored({ unexplored: missing, stopped, seconds }) {
  const why = stopped ? `The search was stopped after ${secondsText(seconds)}.` : "";
  return html`<div class="note warning">
    There may be more results. ${why}
    ${missing.length > 0 && html`<ul>${missing.map((text) => html`<li key=${text}>${text}</li>`)}</ul>`}
  </div>`;
}

/**
 * What ends every run of a group that has one outcome.
 * @param {OutcomeSet} found
 */
function failures(found) {
  const errors = found.groups.flatMap(({ count, rows }) =>
    count === 1 && rows[0]?.error ? [rows[0].error] : [],
  );
  return errors.map(
    (error) => html`<div class="note failure" key=${error.message}>
      Every schedule fails: <strong>${error.code}</strong>${error.op && html` at <code>${error.op}</code>`}:
      ${" "}${error.message}
    </div>`,
  );
}

/**
 * @param {OutcomeGroup} group
 * @param {number} number among all groups
 * @param {number} place among those with a choice
 * @param {number} groups how many have a choice
 * @param {PanelProps} parts
 */
function groupTable(group, number, place, groups, { store, actions }) {
  const { columns, rows, count, races } = group;
  const label = groups > 1 ? `Group ${place + 1}` : "Outcomes";
  const chosen = store.chosenOutcome.get();
  const state = store.outcomes.get();
  const reached = state?.reached[number] ?? null;
  const run = state?.run === store.run.get()?.id ? "this run" : `run ${state?.run}`;
  return html`<div class="part group" key=${number}>
    ${groups > 1 && html`<h3>
      ${label} <span class="muted">${counted(count, "result")}, ${counted(races.length, "race")}</span>
    </h3>`}
    <div class="table-frame">
      <table aria-label=${label}>
        <thead>
          <tr>
            <th scope="col"><span class="visually-hidden">Outcome</span></th>
            ${columns.map((column) => heading(column, actions))}
            <th scope="col"><span class="visually-hidden">Actions</span></th>
          </tr>
        </thead>
        <tbody>
          ${rows.map((row, outcome) => {
            const name = outcomeName(outcome, place, groups);
            const picked = chosen?.group === number && chosen.outcome === outcome;
            return outcomeRow(row, group, {
              name,
              outcome,
              picked,
              run: outcome === reached ? run : null,
              replay: () => actions.replay(number, outcome),
              compare: () => actions.compareOutcome(number, outcome),
            });
          })}
        </tbody>
      </table>
    </div>
    ${chosen?.group === number &&
    html`<p class="muted">Choose another outcome to compare outcome ${chosen.outcome + 1} with.</p>`}
    ${!group.complete && html`<p class="muted">This group may have more outcomes.</p>`}
    ${rows.length < count && html`<button class="button small" onClick=${() => void actions.moreOutcomes(number)}>
      Show more: ${grouped(count - rows.length)} are not shown
    </button>`}
  </div>`;
}

/**
 * @param {OutcomeColumn} column
 * @param {PanelProps["actions"]} actions
 */
function heading({ name, holds }, actions) {
  return html`<th scope="col" key=${`${holds} ${name}`}>
    <button class="link" title=${`${KINDS[holds]}: ${name}`} onClick=${() => actions.selectByName(name)}>${name}</button>
    ${holds !== "fetch" && html` <span class="badge" data-kind=${holds} title=${KINDS[holds]}>${holds}</span>`}
  </th>`;
}

/**
 * @param {OutcomeRow} row
 * @param {OutcomeGroup} group
 * @param {{ name: string, outcome: number, picked: boolean, run: string | null, replay: () => void,
 *           compare: () => void }} about
 */
function outcomeRow({ values, error, torn }, { columns, rows }, about) {
  const { name, outcome, picked, run, replay, compare } = about;
  return html`<tr
      key=${outcome}
      class=${error === null ? "" : "failed"}
      aria-current=${run === null ? null : "true"}
      data-picked=${String(picked)}
    >
      <th scope="row">
        ${outcome + 1}
        ${torn && html` <span class="badge tearable" title="Kernels overlap on the way to this outcome">torn</span>`}
        ${run !== null && html` <span class="this-run" title=${`What ${run} gave`}>${run}</span>`}
      </th>
      ${values.map(({ value, variant }, at) => {
        if (value === null) {
          const isFetch = columns[at].holds === "fetch";
          return html`<td key=${at} class="muted">${isFetch && error !== null ? "failed" : "uninitialized"}</td>`;
        }
        return html`<td key=${at} class="value" title=${`${value.dtype} ${shapeText(value.shape)} ${value.text}`}>
          ${value.text}${looksLikeAnother(rows, at, variant, value.text) && html`<sub class="variant" title="Distinct values whose texts are the same are told apart by this number">${variant + 1}</sub>`}
        </td>`;
      })}
      <td class="row-actions">
        <button
          class="button small"
          aria-label=${`Replay ${name}`}
          title=${torn ? "Step through a schedule that leads here, the kernels that overlap part by part" : "Step through a schedule that leads here"}
          onClick=${replay}
        >Replay</button>
        <button
          class="button small"
          aria-label=${`Compare ${name}`}
          aria-pressed=${String(picked)}
          title="Compare with another outcome"
          onClick=${compare}
        >Compare</button>
      </td>
    </tr>
    ${error !== null && html`<tr class="failure-line">
      <td></td>
      <td colspan=${columns.length + 1} class="error-text">
        <strong>${error.code}</strong>${error.op && html` at <code>${error.op}</code>`}: ${error.message}
      </td>
    </tr>`}`;
}

/**
 * Whether another value of the column has the same text: large tensors are shortened.
 * @param {OutcomeRow[]} rows
 * @param {number} column
 * @param {number} variant
 * @param {string} text
 */
function looksLikeAnother(rows, column, variant, text) {
  return (
    text.includes("...") &&
    rows.some(({ values }) => {
      const other = values[column];
      return other.variant !== variant && other.value?.text === text;
    })
  );
}

/**
 * @param {OutcomeSet} found
 * @param {PanelProps} parts
 */
function agreed({ groups, complete }, { actions }) {
  const same = groups.flatMap(({ agreed }) => agreed);
  if (same.length === 0) return null;
  const count = groups.reduce((sum, { agreedCount }) => sum + agreedCount, 0);
  const some = same.slice(0, 3).map(({ name }) => name).join(", ");
  return html`<details class="part agreed">
    <summary>
      ${complete ? "Always the same" : "The same in all that was found"}: <span class="muted">${count > 3 ? `${some} and ${grouped(count - 3)} more` : some}</span>
    </summary>
    <dl>
      ${same.map(
        ({ name, holds, value }) => html`<div key=${`${holds} ${name}`}>
          <dt>
            <button class="link" title=${`${KINDS[holds]}: ${name}`} onClick=${() => actions.selectByName(name)}>${name}</button>
            ${holds !== "fetch" && html` <span class="badge" data-kind=${holds} title=${KINDS[holds]}>${holds}</span>`}
          </dt>
          <dd>${value?.text ?? (holds === "fetch" ? "done" : "uninitialized")}</dd>
        </div>`,
      )}
    </dl>
    ${count > same.length && html`<p class="muted">and ${grouped(count - same.length)} more</p>`}
  </details>`;
}
