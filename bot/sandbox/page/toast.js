/** What the page itself has to say: short notices, and words for screen readers. */

import { el, icon } from "./dom.js";

const SHOWN_FOR = 6000;

/**
 * Show a notice for a while.
 * @param {string} text
 * @param {"plain"|"bad"} [kind]
 */
export function toast(text, kind = "plain") {
  const place = document.getElementById("toasts");
  const dismiss = () => made.remove();
  const made = el("div", { class: ["toast", kind] }, el("span", {}, text),
    el("button", { type: "button", class: "icon-button", "aria-label": "Dismiss", onclick: dismiss }, icon("close")));
  // An open dialog covers everything outside it.
  const dialog = [...document.querySelectorAll("dialog[open]")].at(-1);
  if (dialog) dialog.append(place);
  else if (place.parentElement !== document.body) document.body.append(place);
  place.append(made);
  setTimeout(dismiss, SHOWN_FOR);
}

/** Give the notices back to the page before the dialog that holds them goes. */
export function rescueToasts() {
  document.body.append(document.getElementById("toasts"));
}

/**
 * Have screen readers say something.
 * @param {string} text
 */
export function announce(text) {
  const log = document.getElementById("announcer");
  log.append(el("p", {}, text));
  while (log.childElementCount > 20) log.firstElementChild.remove();
}
