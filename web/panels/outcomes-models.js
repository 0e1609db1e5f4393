/**
 * The run under reference variables and under resource variables: what only one of them can give.
 *
 * @typedef {import("../connection/protocol.d.ts").ModelComparison} ModelComparison
 * @typedef {import("../connection/protocol.d.ts").OutcomePart} OutcomePart
 * @typedef {import("../ui/panel.js").PanelProps} PanelProps
 */
import { counted } from "../state/numbers.js";
import { html } from "../ui/html.js";
import { icon } from "../ui/icons.js";

const OTHER = { ref: "resource", resource: "reference" };

/** @param {PanelProps} parts */
export function modelsView({ store, actions }) {
  const shown = store.models.get();
  if (shown === null) {
    const kinds = new Set(store.graph.get()?.variables.map(({ kind }) => kind));
    const [kind] = kinds;
    if (kinds.size !== 1) return null;
    return html`<div class="part"><button
      class="button small"
      title="Search the same run with the other kind of variables"
      onClick=${actions.compareModels}
    >Compare with ${OTHER[kind]} variables</button></div>`;
  }
  const { comparison, error } = shown;
  return html`<section class="part models" aria-label="Both models">
    <div class="comparison-head">
      <h3>Reference and resource variables</h3>
      <button class="icon-button small" aria-label="Close models" title="Close" onClick=${actions.closeModels}>
        ${icon("close")}
      </button>
    </div>
    ${comparison === null && error === null && html`<p class="muted">Searching both…</p>`}
    ${error !== null && html`<p class="error-text" role="alert">${error.message}</p>`}
    ${comparison !== null && both(comparison)}
  </section>`;
}

/** @param {ModelComparison} comparison */
function both(comparison) {
  const { onlyReference, onlyResource, both: common, why, complete } = comparison;
  const only = [
    { count: onlyReference.length, kind: "reference" },
    { count: onlyResource.length, kind: "resource" },
  ].filter(({ count }) => count > 0);
  return html`
    ${!complete && html`<p class="note warning">Not every outcome was found.</p>`}
    <p>${only.length === 0
      ? "Both kinds of variables give the same results."
      : `${only.map(({ count, kind }) => `${counted(count, "result")} only with ${kind} variables`).join(", ")}.`}</p>
    ${partsOf("Only with reference variables", onlyReference)}
    ${partsOf("Only with resource variables", onlyResource)}
    ${partsOf("With both", common)}
    ${why.length > 0 && html`<ul class="why-models">${why.map((text) => html`<li key=${text}>${text}</li>`)}</ul>`}
  `;
}

/**
 * @param {string} title
 * @param {OutcomePart[]} parts
 */
function partsOf(title, parts) {
  if (parts.length === 0) return null;
  return html`<h4>${title}</h4>
    <ul class="plain changes" aria-label=${title}>
      ${parts.map(({ values, error }, number) => {
        const texts = values.map(({ name, value }) => `${name} = ${value?.text ?? "none"}`);
        if (error !== null) texts.push(`${error.code}: ${error.message}`);
        return html`<li key=${number}><span class="change-text">${texts.join(", ")}</span></li>`;
      })}
    </ul>`;
}
