import { html } from "./html.js";

/** @typedef {import("../state/store.js").Schedule} Schedule */

const KINDS = [
  { kind: "fifo", text: "fifo: first ready, first run" },
  { kind: "lifo", text: "lifo: last ready, first run" },
  { kind: "random", text: "random: any ready op" },
  { kind: "manual", text: "manual: you choose" },
];

/**
 * The choice of a schedule, with the seed where there is one.
 * @param {{ schedule: Schedule, onChange: (schedule: Schedule) => void }} props
 */
export function ScheduleField({ schedule, onChange }) {
  return html`<span class="inline-field">
    <label class="inline-field">
      <span>Schedule</span>
      <select
        aria-label="Schedule"
        title="Which of the ready ops runs next"
        value=${schedule.kind}
        onChange=${(/** @type {any} */ event) =>
          onChange({ ...schedule, kind: event.currentTarget.value })}
      >
        ${KINDS.map(
          ({ kind, text }) =>
            html`<option key=${kind} value=${kind} selected=${kind === schedule.kind} title=${text}>
              ${kind}
            </option>`,
        )}
      </select>
    </label>
    ${schedule.kind === "random" &&
    html`<label class="inline-field">
      <span>Seed</span>
      <input
        class="seed"
        type="number"
        min="0"
        step="1"
        aria-label="Seed"
        value=${schedule.seed}
        onChange=${(/** @type {any} */ event) =>
          onChange({ ...schedule, seed: Math.max(0, Math.trunc(event.currentTarget.valueAsNumber) || 0) })}
      />
    </label>`}
  </span>`;
}
