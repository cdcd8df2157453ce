/**
 * Modals: the views that a bot opens for one person. The focus stays inside, Esc closes, what is wrong with a value
 * is said below its field.
 */

import { api } from "./api.js";
import { blocks } from "./blocks.js";
import { el, icon } from "./dom.js";
import { plain } from "./mrkdwn.js";
import { rescueToasts, toast } from "./toast.js";
import { initialValue } from "./values.js";

/** The modals of whoever is looking, one above the other. */
export class Modals {
  /**
   * @param {import("./state.js").Workspace} workspace
   * @param {(view: object|null, values: Map<string, any>, changed: Function) => import("./elements.js").Surface} surface
   *   makes the surface of a view
   * @param {() => void} done something may have changed
   */
  constructor(workspace, surface, done) {
    this.workspace = workspace;
    this.surface = surface;
    this.done = done;
    this.open = [];
  }

  /** Show what an answer of the control API opens, if it opens something. */
  take(answer) {
    if (answer?.view?.type === "home") return;
    if (answer?.view) this.show(answer.view);
  }

  /** Show a view: a new modal, or in place of the one with its id. */
  show(view) {
    const known = this.open.find((each) => each.view.id === view.id);
    const modal = known ?? { dialog: null, view, values: new Map() };
    modal.view = view;
    modal.values = startingValues(view, known?.values);
    if (!known) {
      modal.dialog = el("dialog", { class: "dialog modal", "aria-labelledby": "modal-title" });
      modal.dialog.oncancel = (event) => {
        event.preventDefault();
        this.close(modal);
      };
      this.open.push(modal);
      document.body.append(modal.dialog);
    }
    this.render(modal);
    if (!known) modal.dialog.showModal();
    focusFirst(modal.dialog);
  }

  /** Show what the bot has made of the topmost view meanwhile. */
  async refresh() {
    const top = this.open.at(-1);
    if (!top) return;
    const { view } = await api.view(this.workspace.me).catch(() => ({ view: null }));
    if (view?.id === top.view.id && view.hash !== top.view.hash && this.open.includes(top)) this.show(view);
  }

  /** Take all away, without a word to the bot. */
  dismiss() {
    for (const modal of [...this.open]) this.remove(modal);
  }

  remove(modal) {
    this.open = this.open.filter((each) => each !== modal);
    rescueToasts();
    modal.dialog.close();
    modal.dialog.remove();
  }

  render(modal) {
    const { view } = modal;
    const surface = this.surface(view, (block, element, value) => {
      modal.values.set(keyOf(block), value);
      say(modal.dialog, block, "");
    });
    const shut = () => this.close(modal);
    const form = el("form", { class: "modal-form", novalidate: true, onsubmit: (event) => this.submit(event, modal) },
      el("header", { class: "dialog-head" },
        el("h2", { id: "modal-title", class: "dialog-title" }, plain(view.title)),
        el("button", { type: "button", class: "icon-button", "aria-label": "Close", onclick: shut }, icon("close"))),
      el("div", { class: "dialog-body" }, blocks(view.blocks ?? [], surface)),
      el("footer", { class: "dialog-foot" },
        el("button", { type: "button", class: "button", onclick: shut }, view.close ? plain(view.close) : "Close"),
        (view.submit || view.blocks?.some((each) => each.type === "input")) &&
          el("button", { type: "submit", class: "button primary" }, view.submit ? plain(view.submit) : "Submit")));
    modal.dialog.replaceChildren(form);
  }

  async close(modal) {
    this.remove(modal);
    try {
      await api.close(this.workspace.me, modal.view.id);
    } catch (error) {
      toast(error.message, "bad");
    }
  }

  async submit(event, modal) {
    event.preventDefault();
    const problems = complaints(modal);
    if (tellProblems(modal, problems)) return;
    const button = modal.dialog.querySelector("[type=submit]");
    button.disabled = true;
    button.setAttribute("aria-busy", "true");
    try {
      this.answered(await api.submit(this.workspace.me, modal.view.id, Object.fromEntries(modal.values)), modal);
    } catch (error) {
      toast(error.message, "bad");
    } finally {
      button.disabled = false;
      button.removeAttribute("aria-busy");
      this.done();
    }
  }

  answered(answer, modal) {
    if (answer.errors && tellProblems(modal, answer.errors)) return;
    if (answer.ok === false) {
      toast(answer.error ?? "Shipmate did not respond.", "bad");
      return;
    }
    if (answer.response_action === "clear") this.dismiss();
    else if (!answer.view || (answer.view.id !== modal.view.id && answer.response_action !== "push")) this.remove(modal);
    this.take(answer);
  }
}

function keyOf(block) {
  return block.block_id ?? block.label?.text ?? "";
}

function inputsOf(view) {
  return (view.blocks ?? []).filter((each) => each.type === "input");
}

function startingValues(view, before) {
  const values = new Map();
  for (const block of inputsOf(view)) {
    const value = before?.get(keyOf(block)) ?? initialValue(block.element);
    if (value !== undefined) values.set(keyOf(block), value);
  }
  return values;
}

/** What can be seen to be missing before the bot is asked, in Slack's words. */
function complaints({ view, values }) {
  const found = {};
  for (const block of inputsOf(view)) {
    const value = values.get(keyOf(block));
    const empty = value === undefined || value === null || value === "" || value.length === 0;
    const least = block.element.min_length ?? 0;
    if (empty && !block.optional) found[keyOf(block)] = "Please complete this required field.";
    else if (!empty && value.length < least) found[keyOf(block)] = `Please write at least ${least} characters.`;
  }
  return found;
}

/** Say what is wrong below the fields; answer whether something is. */
function tellProblems({ dialog, view }, problems) {
  let first = null;
  for (const block of inputsOf(view)) {
    const text = problems[keyOf(block)] ?? "";
    const field = say(dialog, block, text);
    if (text) first ??= field;
  }
  first?.querySelector("input, textarea, select, summary")?.focus();
  const unplaced = Object.entries(problems).filter(([key]) => !inputsOf(view).some((block) => keyOf(block) === key));
  for (const [, text] of unplaced) toast(text, "bad");
  return Object.keys(problems).length > 0;
}

function say(dialog, block, text) {
  const field = [...dialog.querySelectorAll(".block-input")].find((each) => each.dataset.block === block.block_id);
  const place = field?.querySelector(".field-error");
  if (!place) return null;
  place.textContent = text;
  place.hidden = !text;
  field.classList.toggle("wrong", Boolean(text));
  for (const control of field.querySelectorAll("input, textarea, select")) {
    if (text) control.setAttribute("aria-invalid", "true");
    else control.removeAttribute("aria-invalid");
  }
  return field;
}

function focusFirst(dialog) {
  const body = dialog.querySelector(".dialog-body");
  (body.querySelector("[autofocus], input, textarea, select, summary, .button") ?? dialog.querySelector("[type=submit]"))?.focus();
}
