/**
 * What can be typed next: slash commands at the beginning, people after @, channels after #, emoji after a colon.
 * Which those are is decided here, purely; how the list looks and moves is below.
 */

import { avatar } from "./avatars.js";
import { el } from "./dom.js";
import { emojiLike } from "./emoji.js";

const MOST = 8;

/**
 * @typedef {{start: number, title: string, choices: {text: string, label: string, note?: string, hint?: string,
 *   picture?: () => Node}[]}} Offer the text from `start` to the caret would be replaced
 */

/**
 * Answer what fits what stands before the caret.
 * @param {string} before the text up to the caret
 * @param {import("./state.js").Workspace} workspace
 * @param {{commands: boolean, channels?: boolean}} allowed slash commands cannot be used in threads; DingTalk has neither
 *   channels nor names for emoji
 * @returns {Offer|null}
 */
export function offer(before, workspace, { commands, channels: allowed = true }) {
  if (commands && /^\/\S*$/.test(before)) return commandOffer(before, workspace);
  const match = /(?:^|[\s(])([@#:])([\w+'-]*)$/u.exec(before);
  if (!match) return null;
  const [, sign, typed] = match;
  const start = before.length - typed.length - 1;
  if (sign === "@") return some({ start, title: "People", choices: people(typed, workspace) });
  if (!allowed) return null;
  if (sign === "#") return some({ start, title: "Channels", choices: channels(typed, workspace) });
  if (typed.length < 2) return null;
  const choices = emojiLike(typed.toLowerCase(), MOST).map(({ name, character }) => ({
    text: `:${name}: `, label: `${character} :${name}:`,
  }));
  return some({ start, title: "Emoji", choices });
}

function commandOffer(typed, { commands }) {
  const fitting = commands.filter((each) => each.command.startsWith(typed));
  const choices = fitting.slice(0, MOST).map((each) => ({
    text: `${each.command} `, label: each.command, hint: each.usage_hint, note: each.description,
  }));
  return some({ start: 0, title: "Commands", choices });
}

function people(typed, workspace) {
  const all = [{ name: "shipmate", roles: ["app"] }, ...workspace.people];
  return all.filter((each) => each.name.startsWith(typed.toLowerCase())).slice(0, MOST).map((each) => ({
    text: `@${each.name} `,
    label: `@${each.name}`,
    note: (each.roles ?? []).join(", "),
    picture: () => avatar(each.name, { bot: workspace.isBot(each.name), size: "small" }),
  }));
}

function channels(typed, workspace) {
  const fitting = workspace.channels.filter((each) => each.name.startsWith(typed.toLowerCase()));
  return fitting.slice(0, MOST).map((each) => ({ text: `#${each.name} `, label: `#${each.name}` }));
}

function some(found) {
  return found.choices.length ? found : null;
}

/** The list above a composer. The focus stays in the text; the list is told which keys concern it. */
export class CompletionList {
  /**
   * @param {HTMLTextAreaElement} field
   * @param {string} id
   * @param {(choice: object, offer: Offer) => void} take
   */
  constructor(field, id, take) {
    this.field = field;
    this.take = take;
    this.offer = null;
    this.at = 0;
    this.node = el("div", { class: "completion", id, role: "listbox", hidden: true });
    for (const [name, value] of [["role", "combobox"], ["aria-controls", id], ["aria-expanded", "false"], ["aria-autocomplete", "list"]]) {
      field.setAttribute(name, value);
    }
  }

  /** Whether there is something to choose from. */
  get open() {
    return this.offer !== null;
  }

  /** Offer something, or nothing. */
  show(found) {
    const same = JSON.stringify(found?.choices) === JSON.stringify(this.offer?.choices);
    this.offer = found;
    if (!same) this.at = 0;
    this.render();
  }

  /**
   * Take a key that concerns the list.
   * @param {KeyboardEvent} event
   * @returns {boolean} whether it did
   */
  key(event) {
    if (!this.open) return false;
    const count = this.offer.choices.length;
    if (event.key === "ArrowDown") this.at = (this.at + 1) % count;
    else if (event.key === "ArrowUp") this.at = (this.at + count - 1) % count;
    else if (event.key === "Escape") this.offer = null;
    else if (event.key === "Tab" || (event.key === "Enter" && !event.shiftKey)) return this.choose(this.at);
    else return false;
    this.render();
    return true;
  }

  choose(at) {
    const { offer: taken } = this;
    this.show(null);
    this.take(taken.choices[at], taken);
    return true;
  }

  render() {
    this.node.hidden = !this.open;
    this.field.setAttribute("aria-expanded", String(this.open));
    this.field.removeAttribute("aria-activedescendant");
    if (!this.open) return;
    this.node.setAttribute("aria-label", this.offer.title);
    this.node.replaceChildren(
      el("div", { class: "completion-title", "aria-hidden": "true" }, this.offer.title),
      ...this.offer.choices.map((choice, at) => this.row(choice, at)));
    this.field.setAttribute("aria-activedescendant", `${this.node.id}-${this.at}`);
    this.node.children[this.at + 1]?.scrollIntoView({ block: "nearest" });
  }

  row(choice, at) {
    const made = el("div", {
      class: "completion-row",
      role: "option",
      id: `${this.node.id}-${at}`,
      "aria-selected": String(at === this.at),
      onclick: () => this.choose(at),
    },
    choice.picture?.(),
    el("span", { class: "completion-label" }, choice.label),
    choice.hint && el("code", { class: "completion-hint" }, choice.hint),
    choice.note && el("span", { class: "completion-note" }, choice.note));
    // A press must not take the focus out of the text.
    made.addEventListener("mousedown", (event) => event.preventDefault());
    return made;
  }
}
