import { STATE_NAMES } from "../state/node-states.js";
import { counted, grouped } from "../state/numbers.js";
import { PART } from "../state/step-columns.js";
import { durationText, shapeText } from "../ui/format.js";
import { html } from "../ui/html.js";
import { Panel } from "../ui/panel.js";
import { TensorView } from "../ui/tensor-view.js";

/** Executions listed at most; loops make many. */
const SHOWN_EXECUTIONS = 100;

/** What an edge carries that is no value of its own. @type {Record<string, string>} */
const CARRIES = {
  ref: "A reference: the variable itself, which is read when somebody computes with it",
  alias: "An alias: the variable's buffer, which shows writes that come later",
  handle: "A handle: the name of a resource variable",
};

/** What the ops that call functions are called. @type {Record<string, string>} */
const CALLS = { if: "If", case: "Case", while: "While" };

/**
 * @typedef {import("../state/store.js").Inspection} Inspection
 * @typedef {import("../state/store.js").OperationDetails} OperationDetails
 */

/** The region `Inspector`: everything about the selected op. */
export class Inspector extends Panel {
  /** The executions found so far: scanning goes on where it ended. @type {{ node: number, columns: unknown, scanned: number, found: number[] }} */
  #executions = { node: -1, columns: null, scanned: 0, found: [] };

  cells() {
    const { inspection, selection, run, states } = this.props.store;
    return [inspection, selection, run, states];
  }

  shows() {
    const { inspection, selection } = this.props.store;
    return selection.get() === null ? [inspection.get()] : null;
  }

  render() {
    const { store } = this.props;
    const node = store.selection.get();
    const inspection = store.inspection.get();
    return html`<section class="panel inspector" aria-label="Inspector">
      <div class="panel-head"><h2>Inspector</h2></div>
      <div class="scroll inspector-body">
        ${node === null
          ? html`<p class="empty">Select an op in the graph or the outline to see what it is and what it computed.</p>`
          : this.#op(node, inspection !== null && inspection.node === node ? inspection : null)}
      </div>
    </section>`;
  }

