import { canAdvance } from "../state/actions.js";
import { FULL_SPEED, positionOf, speedAt, speedText } from "../state/speed.js";
import { html } from "../ui/html.js";
import { icon } from "../ui/icons.js";
import { Panel } from "../ui/panel.js";
import { ScheduleField } from "../ui/schedule-field.js";

/**
 * @param {object} button
 * @param {Parameters<typeof icon>[0]} button.image
 * @param {string} button.name
 * @param {string} [button.keys]
 * @param {boolean} button.enabled
 * @param {() => void} button.onClick
 * @param {boolean} [button.primary]
 */
function command({ image, name, keys, enabled, onClick, primary = false }) {
  return html`<button
    class=${primary ? "button primary" : "button"}
    disabled=${!enabled}
    title=${keys ? `${name} (${keys})` : name}
    aria-keyshortcuts=${keys?.replace("Shift ", "Shift+")}
    onClick=${onClick}
  >
    ${icon(image)} ${name}
  </button>`;
}

/** The toolbar `Run controls`. */
export class Toolbar extends Panel {
  cells() {
    const { run, session, speed, schedule, connection } = this.props.store;
    return [run, session, speed, schedule, connection];
  }

  shows() {
    const { store } = this.props;
    const { session, speed, schedule, connection } = store;
    const run = store.run.get();
    return [
      session.get(), speed.get(), schedule.get(), connection.get(),
      run?.state, run !== null && run.cursor > 0, canAdvance(store),
    ];
  }

  render() {
    const { store, actions } = this.props;
    const run = store.run.get();
    const session = store.session.get();
    const speed = store.speed.get();
    const online = store.connection.get() === "connected" && session !== null;
    const alive = online && session.alive;
    const running = run?.state === "running";
    return html`<div class="toolbar" role="toolbar" aria-label="Run controls">
      <div class="group">
        ${command({
          image: "run", name: "Run", enabled: online && !running, primary: run === null,
          onClick: actions.openRunDialog,
        })}
      </div>
      <div class="group">
        ${running
          ? command({ image: "pause", name: "Pause", keys: "F8", enabled: alive, onClick: actions.pause })
          : command({
              image: "continue", name: "Continue", keys: "F8",
              enabled: alive && canAdvance(store), onClick: actions.resume,
            })}
        ${command({
          image: "stepBack", name: "Step back", keys: "Shift+F10",
          enabled: alive && run !== null && !running && run.cursor > 0, onClick: actions.stepBack,
        })}
        ${command({
          image: "stepOver", name: "Step over", keys: "F10",
          enabled: alive && canAdvance(store), onClick: actions.next,
        })}
      </div>
      <div class="group">
        ${command({
          image: "restart", name: "Restart", enabled: online && run !== null,
          onClick: actions.restart,
        })}
        ${command({
          image: "stop", name: "Stop",
          enabled: alive && (running || run?.state === "paused"), onClick: actions.terminate,
        })}
      </div>
      <span class="space"></span>
      <label class="inline-field speed">
        <span>Speed</span>
        <input
          type="range"
          aria-label="Speed"
          min="0"
          max=${FULL_SPEED}
          value=${positionOf(speed)}
          aria-valuetext=${speedText(speed)}
          title="How fast Continue runs"
          onInput=${(/** @type {any} */ event) =>
            actions.setSpeed(speedAt(event.currentTarget.valueAsNumber))}
        />
        <output class="speed-text" aria-hidden="true">${speedText(speed)}</output>
      </label>
      <${ScheduleField} schedule=${store.schedule.get()} onChange=${actions.setSchedule} />
    </div>`;
  }
}
