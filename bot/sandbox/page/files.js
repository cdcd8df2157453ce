/** Files of a message as Slack shows snippets: a title, the first lines, and all of them when someone asks. */

import { el, icon } from "./dom.js";

/** Lines that are seen before anyone asks for more. */
const FIRST = 5;
const KILO = 1000;

/**
 * Render the files of a message.
 * @param {{name: string, title: string, size: number, text: string}[]} list
 * @returns {HTMLElement[]}
 */
export function files(list) {
  return list.map(snippet);
}

/** Name files, for a sentence. */
export function titles(list) {
  return (list ?? []).map((each) => each.title).join(", ");
}

function snippet(file) {
  const lines = file.text.replace(/\n$/, "").split("\n");
  const folded = lines.length > FIRST;
  const count = lines.length === 1 ? "1 line" : `${lines.length} lines`;
  const facts = [file.title !== file.name && file.name, count, bytes(file.size)];
  return el("figure", { class: "file", "data-key": `file ${file.name}` },
    el("figcaption", { class: "file-head" }, icon("file"), el("div", {},
      el("div", { class: "file-title" }, file.title),
      el("div", { class: "file-facts" }, facts.filter(Boolean).join(" · ")))),
    el("div", { class: "file-first" }, numbered(lines.slice(0, FIRST))),
    folded && el("details", { class: "file-all" },
      el("summary", {},
        el("span", { class: "when-folded" }, `Click to expand (${count})`),
        el("span", { class: "when-unfolded" }, "Collapse")),
      el("div", { class: "file-scroll", tabindex: 0, role: "region", "aria-label": file.title }, numbered(lines))));
}

function numbered(lines) {
  return el("div", { class: "file-lines" },
    el("pre", { class: "file-numbers", "aria-hidden": "true" }, lines.map((_, at) => at + 1).join("\n")),
    el("pre", { class: "file-text" }, lines.join("\n")));
}

function bytes(size) {
  return size < KILO ? `${size} B` : `${(size / KILO).toFixed(size < 10 * KILO ? 1 : 0)} kB`;
}
