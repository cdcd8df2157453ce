/** The elements of Block Kit in which several things can be ticked: checkboxes, radio buttons, multi-selects. */

import { el } from "./dom.js";
import { textObject } from "./mrkdwn.js";
import { idOf, initialValue, optionsOf, optionText } from "./values.js";

/**
 * Render checkboxes.
 * @param {object} spec
 * @param {object} block
 * @param {import("./elements.js").Surface} surface
 * @param {Function} chosen hears (node, spec, block, surface, values)
 */
export function checkboxes(spec, block, surface, chosen) {
  return ticks(spec, block, surface, "checkbox", spec.options, (box) =>
    chosen(box, spec, block, surface, ticked(box).map((each) => each.value)));
}

/** Render radio buttons; takes what `checkboxes` takes. */
export function radioButtons(spec, block, surface, chosen) {
  return ticks(spec, block, surface, "radio", spec.options, (box) =>
    chosen(box, spec, block, surface, ticked(box)[0]?.value));
}

/** Render a multi-select as a list that folds out; takes what `checkboxes` takes. */
export function multiSelect(spec, block, surface, chosen) {
  const options = optionsOf(spec, surface);
  const title = el("summary", { id: idOf(spec, block, surface) });
  const label = (values) => {
    const names = options.filter((each) => values.includes(each.value)).map(optionText);
    title.textContent = names.join(", ") || (spec.placeholder?.text ?? "Choose options");
  };
  label(initialValue(spec) ?? []);
  const boxes = ticks(spec, block, surface, "checkbox", options, (box) => {
    const values = ticked(box).map((each) => each.value);
    if (spec.max_selected_items && values.length > spec.max_selected_items) {
      box.checked = false;
      return;
    }
    label(values);
    chosen(box, spec, block, surface, values);
  });
  return el("details", { class: "multi" }, title, boxes);
}

function ticks(spec, block, surface, type, options, changed) {
  const initial = [initialValue(spec) ?? []].flat();
  const name = idOf(spec, block, surface);
  return el("div", { class: "ticks", role: type === "radio" ? "radiogroup" : "group" }, options.map((option) => {
    const box = el("input", { type, name, value: option.value, onchange: (event) => changed(event.currentTarget) });
    box.checked = initial.includes(option.value);
    return el("label", { class: "tick" }, box, el("span", {},
      textObject(option.text, surface.names),
      option.description && el("small", {}, textObject(option.description, surface.names))));
  }));
}

function ticked(box) {
  return [...box.closest(".ticks").querySelectorAll("input:checked")];
}
