/**
 * The interactive elements of Block Kit: buttons, selects, pickers, inputs. Each tells its surface what was chosen;
 * what happens then (a click on a message, a value of a form) is the surface's business.
 */

import { checkboxes, multiSelect, radioButtons } from "./choices.js";
import { el, icon } from "./dom.js";
import { menuButton } from "./menu.js";
import { plain } from "./mrkdwn.js";
import { idOf, initialValue, optionsOf, optionText } from "./values.js";

/**
 * @typedef {object} Surface where blocks stand: a message, a modal, the App Home
 * @property {string} id begins the ids of its inputs
 * @property {import("./mrkdwn.js").Names} names
 * @property {{id: string, name: string}[]} users
 * @property {{id: string, name: string}[]} channels
 * @property {(block: object, element: object, value: any) => void} [changed] a value was chosen or typed
 * @property {(node: Element, block: object, element: object, value?: any) => void} act tells the bot
 */

const TYPED = {
  plain_text_input: "text",
  email_text_input: "email",
  url_text_input: "url",
  number_input: "number",
  datepicker: "date",
  timepicker: "time",
  datetimepicker: "datetime-local",
};
const CHOOSERS = new Set(["static_select", "users_select", "conversations_select", "channels_select", "external_select"]);

/**
 * Render an element.
 * @param {object} spec as the bot sent it
 * @param {object} block the block that it stands in
 * @param {Surface} surface
 * @returns {Element}
 */
export function element(spec, block, surface) {
  if (spec.type === "button" || spec.type === "workflow_button") return button(spec, block, surface);
  if (spec.type === "overflow") return overflow(spec, block, surface);
  if (spec.type === "checkboxes") return checkboxes(spec, block, surface, chosen);
  if (spec.type === "radio_buttons") return radioButtons(spec, block, surface, chosen);
  if (spec.type?.startsWith("multi_")) return multiSelect(spec, block, surface, chosen);
  if (CHOOSERS.has(spec.type)) return select(spec, block, surface);
  if (spec.type in TYPED) return input(spec, block, surface);
  return el("span", { class: "unknown" }, `(${spec.type} is not shown here)`);
}

/** A value was chosen: the surface keeps it, and the bot hears of it where it asked to. */
function chosen(node, spec, block, surface, value) {
  surface.changed?.(block, spec, value);
  if (block.type !== "input" || block.dispatch_action) surface.act(node, block, spec, value);
}

function button(spec, block, surface) {
  const label = spec.accessibility_label;
  const props = {
    class: ["button", spec.style === "primary" && "primary", spec.style === "danger" && "danger"],
    "aria-label": label,
    "data-key": `button:${block.block_id ?? ""}:${spec.action_id}`,
    onclick: (event) => surface.act(event.currentTarget, block, spec),
  };
  if (!spec.url) return el("button", { type: "button", ...props }, plain(spec.text));
  const safe = /^https?:/i.test(spec.url);
  return el("a", { ...props, href: safe ? spec.url : null, target: "_blank", rel: "noopener noreferrer" }, plain(spec.text));
}

function overflow(spec, block, surface) {
  const made = menuButton({
    class: "button square",
    label: "More actions",
    content: [icon("more")],
    items: () => spec.options.map((option) => ({
      label: optionText(option),
      note: option.description?.text,
      run: () => chosen(made, spec, block, surface, option.value),
    })),
  });
  return made;
}

function select(spec, block, surface) {
  const groups = spec.option_groups ?? [{ options: optionsOf(spec, surface) }];
  const initial = initialValue(spec);
  const option = (each) => el("option", { value: each.value, selected: each.value === initial }, optionText(each));
  return el("select", {
    class: "select",
    id: idOf(spec, block, surface),
    "aria-label": block.type === "input" ? null : (spec.placeholder?.text ?? "Choose"),
    onchange: (event) => chosen(event.currentTarget, spec, block, surface, event.currentTarget.value),
  },
  el("option", { value: "", disabled: true, selected: initial === undefined }, spec.placeholder?.text ?? "Choose an option"),
  groups.map((group) => (group.label
    ? el("optgroup", { label: group.label.text }, group.options.map(option))
    : group.options.map(option))));
}

function input(spec, block, surface) {
  const props = {
    class: "input",
    id: idOf(spec, block, surface),
    placeholder: spec.placeholder?.text,
    "aria-label": block.type === "input" ? null : (spec.placeholder?.text ?? spec.type),
    minlength: spec.min_length,
    maxlength: spec.max_length,
    min: spec.min_value,
    max: spec.max_value,
    step: spec.is_decimal_allowed ? "any" : null,
    autofocus: spec.focus_on_load,
  };
  const read = (node) => (spec.type === "datetimepicker" && node.value ? Math.floor(new Date(node.value) / 1000) : node.value);
  const typed = TYPED[spec.type];
  if (spec.type.endsWith("picker")) props.onchange = (event) => chosen(event.currentTarget, spec, block, surface, read(event.currentTarget));
  else {
    props.oninput = (event) => surface.changed?.(block, spec, event.currentTarget.value);
    props.onkeydown = (event) => entered(event, spec, block, surface);
  }
  const made = spec.multiline ? el("textarea", { ...props, rows: 4 }) : el("input", { ...props, type: typed });
  made.value = shown(spec);
  return made;
}

function entered(event, spec, block, surface) {
  const asked = block.dispatch_action && event.key === "Enter" && !event.isComposing && !spec.multiline;
  if (asked) surface.act(event.currentTarget, block, spec, event.currentTarget.value);
}

function shown(spec) {
  const value = initialValue(spec);
  if (spec.type !== "datetimepicker" || !value) return value ?? "";
  const moment = new Date(value * 1000);
  return new Date(moment - moment.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
}
