import { html } from "../ui/html.js";
import { icon } from "../ui/icons.js";
import { Panel } from "../ui/panel.js";

const CONNECTIONS = {
  connecting: "Connecting",
  connected: "Connected",
  lost: "Connection lost",
  refused: "Not connected",
};

/** @type {{ [T in "system" | "light" | "dark"]: { next: "system" | "light" | "dark", icon: "system" | "sun" | "moon" } }} */
const THEMES = {
  system: { next: "light", icon: "system" },
  light: { next: "dark", icon: "sun" },
  dark: { next: "system", icon: "moon" },
};

/** The name of the program, the way back to the library, the connection's state and the theme. */
export class Banner extends Panel {
  cells() {
    const { session, connection, theme } = this.props.store;
    return [session, connection, theme];
  }

  render() {
    const { store, actions, sessions } = this.props;
    const session = store.session.get();
    const connection = store.connection.get();
    const theme = store.theme.get();
    return html`<header class="banner">
      <a class="brand" href="#/" title="All programs">
        <svg class="logo" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
          <path d="M4 5.5L10 14.5 16 5.5" fill="none" stroke="currentColor" stroke-width="1.8" />
          <circle cx="4" cy="5" r="3" /><circle cx="16" cy="5" r="3" />
          <circle cx="10" cy="15" r="3" class="logo-lit" />
        </svg>
        Opscope
      </a>
      ${session &&
      html`<h1 class="program" title=${session.name}>${session.name}</h1>
        <button class="button" onClick=${sessions.goHome} title="Open another program">
          ${icon("open")} Open
        </button>`}
      <span class="space"></span>
      <span class="connection" data-connection=${connection}>
        <span class="dot" aria-hidden="true"></span>${CONNECTIONS[connection]}
      </span>
      <button
        class="icon-button"
        aria-label="Keyboard shortcuts"
        title="Keyboard shortcuts (?)"
        onClick=${() => actions.showShortcuts(true)}
      >
        ${icon("help")}
      </button>
      <button
        class="icon-button"
        aria-label=${`Theme: ${theme}`}
        title=${`Theme: ${theme} (click for ${THEMES[theme].next})`}
        onClick=${() => actions.setTheme(THEMES[theme].next)}
      >
        ${icon(THEMES[theme].icon)}
      </button>
    </header>`;
  }
}
