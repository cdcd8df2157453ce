/** Messages as DingTalk shows them: bubbles, one's own on the right; cards with their buttons; the time in between. */

import { avatar } from "../avatars.js";
import { day, inFull, time } from "../dates.js";
import { el, fragment } from "../dom.js";
import { link } from "../mrkdwn.js";
import { ROBOT } from "./feed.js";
import { dingMarkdown } from "./markdown.js";

/** Between messages that are so many milliseconds apart stands the time. */
const APART = 300_000;

/**
 * Make everything that a conversation shows.
 * @param {object[]} messages oldest first
 * @param {{workspace: import("../state.js").Workspace, press: (node: HTMLElement, message: object, button: object) => void}} setting
 * @returns {HTMLElement[]}
 */
export function bubbles(messages, setting) {
  const made = [];
  let before = 0;
  for (const message of messages) {
    if (message.time - before > APART) made.push(moment(message));
    before = message.time;
    made.push(bubble(message, setting));
  }
  return made;
}

function moment(message) {
  const at = new Date(message.time);
  return el("p", { class: "ding-time", "data-key": `t${message.id}` },
    el("time", { datetime: at.toISOString(), title: inFull(at) }, `${day(at)} ${time(at)}`));
}

function bubble(message, setting) {
  const { workspace } = setting;
  const person = workspace.dingPerson(message.user);
  const mine = message.user === workspace.me;
  const card = message.face.buttons.length > 0 || message.kind === "card" || message.kind === "actionCard";
  return el("article", {
    class: ["ding-message", mine && "mine"], "data-key": message.id, "data-id": message.id, tabindex: -1,
  },
  avatar(person?.name ?? message.user, { bot: message.user === ROBOT }),
  el("div", { class: "ding-body" },
    el("div", { class: "ding-by" },
      el("span", { class: "ding-author" }, person?.nick ?? message.user),
      person?.outside && el("span", { class: "ding-tag outside" }, "External"),
      !person && el("span", { class: "ding-tag" }, "Robot")),
    el("div", { class: card ? "ding-card" : "ding-bubble" }, content(message, setting))));
}

function content(message, setting) {
  const { title, parts, buttons } = message.face;
  return fragment(
    title && el("p", { class: "ding-card-title" }, title),
    parts.map((each) => part(each, setting)),
    message.at.length > 0 && el("p", { class: "ding-at" }, message.at.map((each) => `@${each} `).join("")),
    buttons.length > 0 && el("div", { class: "ding-actions" }, buttons.map((each) => button(each, message, setting))));
}

function part(each, { workspace }) {
  if (each.type === "markdown") return el("div", { class: "ding-markdown" }, dingMarkdown(each.text));
  if (each.type === "divider") return el("hr");
  if (each.type === "image") return el("p", {}, link(each.image, `🖼 ${each.image}`));
  if (each.type === "images") return el("p", {}, each.images.map((image) => link(image, `🖼 ${image} `)));
  if (each.type === "link") return el("p", { class: "ding-link" }, link(each.url, each.text));
  return el("p", { class: "ding-text" }, mentions(each.text, workspace));
}

/** Mentions and addresses in a typed text, in DingTalk's blue. */
function mentions(text, workspace) {
  const names = [ROBOT, ...workspace.dingtalk.users.flatMap((each) => [each.name, each.nick])];
  return text.split(/(@[\p{L}\p{N}_-]+|https?:\/\/[^\s<>，。）]+)/u).map((each) => {
    if (/^https?:/.test(each)) return link(each, each);
    return each.startsWith("@") && names.includes(each.slice(1)) ? el("span", { class: "ding-at" }, each) : each;
  });
}

function button(each, message, { press }) {
  const shape = { class: ["ding-button", each.style], "data-key": each.id };
  if (each.url) return el("a", { ...shape, href: safe(each.url), target: "_blank", rel: "noopener noreferrer" }, each.label);
  return el("button", { ...shape, type: "button", onclick: (event) => press(event.currentTarget, message, each) }, each.label);
}

function safe(url) {
  return /^(https?|dingtalk):/i.test(url) ? url : "#";
}
