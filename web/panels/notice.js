import { html } from "../ui/html.js";
import { icon } from "../ui/icons.js";
import { Panel } from "../ui/panel.js";

/** What went wrong just now, until it is dismissed or something succeeds. */
export class Notice extends Panel {
  cells() {
    return [this.props.store.notice];
  }

  render() {
    const text = this.props.store.notice.get();
    if (text === null) return null;
    return html`<div class="notice" role="alert">
      <span>${text}</span>
      <button class="icon-button small" aria-label="Dismiss" title="Dismiss" onClick=${this.props.actions.dismissNotice}>
        ${icon("close")}
      </button>
    </div>`;
  }
}