  /**
   * @param {number} node
   * @param {Inspection | null} inspection
   */
  #op(node, inspection) {
    const { store } = this.props;
    const model = store.model.get();
    if (model === null) return null;
    const details = inspection?.details ?? null;
    const state = STATE_NAMES[store.states.get().nodes.states[node] ?? 0];
    const reads = inspection?.outputs.flatMap((output) => output?.reads ?? []) ?? [];
    return html`
      <h3 class="op-name">${model.names[node]}</h3>
      <p class="op-line">
        <span class="op-type">${model.type(node)}</span>
        <span class="state" data-state=${state}><span class="state-dot" aria-hidden="true"></span>${state}</span>
        ${details !== null && !details.supported &&
        html`<span class="pill bad" title="The engine has no kernel for this op type">cannot run</span>`}
      </p>
      ${inspection?.error && html`<p class="error-text" role="alert">${inspection.error}</p>`}
      ${details?.doc && html`<p class="doc">${details.doc}</p>`}
      ${details !== null &&
      (state === "failed"
        ? section("Output", html`<p class="muted">None: the step failed.</p>`)
        : this.#outputs(details, inspection))}
      ${reads.length > 0 && this.#reads(reads)}
      ${details !== null && details.effects.length > 0 &&
      section("Effects", html`<ul class="plain">${details.effects.map((effect) => html`<li key=${effect}>${effect}</li>`)}</ul>`)}
      ${details !== null && details.inputs.length + details.controlInputs.length > 0 &&
      this.#inputs(details)}
      ${this.#history(node)}
      ${inspection !== null && inspection.stack.length > 0 && this.#stack(inspection)}
      ${details !== null && this.#attributes(details)}
    `;
  }

  /** @param {string} name a tensor or an op */
  #link(name) {
    const { actions } = this.props;
    return html`<button class="link" title=${name} onClick=${() => actions.selectByName(name)}>${name}</button>`;
  }

  /**
   * @param {OperationDetails} details
   * @param {Inspection | null} inspection
   */
  #outputs({ outputs }, inspection) {
    if (outputs.length === 0) return null;
    return section(
      outputs.length === 1 ? "Output" : "Outputs",
      outputs.map(({ name, dtype, shape }, at) => {
        const tensor = inspection?.outputs[at];
        return html`<div class="output" key=${name}>
          <p class="tensor-name"><code>${name}</code></p>
          ${tensor
            ? html`<${TensorView} tensor=${tensor} />`
            : html`<p class="muted"><code>${dtype} ${shapeText(shape)}</code></p>`}
        </div>`;
      }),
    );
  }

  /** @param {OperationDetails} details */
  #inputs({ inputs, controlInputs }) {
    return section("Inputs", html`<ol class="plain inputs">
      ${inputs.map(
        ({ name, kind, dtype }, at) => html`<li key=${at}>
          ${this.#link(name)} <span class="muted">${dtype}</span>
          ${kind !== "value" && html`<span class="badge" data-kind=${kind} title=${CARRIES[kind]}>${kind}</span>`}
        </li>`,
      )}
      ${controlInputs.map(
        (name) => html`<li key=${`^${name}`}>${this.#link(name)} <span class="muted">control</span></li>`,
      )}
    </ol>`);
  }

  /** @param {import("../connection/protocol.d.ts").VersionSeen[]} reads */
  #reads(reads) {
    return section("Read of variables", html`<ul class="plain">
      ${reads.map(
        ({ variable, version, writerStep, writerOp }) => html`<li key=${`${variable} ${version}`}>
          ${this.#link(variable)} version ${version},${" "}
          ${writerOp === null ? "as it was before the run" : html`written by step ${writerStep} ${this.#link(writerOp)}`}
        </li>`,
      )}
    </ul>`);
  }

  /** @param {number} node */
  #history(node) {
    const { store, actions } = this.props;
    const run = store.run.get();
    if (run === null) return null;
    const { columns, count } = store.steps.get();
    const { found } = this.#scan(node, columns, count);
    if (found.length === 0) return null;
    const shown = found.slice(-SHOWN_EXECUTIONS);
    return section(`Executed ${counted(found.length, "time")}`, html`
      ${found.length > shown.length && html`<p class="muted">The latest ${SHOWN_EXECUTIONS}:</p>`}
      <ul class="executions">
        ${shown.map((step) => html`<li key=${step}>
          <button
            class=${step < run.cursor ? "link" : "link future"}
            title=${`Go to step ${step}`}
            onClick=${() => actions.goto(step)}
          >step ${grouped(step)}</button>
          <span class="muted">
            ${where(columns, step)} ${durationText(columns.duration[step])}
          </span>
        </li>`)}
      </ul>`);
  }

  /**
   * @param {number} node
   * @param {import("../state/step-columns.js").StepColumns} columns
   * @param {number} count
   */
  #scan(node, columns, count) {
    if (this.#executions.node !== node || this.#executions.columns !== columns) {
      this.#executions = { node, columns, scanned: 0, found: [] };
    }
    const { found, scanned } = this.#executions;
    for (let step = scanned; step < count; step++) {
      if (columns.op[step] === node && !(columns.flags[step] & PART)) found.push(step);
    }
    this.#executions.scanned = count;
    return this.#executions;
  }

  /** @param {Inspection} inspection */
  #stack({ stack }) {
    return section("Called from", html`<ol class="plain">
      ${stack.map(
        ({ name, kind, iteration }, at) => html`<li key=${at}>
          ${this.#link(name)} <span class="muted">${CALLS[kind] ?? kind}${iteration === null || iteration === undefined ? "" : `, iteration ${iteration}`}</span>
        </li>`,
      )}
    </ol>`);
  }

  /** @param {OperationDetails} details */
  #attributes({ attrs, device }) {
    const rows = device === "" ? attrs : [{ name: "device", value: device }, ...attrs];
    if (rows.length === 0) return null;
    return section("Attributes", html`<dl class="attributes">
      ${rows.map(
        ({ name, value }) => html`<div key=${name}><dt>${name}</dt><dd title=${value}>${value}</dd></div>`,
      )}
    </dl>`);
  }
}

/**
 * @param {string} title
 * @param {unknown} body
 */
function section(title, body) {
  return html`<section class="part"><h4>${title}</h4>${body}</section>`;
}

/**
 * @param {import("../state/step-columns.js").StepColumns} columns
 * @param {number} step
 */
function where(columns, step) {
  const frame = columns.frames.get(columns.frame[step]);
  return columns.frame[step] === 0 ? "" : `${frame?.name ?? "loop"} iteration ${columns.iteration[step]},`;
}
