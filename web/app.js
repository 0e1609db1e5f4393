import { html } from "./ui/html.js";
import { Panel } from "./ui/panel.js";
import { Splitter } from "./ui/splitter.js";
import { Banner } from "./panels/banner.js";
import { Console } from "./panels/console.js";
import { Graph } from "./panels/graph.js";
import { Home } from "./panels/home.js";
import { Inspector } from "./panels/inspector.js";
import { Notice } from "./panels/notice.js";
import { Outcomes } from "./panels/outcomes.js";
import { Outline } from "./panels/outline.js";
import { RunDialog } from "./panels/run-dialog.js";
import { Shortcuts } from "./panels/shortcuts.js";
import { StatusLine } from "./panels/status-line.js";
import { Timeline } from "./panels/timeline.js";
import { Toolbar } from "./panels/toolbar.js";
import { Variables } from "./panels/variables.js";

/** Which panels there are, and where. @extends {Panel<{ dropping: boolean }>} */
export class App extends Panel {
  /** @type {{ dropping: boolean }} */
  state = { dropping: false };

  cells() {
    const { session, opening, outcomesOpen, outcomesWide } = this.props.store;
    return [session, opening, outcomesOpen, outcomesWide];
  }

  componentDidMount() {
    super.componentDidMount();
    this.#takeDrops();
  }

  /** Files may be dropped anywhere on the page. */
  #takeDrops() {
    /** @param {DragEvent} event */
    const hasFiles = (event) => event.dataTransfer?.types.includes("Files") === true;
    window.addEventListener("dragover", (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      this.setState({ dropping: true });
    });
    window.addEventListener("dragleave", (event) => {
      if (event.relatedTarget === null) this.setState({ dropping: false });
    });
    window.addEventListener("drop", (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      this.setState({ dropping: false });
      void this.props.sessions.upload([...(event.dataTransfer?.files ?? [])]);
    });
  }

  render() {
    const { store } = this.props;
    const parts = this.props;
    const open = store.session.get() !== null;
    return html`
      <${Banner} ...${parts} />
      ${open ? html`<${Toolbar} ...${parts} />` : null}
      <${Notice} ...${parts} />
      ${open ? this.#debugger() : html`<${Home} ...${parts} />`}
      <${StatusLine} ...${parts} />
      <${Shortcuts} ...${parts} />
      ${this.state.dropping && html`<div class="drop-veil" aria-hidden="true">Drop to open</div>`}
    `;
  }

  #debugger() {
    const parts = this.props;
    const { outcomesOpen, outcomesWide } = parts.store;
    return html`
      <main class="workspace" aria-label="Debugger" data-wide=${String(outcomesWide.get())}>
        <${Outline} ...${parts} />
        <${Splitter} name="outline" label="Width of the outline" orientation="vertical" direction=${1} size=${240} min=${150} max=${600} />
        <div class="column centre">
          <${Graph} ...${parts} />
          <${Splitter} name="variables" label="Height of the variables" orientation="horizontal" direction=${-1} size=${190} min=${80} max=${600} />
          <${Variables} ...${parts} />
        </div>
        <${Splitter} name="side" label="Width of the inspector" orientation="vertical" direction=${-1} size=${304} min=${220} max=${700} />
        <div class="column side">
          <${Inspector} ...${parts} />
          ${outcomesOpen.get() && !outcomesWide.get() && html`<${Splitter} name="outcomes" label="Height of the outcomes" orientation="horizontal" direction=${-1} size=${400} min=${140} max=${900} />`}
          <${Outcomes} ...${parts} />
          <${Splitter} name="console" label="Height of the console" orientation="horizontal" direction=${-1} size=${170} min=${60} max=${600} />
          <${Console} ...${parts} />
        </div>
      </main>
      <${Splitter} name="timeline" label="Height of the timeline" orientation="horizontal" direction=${-1} size=${88} min=${40} max=${400} />
      <${Timeline} ...${parts} />
      <${RunDialog} ...${parts} />
    `;
  }
}
