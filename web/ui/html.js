import { h, htm } from "../packages.js";

/** Markup as tagged templates: `` html`<p>${text}</p>` `` gives virtual nodes; text is always text. */
export const html = htm.bind(h);
