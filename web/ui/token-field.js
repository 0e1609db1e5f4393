import { Component } from "../packages.js";
import { html } from "./html.js";
import { icon } from "./icons.js";

/**
 * @typedef {object} TokenFieldProps
 * @property {string} label
 * @property {string} placeholder
 * @property {string[]} values the chosen names
 * @property {string} text what is typed and not chosen yet
 * @property {(text: string) => void} onText
 * @property {(names: string[]) => void} onChoose the text became these names
 * @property {(name: string) => void} onRemove
 * @property {(text: string) => string[]} complete names that match
 * @property {boolean} [autofocus]
 *
 * @typedef {{ open: boolean, active: number }} TokenFieldState
 */

/**
 * A field for several names: chips for those chosen, completion for the one being typed.
 *
 * What is typed is read from the input itself: keys may come faster than it is drawn.
 * @extends {Component<TokenFieldProps, TokenFieldState>}
 */
export class TokenField extends Component {
  /** @type {TokenFieldState} */
  state = { open: false, active: -1 };

  /**
   * Take what is typed: the names before the last as they are, and `name` for the last.
   * @param {HTMLInputElement} input
   * @param {string} name
   */
  #choose(input, name) {
    const before = input.value.slice(0, input.value.length - lastOf(input.value).length);
    input.value = "";
    this.props.onChoose([...names(before), name]);
    this.setState({ open: false, active: -1 });
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const input = /** @type {HTMLInputElement} */ (event.currentTarget);
    const last = lastOf(input.value);
    const { open, active } = this.state;
    if (event.key === "Backspace" && input.value === "" && this.props.values.length > 0) {
      this.props.onRemove(/** @type {string} */ (this.props.values.at(-1)));
      return;
    }
    const matches = last === "" ? [] : this.props.complete(last);
    if ((event.key === "ArrowDown" || event.key === "ArrowUp") && matches.length > 0) {
      const next = open ? active + (event.key === "ArrowDown" ? 1 : -1) : 0;
      this.setState({ open: true, active: (next + matches.length) % matches.length });
    } else if (event.key === "Enter" && last !== "") {
      this.#choose(input, open && active >= 0 ? matches[active] : last);
    } else if (event.key === "Escape" && open && matches.length > 0) {
      this.setState({ open: false, active: -1 });
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  render() {
    const { label, placeholder, values, text, complete, autofocus } = this.props;
    const { open, active } = this.state;
    const last = lastOf(text);
    const matches = open && last !== "" ? complete(last) : [];
    const shown = open && matches.length > 0 && !(matches.length === 1 && matches[0] === last);
    const id = `field-${label.toLowerCase()}`;
    return html`<div class="token-field">
      <label for=${id}>${label}</label>
      <div class="tokens">
        ${values.map(
          (value) => html`<span class="chip" key=${value}>
            <code>${value}</code>
            <button
              type="button"
              class="chip-remove"
              aria-label=${`Remove ${value}`}
              onClick=${() => this.props.onRemove(value)}
            >
              ${icon("close")}
            </button>
          </span>`,
        )}
        <input
          id=${id}
          type="text"
          role="combobox"
          autocomplete="off"
          spellcheck=${false}
          autofocus=${autofocus}
          aria-expanded=${shown}
          aria-controls=${`${id}-list`}
          aria-activedescendant=${shown && active >= 0 ? `${id}-${active}` : null}
          placeholder=${values.length === 0 ? placeholder : ""}
          value=${text}
          onFocus=${(/** @type {any} */ event) => event.currentTarget.select()}
          onInput=${(/** @type {any} */ event) => {
            this.props.onText(event.currentTarget.value);
            this.setState({ open: true, active: -1 });
          }}
          onKeyDown=${(/** @type {KeyboardEvent} */ event) => this.#key(event)}
          onBlur=${() => this.setState({ open: false, active: -1 })}
        />
      </div>
      ${shown &&
      html`<ul class="completions" id=${`${id}-list`} role="listbox" aria-label="Completions">
        ${matches.map(
          (match, index) => html`<li
            key=${match}
            id=${`${id}-${index}`}
            role="option"
            aria-selected=${index === active}
            onMouseDown=${(/** @type {MouseEvent} */ event) => {
              event.preventDefault();
              const input = document.getElementById(id);
              if (input instanceof HTMLInputElement) this.#choose(input, match);
            }}
          >
            ${match}
          </li>`,
        )}
      </ul>`}
    </div>`;
  }
}

/**
 * The names in a text, which commas or spaces part.
 * @param {string} text
 */
export function names(text) {
  return text.split(/[\s,]+/).filter((name) => name !== "");
}

/**
 * The part of a text that is being typed.
 * @param {string} text
 */
function lastOf(text) {
  return /[^\s,]*$/.exec(text)?.[0] ?? "";
}
