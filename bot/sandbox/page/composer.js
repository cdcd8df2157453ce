/** Where messages and commands are typed: Enter sends, Shift+Enter begins a line, arrow up recalls what was sent. */

import { CompletionList, offer } from "./completion.js";
import { el, icon } from "./dom.js";
import { menuButton } from "./menu.js";

const TALLEST = 220;
const REMEMBERED = 50;

/** A composer. */
export class Composer {
  /**
   * @param {{id: string, workspace: import("./state.js").Workspace, commands: boolean,
   *   channels?: boolean, send: (text: string) => Promise<boolean>, useShortcut?: (shortcut: object) => void}} options `send` answers
   *   false when the text is to be kept
   */
  constructor(options) {
    this.options = options;
    this.drafts = new Map();
    this.place = "";
    this.sent = [];
    this.recalled = 0;
    this.field = el("textarea", {
      class: "composer-field",
      id: options.id,
      rows: 1,
      enterkeyhint: "send",
      autocomplete: "off",
      onkeydown: (event) => this.key(event),
      oninput: () => this.typed(),
      onclick: () => this.complete(),
      onblur: () => this.list.show(null),
    });
    this.list = new CompletionList(this.field, `${options.id}-list`, (choice, taken) => this.insert(choice.text, taken.start));
    this.button = el("button", {
      type: "button", class: "send", "aria-label": "Send", title: "Send", disabled: true, onclick: () => this.send(),
    }, icon("send"));
    this.node = el("div", { class: "composer" }, this.list.node,
      el("div", { class: "composer-box" }, this.field, el("div", { class: "composer-foot" }, this.shortcuts(), this.button)),
      el("p", { class: "composer-help" }, el("b", {}, "Enter"), " sends · ", el("b", {}, "Shift+Enter"), " new line",
        options.commands && [" · ", el("b", {}, "/"), " commands"]));
  }

  /** Begin in another place; what was typed there before comes back. */
  enter(place, placeholder) {
    if (this.place !== place) {
      this.drafts.set(this.place, this.field.value);
      this.place = place;
      this.set(this.drafts.get(place) ?? "");
    }
    this.field.placeholder = placeholder;
    this.field.setAttribute("aria-label", placeholder);
  }

  /** Put a text there, for a person to send. */
  fill(text) {
    this.set(text);
    this.field.focus();
  }

  set(text) {
    this.field.value = text;
    this.field.setSelectionRange(text.length, text.length);
    this.resize();
    this.list.show(null);
  }

  shortcuts() {
    const one = (sign, label) => el("button", {
      type: "button", class: "shortcut", "aria-label": label, title: label,
      onclick: () => this.begin(sign),
    }, sign);
    return el("div", { class: "shortcuts" },
      this.options.useShortcut && menuButton({
        class: "shortcut",
        label: "Use a shortcut",
        content: [icon("bolt")],
        items: () => this.options.workspace.shortcutsFor("global").map((each) => ({
          label: each.name, note: each.description, run: () => this.options.useShortcut(each),
        })),
      }),
      this.options.commands && one("/", "Use a command"), one("@", "Mention someone"),
      this.options.channels !== false && one("#", "Mention a channel"));
  }

  begin(sign) {
    this.field.focus();
    if (sign === "/") {
      if (!this.field.value) this.insert("/", 0);
      return;
    }
    const at = this.field.selectionStart;
    const space = at > 0 && !/\s/.test(this.field.value[at - 1]) ? " " : "";
    this.insert(space + sign, at);
  }

  insert(text, start) {
    const { value, selectionEnd } = this.field;
    this.field.value = value.slice(0, start) + text + value.slice(selectionEnd);
    this.field.setSelectionRange(start + text.length, start + text.length);
    this.field.focus();
    this.typed();
  }

  typed() {
    this.recalled = 0;
    this.resize();
    this.complete();
  }

  complete() {
    const { value, selectionStart, selectionEnd } = this.field;
    const alone = selectionStart === selectionEnd;
    this.list.show(alone ? offer(value.slice(0, selectionStart), this.options.workspace, this.options) : null);
  }

  resize() {
    this.button.disabled = !this.field.value.trim();
    this.field.style.height = "auto";
    this.field.style.height = `${Math.min(TALLEST, this.field.scrollHeight)}px`;
  }

  key(event) {
    if (event.isComposing) return;
    if (event.key === "Enter" && this.isWhole()) this.list.show(null);
    if (this.list.key(event)) {
      event.preventDefault();
      event.stopPropagation();
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.send();
    } else if (event.key === "ArrowUp" || event.key === "ArrowDown") this.recall(event);
  }

  /** A command that is typed in full is sent by Enter, not completed once more. */
  isWhole() {
    const chosen = this.list.offer?.choices[this.list.at];
    return chosen !== undefined && chosen.text.trim() === this.field.value && this.list.offer.start === 0;
  }

  recall(event) {
    const step = event.key === "ArrowUp" ? 1 : -1;
    const fresh = this.field.value === "" || (this.recalled > 0 && this.field.value === this.sent.at(-this.recalled));
    const to = this.recalled + step;
    if (!fresh || to < 0 || to > this.sent.length) return;
    event.preventDefault();
    this.set(to === 0 ? "" : this.sent.at(-to));
    this.recalled = to;
  }

  async send() {
    const text = this.field.value.trim();
    if (!text) return;
    const { place } = this;
    this.sent = [...this.sent.slice(1 - REMEMBERED), text];
    this.recalled = 0;
    this.set("");
    if (await this.options.send(text)) return;
    if (this.place !== place) this.drafts.set(place, text);
    else if (!this.field.value) this.set(text);
  }
}
