/** The rich_text block: sections, lists, preformatted text and quotes, where nothing is parsed. */

import { el } from "./dom.js";
import { emoji } from "./emoji.js";
import { channelLink, date, link, mention } from "./mrkdwn.js";

/**
 * Render a rich_text block.
 * @param {{elements: object[]}} block
 * @param {import("./mrkdwn.js").Names} names
 */
export function richText(block, names) {
  return el("div", { class: "rich" }, (block.elements ?? []).map((each) => part(each, names)));
}

function part(element, names) {
  const inside = () => (element.elements ?? []).map((each) => leaf(each, names));
  switch (element.type) {
    case "rich_text_section":
      return el("div", { class: "rich-section" }, inside());
    case "rich_text_preformatted":
      return el("pre", { tabindex: 0 }, inside());
    case "rich_text_quote":
      return el("blockquote", {}, inside());
    case "rich_text_list":
      return list(element, names);
    default:
      return el("div", { class: "unknown" }, `(${element.type})`);
  }
}

function list(element, names) {
  const indent = Math.min(element.indent ?? 0, 8);
  const props = { class: `rich-list indent-${indent} level-${indent % 3}` };
  if (element.style === "ordered" && element.offset) props.start = element.offset + 1;
  const items = (element.elements ?? []).map((each) =>
    el("li", {}, (each.elements ?? []).map((inner) => leaf(inner, names))));
  return el(element.style === "ordered" ? "ol" : "ul", props, items);
}

/** One run of text, person, link or date, in its style. */
function leaf(element, names) {
  const node = bare(element, names);
  const style = element.style ?? {};
  const tags = [["code", "code"], ["strike", "s"], ["italic", "em"], ["bold", "strong"], ["underline", "u"]];
  return tags.reduce((inner, [name, tag]) => (style[name] ? el(tag, {}, inner) : inner), node);
}

function bare(element, names) {
  switch (element.type) {
    case "text":
      return element.text ?? "";
    case "emoji":
      return emoji(element.name) ?? `:${element.name}:`;
    case "link":
      return link(element.url, element.text || element.url);
    case "user":
      return mention(element.user_id, names);
    case "usergroup":
      return el("span", { class: "mention" }, `@${element.usergroup_id}`);
    case "channel":
      return channelLink(element.channel_id, names);
    case "broadcast":
      return el("span", { class: "mention mine" }, `@${element.range}`);
    case "date":
      return date(element.timestamp, element.format, element.fallback ?? "");
    case "color":
      return el("code", {}, element.value);
    default:
      return element.text ?? "";
  }
}
