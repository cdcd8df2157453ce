/**
 * Slack's mrkdwn as DOM nodes: styles, code, quotes, mentions, links, dates, emoji, the three entities
 * (docs.slack.dev, formatting message text). Whatever is none of these is text.
 */

import { filledIn, inFull } from "./dates.js";
import { el, fragment } from "./dom.js";
import { emoji, withEmoji } from "./emoji.js";

/**
 * @typedef {{person: (id: string) => {name: string}|null, channel: (id: string) => {name: string}|null,
 *   me: string, myId: string}} Names who and what the ids in a text stand for
 */

const INLINE = /<([^<>\n]+)>|`([^`\n]+)`|:([a-z0-9_+'-]+(?:::skin-tone-[2-6])?):|(https?:\/\/[^\s<>|`]+)|([*_~])/g;
const OPAQUE = /<[^<>\n]+>|`[^`\n]+`/g;
const PRE = /```\n?([\s\S]+?)```/g;
const QUOTED = /^(?:&gt;|>) ?/;
const QUOTED_TO_END = /^(?:&gt;){3} ?|^>>> ?/;
const WORD = /[\p{L}\p{N}]/u;
/** The zero-width space keeps a style from beginning, which is what bots put it there for. */
const SPACE = /[\s\u200b]/;
const STYLES = { "*": "strong", "_": "em", "~": "s" };
const SAFE = /^(https?:|mailto:|tel:)/i;
const EVERYONE = new Set(["here", "channel", "everyone"]);

/**
 * Render a mrkdwn text.
 * @param {string} text
 * @param {Names} names
 * @returns {DocumentFragment}
 */
export function mrkdwn(text, names) {
  const made = fragment();
  let from = 0;
  for (const match of text.matchAll(PRE)) {
    made.append(lines(text.slice(from, match.index).replace(/\n$/, ""), names));
    made.append(el("pre", { tabindex: 0 }, literal(match[1].replace(/\n$/, ""), names)));
    from = match.index + match[0].length;
    if (text[from] === "\n") from += 1;
  }
  made.append(lines(text.slice(from), names));
  return made;
}

/**
 * Render a plain_text object: emoji, when it says so, and entities; no markup.
 * @param {{text: string, emoji?: boolean}} object
 * @returns {(Node|string)[]}
 */
export function plain(object) {
  const text = unescaped(object?.text ?? "");
  return object?.emoji === false ? [text] : withEmoji(text);
}

/**
 * Render a text object of either kind.
 * @param {{type: string, text: string}} object
 * @param {Names} names
 */
export function textObject(object, names) {
  if (!object) return fragment();
  return object.type === "mrkdwn" ? mrkdwn(object.text, names) : fragment(plain(object));
}

/**
 * Answer what a text says without any markup, for screen readers and previews.
 * @param {string} text
 * @param {Names} names
 */
export function spoken(text, names) {
  return mrkdwn(text, names).textContent;
}

/** Turn the three entities back into their characters, once. */
export function unescaped(text) {
  return text.replace(/&(amp|lt|gt);/g, (_, name) => ({ amp: "&", lt: "<", gt: ">" })[name]);
}

/**
 * Make a link that opens beside the page; an address of any other scheme stays text.
 * @param {string} url
 * @param {...(Node|string)} label
 */
export function link(url, ...label) {
  if (!SAFE.test(url)) return el("span", {}, ...label);
  return el("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, ...label);
}

/**
 * Make a mention of a person.
 * @param {string} id
 * @param {Names} names
 * @param {string} [label] what to say when the id is not known
 */
export function mention(id, names, label) {
  const known = names.person(id);
  const mine = known && (known.name === names.me || id === names.myId);
  return el("span", { class: ["mention", mine && "mine"] }, `@${known?.name ?? label ?? id}`);
}

/**
 * Make a mention of a channel: a link to it when it is known.
 * @param {string} id
 * @param {Names} names
 * @param {string} [label]
 */
export function channelLink(id, names, label) {
  const known = names.channel(id);
  if (!known) return el("span", { class: "mention" }, `#${label ?? id}`);
  return el("a", { class: "mention", href: `#/${encodeURIComponent(known.name)}` }, `#${known.name}`);
}

/**
 * Make a moment that reads in the viewer's zone.
 * @param {number} unix seconds
 * @param {string} format with Slack's tokens
 * @param {string} fallback what to show when the format is not understood
 */
export function date(unix, format, fallback) {
  const text = filledIn(unix, format);
  if (text === null) return el("span", {}, fallback);
  const moment = new Date(unix * 1000);
  return el("time", { datetime: moment.toISOString(), title: inFull(moment) }, text);
}

