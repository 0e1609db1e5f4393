/**
 * What orders a race: the edges, the Python that adds them, and what becomes of the outcomes.
 *
 * @typedef {import("../connection/protocol.d.ts").Repair} Repair
 * @typedef {import("../connection/protocol.d.ts").OutcomeRow} OutcomeRow
 * @typedef {import("../ui/panel.js").PanelProps} PanelProps
 */
import { counted } from "../state/numbers.js";
import { html } from "../ui/html.js";
import { icon } from "../ui/icons.js";

/** @param {PanelProps} parts */
export function repairsView(parts) {
  const { store, actions } = parts;
  const shown = store.repairs.get();
  if (shown === null) return null;
  const { found, error } = shown;
  return html`<div class="repairs" role="group" aria-label="Repairs">
    <div class="comparison-head">
      <h4>${found === null ? "Looking for what orders them…" : "What orders them"}</h4>
      <button class="icon-button small" aria-label="Close repairs" title="Close" onClick=${actions.closeRepairs}>
        ${icon("close")}
      </button>
    </div>
    ${error !== null && html`<p class="error-text" role="alert">${error.message}</p>`}
    ${found?.map((repair, number) => repairView(repair, number, parts))}
  </div>`;
}

/**
 * @param {Repair} repair
 * @param {number} number
 * @param {PanelProps} parts
 */
function repairView(repair, number, { actions, sessions }) {
  const { edges, meaning, python, build, warning, before, after } = repair;
  const note = warning && html`<p class="note warning">${warning}</p>`;
  if (python === "") return html`<div class="repair" key=${number}>${note}</div>`;
  return html`<div class="repair" key=${number}>
    <p>${meaning}</p>
    ${edges.map(({ before: from, after: to }) => html`<p class="repair-edge" key=${`${from} ${to}`}>
      <button class="link" onClick=${() => actions.selectByName(from)}>${from}</button>
      <span class="muted" aria-label="before">⟶</span>
      <button class="link" onClick=${() => actions.selectByName(to)}>${to}</button>
    </p>`)}
    <p><strong>${counted(before, "result")}</strong> before, <strong>${counted(after, "result")}</strong> with it.</p>
    <ul class="plain changes">
      ${rowsOf(repair, "gone", "Goes away")}
      ${rowsOf(repair, "kept", "Stays")}
      ${rowsOf(repair, "new", "Is new")}
    </ul>
    ${note}
    <pre class="tensor-text" aria-label="Python"><code>${python}</code></pre>
    ${build && html`<details><summary>Or build the graph so</summary><pre class="tensor-text"><code>${build}</code></pre></details>`}
    <div class="repair-buttons">
      <button
        class="button small"
        title="As a program of its own in the library"
        onClick=${async () => {
          const { files, run } = await actions.repairedProgram(number);
          await sessions.upload(files, run);
        }}
      >
        Open repaired program
      </button>
      <button class="button small" onClick=${async () => download((await actions.repairedProgram(number)).files)}>
        Download
      </button>
    </div>
  </div>`;
}

/**
 * @param {Repair} repair
 * @param {"gone" | "kept" | "new"} which
 * @param {string} title
 */
function rowsOf(repair, which, title) {
  const { columns } = repair;
  return repair[which].map(({ values, error }, number) => {
    const shown = values.map(({ value }, at) => `${columns[at].name} = ${value?.text ?? "none"}`);
    const text = [...shown, ...(error === null ? [] : [`${error.code}: ${error.message}`])].join(", ");
    return html`<li key=${`${which} ${number}`} data-change=${which}>
      <span class="muted">${title}:</span> <span class="change-text">${text || "the result"}</span>
    </li>`;
  });
}

/** @param {File[]} files */
function download(files) {
  for (const file of files) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(file);
    link.download = file.name;
    link.click();
    URL.revokeObjectURL(link.href);
  }
}
