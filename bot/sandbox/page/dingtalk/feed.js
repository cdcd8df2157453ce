/** The messages of DingTalk's conversations as one person sees them, and from them what is unread. */

import { api } from "../api.js";
import { oneAtATime } from "../coalesce.js";

/** The conversation with the robot alone, as the control API names it. */
export const ROBOT = "shipmate";

/** The messages by conversation. */
export class DingFeed {
  /**
   * @param {import("../state.js").Workspace} workspace
   * @param {(conversation: string, fresh: object[]) => void} changed hears what was not there before
   */
  constructor(workspace, changed) {
    this.workspace = workspace;
    this.changed = changed;
    this.forget();
  }

  /** Forget everything: someone else is looking. */
  forget() {
    this.messages = new Map();
    this.errors = new Map();
    this.loaders = new Map();
  }

  /** Every conversation of the one who is looking; nobody from outside talks to the robot alone. */
  get conversations() {
    const groups = this.workspace.dingtalk.conversations.map((each) => each.title);
    return this.workspace.isOutside ? groups : [...groups, ROBOT];
  }

  /** Ask for a conversation's messages again. */
  load(conversation) {
    if (!this.loaders.has(conversation)) this.loaders.set(conversation, oneAtATime(() => this.fetch(conversation)));
    return this.loaders.get(conversation)();
  }

  /** Ask for all of them again. */
  async loadAll() {
    await Promise.all(this.conversations.map((each) => this.load(each)));
  }

  /** Answer the messages of a conversation, oldest first; null while they are not known. */
  of(conversation) {
    return this.messages.get(conversation) ?? null;
  }

  async fetch(conversation) {
    const viewer = this.workspace.me;
    const before = this.of(conversation);
    try {
      const { messages } = await api.dingMessages(conversation, viewer);
      if (viewer !== this.workspace.me) return;
      this.messages.set(conversation, messages);
      this.errors.delete(conversation);
    } catch (error) {
      this.errors.set(conversation, error.message);
    }
    const known = new Set((before ?? []).map((each) => each.id));
    const fresh = before ? (this.of(conversation) ?? []).filter((each) => !known.has(each.id)) : [];
    this.changed(conversation, fresh);
  }

  /**
   * Count what is new to the one who is looking.
   * @returns {{unread: number, mentions: number}}
   */
  badge(conversation) {
    const read = Number(this.workspace.readUpTo(key(conversation)) || 0);
    const news = (this.of(conversation) ?? []).filter((each) => each.time > read && each.user !== this.workspace.me);
    const mine = (each) => each.at.includes(this.workspace.nick) || each.at.includes("所有人");
    return { unread: news.length, mentions: (conversation === ROBOT ? news : news.filter(mine)).length };
  }

  /** Everything of a conversation is read now. */
  read(conversation) {
    const newest = (this.of(conversation) ?? []).at(-1)?.time;
    if (newest) this.workspace.markRead(key(conversation), String(newest));
  }
}

function key(conversation) {
  return `dingtalk.${conversation}`;
}
