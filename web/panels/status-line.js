import { statusOf } from "../state/status.js";
import { html } from "../ui/html.js";
import { Panel } from "../ui/panel.js";

/** The status line: one sentence, always true. */
export class StatusLine extends Panel {
  cells() {
    const { connection, opening, session, run, next, steps } = this.props.store;
    return [connection, opening, session, run, next, steps];
  }

  render() {
    const { store } = this.props;
    const run = store.run.get();
    const atEnd = run !== null && run.cursor >= run.steps;
    const tone =
      store.connection.get() === "lost" || store.connection.get() === "refused"
        ? "failed"
        : run === null
          ? "idle"
          : run.state === "running" ? "running" : atEnd ? run.state : "paused";
    const sentence = statusOf(store);
    return html`<footer class="status" role="status" data-tone=${tone} title=${sentence}>${sentence}</footer>`;
  }
}
