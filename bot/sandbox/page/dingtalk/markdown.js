/**
 * The Markdown that DingTalk shows: headings, quotes, bold, italic, links, images, lists and `<font color>`. It knows no
 * tables and no code; a line alone does not end a paragraph unless two spaces stand before its end.
 */

import { el, fragment } from "../dom.js";
import { link } from "../mrkdwn.js";

const HEADING = /^(#{1,6})\s+(.*?)\s*#*$/;
const ITEM = /^\s*([-*+]|\d{1,9}\.)\s+(.*)$/;
const QUOTE = /^\s*>\s?/;
const RULE = /^\s*([-*_])(?:\s*\1){2,}\s*$/;
const INLINE =
  /\\([\\`*_[\]()#>-])|(!?)\[([^\]]*)\]\(([^)\s]+)\)|<font\s+color=["']?([#\w]+)["']?[^>]*>(.*?)<\/font>|<br\s*\/?>|\*\*(?=\S)(.+?)(?<=\S)\*\*|\*(?=\S)(.+?)(?<=\S)\*|(?<![\p{L}\p{N}])_(?=\S)(.+?)(?<=\S)_(?![\p{L}\p{N}])/gsu;
/** Colours that cards name, beside those that CSS knows. */
const NAMED = {
  common_blue1_color: "#1677ff", common_green1_color: "#1a8a4a", common_red1_color: "#d92d20",
  common_orange1_color: "#b25e00", common_gray1_color: "#6b7280",
};

/**
 * Render DingTalk's Markdown.
 * @param {string} text
 * @returns {DocumentFragment}
 */
export function dingMarkdown(text) {
  const made = fragment();
  const rest = text.replaceAll("\r", "").split("\n");
  while (rest.length) {
    const node = next(rest);
    if (node) made.append(node);
  }
  return made;
}

function next(rest) {
  const line = rest[0];
  if (!line.trim()) return rest.shift() && null;
  const heading = HEADING.exec(line);
  if (heading) {
    rest.shift();
    return el(`h${Math.min(6, heading[1].length + 2)}`, { class: `ding-h${heading[1].length}` }, inline(heading[2]));
  }
  if (RULE.test(line)) return rest.shift() && el("hr");
  if (QUOTE.test(line)) {
    const lines = [];
    while (rest.length && QUOTE.test(rest[0])) lines.push(rest.shift().replace(QUOTE, ""));
    return el("blockquote", {}, dingMarkdown(lines.join("\n")));
  }
  return ITEM.test(line) ? list(rest) : paragraph(rest);
}

function list(rest) {
  const first = ITEM.exec(rest[0])[1];
  const ordered = /\d/.test(first);
  const made = el(ordered ? "ol" : "ul", ordered && Number.parseInt(first, 10) !== 1 ? { start: Number.parseInt(first, 10) } : {});
  while (rest.length) {
    const match = ITEM.exec(rest[0]);
    if (!match || /\d/.test(match[1]) !== ordered) break;
    rest.shift();
    made.append(el("li", {}, inline(match[2])));
  }
  return made;
}

function paragraph(rest) {
  const lines = [rest.shift()];
  const ends = (line) => !line.trim() || [HEADING, RULE, QUOTE, ITEM].some((form) => form.test(line));
  while (rest.length && !ends(rest[0])) lines.push(rest.shift());
  const made = el("p");
  lines.forEach((line, at) => {
    made.append(inline(line.trimEnd()));
    if (at < lines.length - 1) made.append(line.endsWith("  ") ? el("br") : " ");
  });
  return made;
}

function inline(text) {
  const made = fragment();
  let from = 0;
  for (const match of text.matchAll(INLINE)) {
    if (match.index > from) made.append(text.slice(from, match.index));
    made.append(styled(match));
    from = match.index + match[0].length;
  }
  made.append(text.slice(from));
  return made;
}

function styled([, escaped, image, label, url, colour, coloured, bold, italic, alsoItalic]) {
  if (escaped) return document.createTextNode(escaped);
  // The page asks nobody outside: a picture is shown as the link to it.
  if (url) return link(url, image ? `🖼 ${label || url}` : inline(label || url));
  if (colour) {
    const made = el("span", {}, inline(coloured));
    made.style.color = NAMED[colour] ?? colour;
    return made;
  }
  if (bold) return el("strong", {}, inline(bold));
  if (italic || alsoItalic) return el("em", {}, inline(italic || alsoItalic));
  return el("br");
}
