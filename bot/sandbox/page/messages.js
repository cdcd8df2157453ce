/**
 * A list of messages: grouped by author and day, kept in place when they change, at the bottom when one was there.
 */

import { avatar } from "./avatars.js";
import { content } from "./blocks.js";
import { day, dayOf, inFull, momentOf, time, when } from "./dates.js";
import { el, icon, unseen } from "./dom.js";
import { files } from "./files.js";
import { menuButton } from "./menu.js";
import { morph } from "./morph.js";

/** Messages of one author within this many seconds stand under one name. */
const TOGETHER = 300;
/** This near to its end a list counts as being at its end. */
const NEAR = 48;

/**
 * @typedef {object} Setting
 * @property {import("./state.js").Workspace} workspace
 * @property {(message: object) => import("./elements.js").Surface} surface
 * @property {(ts: string) => string} address where a message is found
 * @property {((ts: string) => void)|null} openThread null inside a thread
 * @property {(shortcut: object, message: object) => void} useShortcut
 */

/** A list in its scrolling place. */
export class MessageList {
  /**
   * @param {HTMLElement} scroller
   * @param {Setting} setting
   */
  constructor(scroller, setting) {
    this.scroller = scroller;
    this.setting = setting;
    this.shown = new Map();
    this.list = el("div", { class: "messages" });
    this.jump = el("button", { type: "button", class: "jump", hidden: true, onclick: () => this.toEnd() },
      icon("down"), "Newer messages");
    scroller.append(this.list, this.jump);
    scroller.onscroll = () => {
      if (this.atEnd()) this.jump.hidden = true;
    };
    // What grows after it was placed (a font, a folded list) must not push the end out of sight.
    this.stuck = true;
    scroller.addEventListener("scroll", () => {
      this.stuck = this.atEnd();
    });
    new ResizeObserver(() => this.stuck && this.toEnd()).observe(this.list);
  }

  /** Forget what is shown. */
  clear() {
    this.shown.clear();
    this.list.replaceChildren();
    this.jump.hidden = true;
    this.stuck = true;
  }

  /**
   * Show messages.
   * @param {object[]} messages oldest first
   * @param {{unreadFrom?: string, marked?: string|null, divide?: string|null}} [options] `unreadFrom`: the newest that
   *   was read; `marked`: the ts to point at; `divide`: words below the first message
   */
  show(messages, options = {}) {
    const end = this.stuck;
    const grown = messages.some((each) => !this.shown.has(each.ts)) && this.shown.size > 0;
    const focused = document.activeElement?.closest?.(".message");
    this.place(items(messages, options, this.setting));
    if (focused?.isConnected && document.activeElement === document.body) focused.focus({ preventScroll: true });
    if (end) this.toEnd();
    else this.jump.hidden &&= !grown;
  }

  /** Scroll to the newest. */
  toEnd() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.jump.hidden = true;
    this.stuck = true;
  }

  /** Scroll to a message and point at it. */
  pointAt(ts) {
    const found = this.shown.get(ts)?.node;
    if (!found) return;
    this.stuck = false;
    found.scrollIntoView({ block: "center" });
  }

  atEnd() {
    return this.scroller.scrollHeight - this.scroller.scrollTop - this.scroller.clientHeight < NEAR;
  }

  place(wanted) {
    const keys = new Set(wanted.map((each) => each.key));
    for (const [key, { node }] of this.shown) {
      if (keys.has(key)) continue;
      node.remove();
      this.shown.delete(key);
    }
    let at = this.list.firstElementChild;
    for (const { key, signature, make } of wanted) {
      let known = this.shown.get(key);
      if (!known) known = { node: make(), signature };
      else if (known.signature !== signature) known = { node: morph(known.node, make()), signature };
      this.shown.set(key, known);
      if (known.node === at) at = at.nextElementSibling;
      else this.list.insertBefore(known.node, at);
    }
  }
}