function lines(text, names) {
  const made = fragment();
  let plainLines = [];
  let quotedLines = [];
  const flush = () => {
    if (plainLines.length) made.append(inline(plainLines.join("\n"), names));
    if (quotedLines.length) made.append(el("blockquote", {}, inline(quotedLines.join("\n"), names)));
    plainLines = [];
    quotedLines = [];
  };
  const all = text === "" ? [] : text.split("\n");
  for (let at = 0; at < all.length; at += 1) {
    if (QUOTED_TO_END.test(all[at])) {
      flush();
      quotedLines = [all[at].replace(QUOTED_TO_END, ""), ...all.slice(at + 1)];
      break;
    }
    const quoted = QUOTED.test(all[at]);
    if (quoted !== quotedLines.length > 0) flush();
    if (quoted) quotedLines.push(all[at].replace(QUOTED, ""));
    else plainLines.push(all[at]);
  }
  flush();
  return made;
}

function inline(text, names) {
  const made = fragment();
  let from = 0;
  const scanner = new RegExp(INLINE);
  for (let match = scanner.exec(text); match; match = scanner.exec(text)) {
    const [node, end] = construct(match, text, names);
    if (!node) continue;
    if (match.index > from) made.append(unescaped(text.slice(from, match.index)));
    made.append(node);
    from = end;
    scanner.lastIndex = end;
  }
  if (from < text.length) made.append(unescaped(text.slice(from)));
  return made;
}

/** Answer the node of what was found and where it ends; no node when it is just text. */
function construct(match, text, names) {
  const end = match.index + match[0].length;
  const [, token, code, shortcode, url, style] = match;
  if (token) return [tokenNode(token, names), end];
  if (code) return [el("code", {}, literal(code, names)), end];
  if (shortcode) return [WORD.test(text[match.index - 1] ?? "") ? null : emoji(shortcode), end];
  if (url) {
    const trimmed = url.replace(/(?:[.,;:!?)\]'"*_~]|&gt;|&lt;)+$/, "");
    return [link(unescaped(trimmed), unescaped(trimmed)), match.index + trimmed.length];
  }
  const close = closing(text, match.index, style);
  if (close < 0) return [null, end];
  return [el(STYLES[style], {}, inline(text.slice(match.index + 1, close), names)), close + 1];
}

/** Find where a style that begins at `open` ends, or answer -1: it must hug its words and stay on its line. */
function closing(text, open, style) {
  const before = text[open - 1] ?? "";
  const after = text[open + 1] ?? "";
  if (WORD.test(before) || before === style || !after || SPACE.test(after) || after === style) return -1;
  const masked = text.replace(OPAQUE, (found) => "\u0001".repeat(found.length));
  const line = masked.indexOf("\n", open);
  const limit = line < 0 ? masked.length : line;
  for (let at = masked.indexOf(style, open + 2); at >= 0 && at < limit; at = masked.indexOf(style, at + 1)) {
    const next = text[at + 1] ?? "";
    if (!SPACE.test(text[at - 1]) && !WORD.test(next) && next !== style) return at;
  }
  return -1;
}

/** What stands in code: tokens still mean something, styles and emoji do not. */
function literal(text, names) {
  const made = [];
  let from = 0;
  for (const match of text.matchAll(/<([^<>\n]+)>/g)) {
    made.push(unescaped(text.slice(from, match.index)), tokenNode(match[1], names));
    from = match.index + match[0].length;
  }
  made.push(unescaped(text.slice(from)));
  return made;
}

function tokenNode(token, names) {
  const bar = token.indexOf("|");
  const target = bar < 0 ? token : token.slice(0, bar);
  const label = bar < 0 ? undefined : unescaped(token.slice(bar + 1)) || undefined;
  if (target.startsWith("@")) return mention(target.slice(1), names, label);
  if (target.startsWith("#")) return channelLink(target.slice(1), names, label);
  if (target.startsWith("!")) return specialNode(target.slice(1), label);
  if (SAFE.test(target)) {
    const url = unescaped(target);
    return link(url, ...(label ? withEmoji(label) : [url.replace(/^mailto:/, "")]));
  }
  return document.createTextNode(unescaped(`<${token}>`));
}

function specialNode(target, label) {
  const [kind, ...rest] = target.split("^");
  if (kind === "date") {
    const node = date(Number(rest[0]), rest[1] ?? "", label ?? "");
    return rest[2] ? link(unescaped(rest[2]), node) : node;
  }
  if (EVERYONE.has(kind)) return el("span", { class: "mention mine" }, `@${kind}`);
  const name = (label ?? rest[0] ?? kind).replace(/^@/, "");
  return el("span", { class: "mention" }, kind === "subteam" ? `@${name}` : name);
}
