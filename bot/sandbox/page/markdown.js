/**
 * The markdown block: the standard Markdown that Slack takes there (headings, emphasis, lists, code, quotes,
 * links, tables, task lists), rendered to nodes. Raw HTML in it is text.
 */

import { el, fragment } from "./dom.js";
import { withEmoji } from "./emoji.js";
import { link } from "./mrkdwn.js";

const FENCE = /^\s*(```|~~~)/;
const HEADING = /^(#{1,6})\s+(.*?)\s*#*$/;
const ITEM = /^(\s*)([-*+]|\d{1,9}[.)])\s+(.*)$/;
const QUOTE = /^\s*>\s?/;
const RULE = /^\s*([-*_])(?:\s*\1){2,}\s*$/;
const TABLE_RULE = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/;
const INLINE =
  /\\([\\`*_~[\]()#!>|-])|(`+)(.+?)\2|!?\[([^\]]*)\]\(([^)\s]+)(?:\s+"[^"]*")?\)|<(https?:\/\/[^>\s]+)>|\*\*(?=\S)(.+?)(?<=\S)\*\*|__(?=\S)(.+?)(?<=\S)__|~~(?=\S)(.+?)(?<=\S)~~|\*(?=\S)(.+?)(?<=\S)\*|(?<![\p{L}\p{N}])_(?=\S)(.+?)(?<=\S)_(?![\p{L}\p{N}])/gu;

/**
 * Render Markdown.
 * @param {string} text
 * @returns {DocumentFragment}
 */
export function markdown(text) {
  const made = fragment();
  const rest = text.replaceAll("\r", "").split("\n");
  while (rest.length) {
    const node = next(rest);
    if (node) made.append(node);
  }
  return made;
}

/** Take one block off the front of the lines. */
function next(rest) {
  const line = rest[0];
  if (!line.trim()) return rest.shift() && null;
  if (FENCE.test(line)) return fenced(rest);
  const heading = HEADING.exec(line);
  if (heading) {
    rest.shift();
    // The page's own headings come first: one in a message starts below them.
    return el(`h${Math.min(6, heading[1].length + 2)}`, {}, inline(heading[2]));
  }
  if (RULE.test(line)) return rest.shift() && el("hr");
  if (QUOTE.test(line)) return el("blockquote", {}, markdown(taken(rest, QUOTE).map((each) => each.replace(QUOTE, "")).join("\n")));
  if (ITEM.test(line)) return list(rest);
  if (line.includes("|") && TABLE_RULE.test(rest[1] ?? "")) return table(rest);
  return paragraph(rest);
}

function taken(rest, form) {
  const found = [];
  while (rest.length && form.test(rest[0])) found.push(rest.shift());
  return found;
}

function fenced(rest) {
  const fence = FENCE.exec(rest.shift())[1];
  const found = [];
  while (rest.length && !rest[0].trim().startsWith(fence)) found.push(rest.shift());
  rest.shift();
  return el("pre", { tabindex: 0 }, found.join("\n"));
}

function paragraph(rest) {
  const found = [rest.shift()];
  const ends = (line) => !line.trim() || [FENCE, HEADING, RULE, QUOTE, ITEM].some((form) => form.test(line));
  while (rest.length && !ends(rest[0])) found.push(rest.shift());
  return el("p", {}, inline(found.join("\n")));
}

function list(rest) {
  const [, indent, sign] = ITEM.exec(rest[0]);
  const ordered = /\d/.test(sign);
  const made = el(ordered ? "ol" : "ul", ordered && Number.parseInt(sign, 10) !== 1 ? { start: Number.parseInt(sign, 10) } : {});
  while (rest.length) {
    const match = ITEM.exec(rest[0]);
    if (!match || match[1].length < indent.length) break;
    if (match[1].length > indent.length + 1 && made.lastElementChild) {
      made.lastElementChild.append(list(rest));
      continue;
    }
    rest.shift();
    made.append(item(match[3]));
  }
  return made;
}

function item(text) {
  const task = /^\[([ xX])\]\s+(.*)$/.exec(text);
  if (!task) return el("li", {}, inline(text));
  const done = task[1] !== " ";
  const box = el("input", { type: "checkbox", disabled: true, checked: done, "aria-label": done ? "done" : "open" });
  return el("li", { class: "task" }, box, " ", inline(task[2]));
}

function table(rest) {
  const head = cells(rest.shift());
  const sides = cells(rest.shift()).map((each) => (each.endsWith(":") ? (each.startsWith(":") ? "center" : "right") : "left"));
  const rows = [];
  while (rest.length && rest[0].includes("|")) rows.push(cells(rest.shift()));
  const row = (tag, texts) => el("tr", {}, texts.map((each, at) => el(tag, { class: `side-${sides[at] ?? "left"}` }, inline(each))));
  return el("div", { class: "table-scroll", tabindex: 0, role: "region", "aria-label": "Table" },
    el("table", { class: "table" }, el("thead", {}, row("th", head)), el("tbody", {}, rows.map((each) => row("td", each)))));
}

function cells(line) {
  return line.trim().replace(/^\|/, "").replace(/\|$/, "").split("|").map((each) => each.trim());
}

function inline(text) {
  const made = fragment();
  let from = 0;
  for (const match of text.matchAll(INLINE)) {
    if (match.index > from) made.append(...withEmoji(text.slice(from, match.index)));
    made.append(styled(match));
    from = match.index + match[0].length;
  }
  made.append(...withEmoji(text.slice(from)));
  return made;
}

function styled([, escaped, , code, label, url, address, bold, alsoBold, struck, italic, alsoItalic]) {
  if (escaped) return document.createTextNode(escaped);
  if (code) return el("code", {}, code.trim());
  if (url) return link(url, inline(label || url));
  if (address) return link(address, address);
  if (bold || alsoBold) return el("strong", {}, inline(bold || alsoBold));
  if (struck) return el("s", {}, inline(struck));
  return el("em", {}, inline(italic || alsoItalic));
}