/** What stands in the list: messages with the lines between them. */
function items(messages, { unreadFrom, marked, divide }, setting) {
  const found = [];
  const line = (key, name, text) => found.push({
    key,
    signature: text,
    make: () => el("div", { class: ["divider", name], role: "separator", "aria-label": text }, el("span", {}, text)),
  });
  let before = null;
  let newsBegun = false;
  for (const message of messages) {
    const moment = momentOf(message.ts);
    const newDay = !before || dayOf(momentOf(before.ts)) !== dayOf(moment);
    if (newDay && divide === undefined) line(`day:${dayOf(moment)}`, "day", day(moment));
    const news = unreadFrom && !newsBegun && message.ts > unreadFrom && message.user !== setting.workspace.me;
    if (news) line("new", "new", "New");
    newsBegun ||= Boolean(news);
    const together = !newDay && !news && follows(before, message) && before !== messages[0];
    found.push(shownAs(message, together || (divide === undefined && !newDay && !news && follows(before, message)), marked, setting));
    if (divide && message === messages[0]) line("replies", "replies", divide);
    before = message;
  }
  return found;
}

function shownAs(message, together, marked, setting) {
  const { names } = setting.workspace;
  const pointed = message.ts === marked;
  return {
    key: message.ts,
    signature: JSON.stringify([message, together, pointed, names.me, setting.workspace.users.length]),
    make: () => article(message, { together, pointed }, setting),
  };
}

function follows(before, message) {
  if (!before || before.user !== message.user || before.reply_count || message.ephemeral || before.ephemeral) return false;
  return Number.parseFloat(message.ts) - Number.parseFloat(before.ts) < TOGETHER;
}

function article(message, { together, pointed }, setting) {
  const { workspace } = setting;
  const bot = workspace.isBot(message.user) || Boolean(message.bot_id);
  const moment = momentOf(message.ts);
  const stamp = el("a", { class: "stamp", href: setting.address(message.ts), title: inFull(moment) },
    el("time", { datetime: moment.toISOString() }, time(moment)));
  const author = workspace.person(message.user)?.name ?? message.user;
  return el("article", {
    class: ["message", together && "together", message.ephemeral && "ephemeral", pointed && "pointed"],
    "data-ts": message.ts,
    tabindex: -1,
  },
  el("div", { class: "gutter" }, together ? stamp : avatar(author, { bot })),
  el("div", { class: "message-body" },
    message.ephemeral && el("p", { class: "only-you" }, icon("lock"), "Only visible to you"),
    message.broadcast && setting.openThread && el("p", { class: "only-you" }, icon("reply"), "Replied to a thread"),
    together ? unseen(`${author}: `) : el("div", { class: "by" },
      el("span", { class: "author" }, author), bot && el("span", { class: "app-badge" }, "APP"), stamp),
    el("div", { class: "content" }, says(message) && content(message, setting.surface(message)), files(message.files ?? [])),
    message.edited && el("span", { class: "edited" }, "(edited)"),
    replies(message, setting)),
  tools(message, setting));
}

/** Whether a message has words: one that only shows a file has none. */
function says(message) {
  return Boolean(message.text || message.blocks?.length || !message.files?.length);
}

function replies(message, { openThread, workspace }) {
  if (!openThread || !message.reply_count) return null;
  const count = message.reply_count === 1 ? "1 reply" : `${message.reply_count} replies`;
  const last = message.latest_reply ? `last reply ${when(momentOf(message.latest_reply))}` : "";
  const people = (message.reply_users ?? []).slice(0, 4).map((each) => workspace.person(each)?.name ?? each);
  return el("button", { type: "button", class: "replies", "data-key": "replies", onclick: () => openThread(message.ts) },
    people.map((each) => avatar(each, { bot: workspace.isBot(each), size: "small" })),
    el("span", { class: "replies-count" }, count), last && el("span", { class: "replies-last" }, `, ${last}`));
}

function tools(message, { openThread, useShortcut, workspace }) {
  if (message.ephemeral) return null;
  const shortcuts = workspace.shortcutsFor("message");
  return el("div", { class: "tools", "data-key": "tools" },
    openThread && el("button", {
      type: "button",
      class: "icon-button reply-tool",
      "aria-label": "Reply in thread",
      title: "Reply in thread",
      onclick: () => openThread(message.thread_ts ?? message.ts),
    }, icon("reply")),
    shortcuts.length > 0 && menuButton({
      class: "icon-button",
      label: "More actions",
      content: [icon("more")],
      items: () => shortcuts.map((each) => ({
        label: each.name, note: each.description, run: () => useShortcut(each, message),
      })),
    }));
}
