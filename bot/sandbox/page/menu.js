/** A button that opens a short menu: arrow keys, Home and End move, Esc closes and gives the focus back. */

import { el, icon } from "./dom.js";

/**
 * @typedef {{label: string, note?: string, selected?: boolean, before?: () => Node, run: () => void}} Item
 */

/**
 * Make a menu button.
 * @param {{content: (Node|string)[], label: string, class?: string, id?: string, items: () => Item[]}} options
 *   `label` is what screen readers say; `items` is asked each time the menu opens
 * @returns {HTMLButtonElement}
 */
export function menuButton(options) {
  return el("button", {
    type: "button",
    id: options.id,
    class: options.class ?? "",
    "aria-haspopup": "menu",
    "aria-label": options.label,
    onclick: (event) => openMenu(event.currentTarget, options.label, options.items()),
  }, options.content);
}

function openMenu(trigger, label, items) {
  const choose = (item) => {
    close();
    trigger.focus();
    item.run();
  };
  const entries = items.map((item) => entry(item, choose));
  const list = el("div", { class: "menu", role: "menu", "aria-label": label }, entries);
  const close = () => {
    list.remove();
    layer.remove();
    trigger.removeAttribute("data-kept");
  };
  const layer = el("div", { class: "menu-layer", onclick: close });
  list.onkeydown = (event) => move(event, entries, () => {
    close();
    trigger.focus();
  });
  trigger.setAttribute("data-kept", "open");
  // Inside an open dialog only what belongs to it can be reached.
  (trigger.closest("dialog") ?? document.body).append(layer, list);
  place(list, trigger);
  (entries.find((each) => each.getAttribute("aria-checked") === "true") ?? entries[0])?.focus();
}

function entry(item, choose) {
  return el("button", {
    type: "button",
    class: "menu-item",
    role: item.selected === undefined ? "menuitem" : "menuitemradio",
    "aria-checked": item.selected === undefined ? null : String(item.selected),
    tabindex: -1,
    onclick: () => choose(item),
  },
  item.before?.(),
  el("span", { class: "menu-words" }, el("span", {}, item.label), item.note && el("small", {}, item.note)),
  item.selected && icon("check"));
}

function move(event, entries, leave) {
  const at = entries.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: entries.length - 1 }[event.key];
  if (to !== undefined) entries[(to + entries.length) % entries.length].focus();
  else if (event.key === "Escape" || event.key === "Tab") leave();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

function place(list, trigger) {
  const box = trigger.getBoundingClientRect();
  const below = box.bottom + 4;
  const fits = below + list.offsetHeight < innerHeight;
  list.style.top = `${Math.max(8, fits ? below : box.top - list.offsetHeight - 4)}px`;
  list.style.left = `${Math.max(8, Math.min(box.left, innerWidth - list.offsetWidth - 8))}px`;
}
