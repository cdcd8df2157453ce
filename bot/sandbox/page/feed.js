/**
 * The messages of all channels as one person sees them, and from them what is unread and where they are mentioned.
 */

import { api } from "./api.js";
import { oneAtATime } from "./coalesce.js";
import { DIRECT } from "./state.js";

/** How many threads with new replies are looked into for mentions, a channel. */
const MOST_THREADS = 5;

/** The messages by channel. */
export class Feed {
  /**
   * @param {import("./state.js").Workspace} workspace
   * @param {(channel: string, fresh: object[]) => void} changed hears what was not there before
   */
  constructor(workspace, changed) {
    this.workspace = workspace;
    this.changed = changed;
    this.forget();
  }

  /** Forget everything: someone else is looking. */
  forget() {
    this.messages = new Map();
    this.threads = new Map();
    this.errors = new Map();
    this.loaders = new Map();
  }

  /** Every channel, the direct one too. */
  get channels() {
    return [...this.workspace.channels.map((each) => each.name), DIRECT];
  }

  /** Ask for a channel's messages again. */
  load(channel) {
    if (!this.loaders.has(channel)) this.loaders.set(channel, oneAtATime(() => this.fetch(channel)));
    return this.loaders.get(channel)();
  }

  /** Ask for all channels again. */
  async loadAll() {
    await Promise.all(this.channels.map((each) => this.load(each)));
  }

  /** Answer the messages of a channel itself, oldest first; null while they are not known. */
  of(channel) {
    return this.messages.get(channel) ?? null;
  }

  async fetch(channel) {
    const viewer = this.workspace.me;
    const before = this.messages.get(channel);
    try {
      const all = (await api.messages(this.workspace.address(channel), viewer)).messages;
      if (viewer !== this.workspace.me) return;
      this.messages.set(channel, withReplies(all));
      this.errors.delete(channel);
    } catch (error) {
      this.errors.set(channel, error.message);
    }
    const known = new Set((before ?? []).map((each) => each.ts));
    const fresh = before ? (this.of(channel) ?? []).filter((each) => !known.has(each.ts)) : [];
    this.changed(channel, fresh);
    if (await this.lookIntoThreads(channel, viewer).catch(() => false)) this.changed(channel, []);
  }

  /**
   * Mentions stand in threads too: an approval is asked for below its card.
   * @returns {Promise<boolean>} whether there was something new
   */
  async lookIntoThreads(channel, viewer) {
    const read = this.workspace.readUpTo(channel);
    let found = false;
    const news = (this.of(channel) ?? []).filter((each) => each.reply_count && each.latest_reply > read);
    for (const each of news.slice(-MOST_THREADS)) {
      const known = this.threads.get(each.ts);
      if (known?.latest === each.latest_reply) continue;
      const replies = (await api.messages(this.workspace.address(channel), viewer, each.ts)).messages;
      this.threads.set(each.ts, { latest: each.latest_reply, replies: replies.filter((reply) => reply.ts !== each.ts) });
      found = true;
    }
    return found;
  }

  /**
   * Count what is new to the one who is looking.
   * @returns {{unread: number, mentions: number}}
   */
  badge(channel) {
    const read = this.workspace.readUpTo(channel);
    const isNew = (each) => each.ts > read && each.user !== this.workspace.me;
    const top = (this.of(channel) ?? []).filter(isNew);
    const replies = (this.of(channel) ?? []).flatMap((each) => this.threads.get(each.ts)?.replies ?? []).filter(isNew);
    const personal = channel === DIRECT ? top : [...top, ...replies].filter((each) => this.mentions(each));
    return { unread: top.length, mentions: personal.length };
  }

  /** Everything of a channel is read now. */
  read(channel) {
    const newest = (this.of(channel) ?? []).flatMap((each) => [each.ts, each.latest_reply ?? ""]).sort().at(-1);
    if (newest) this.workspace.markRead(channel, newest);
  }

  mentions(message) {
    const said = `${message.text} ${JSON.stringify(message.blocks ?? [])}`;
    const id = this.workspace.myId;
    return said.includes(`<@${id}`) || said.includes(`"user_id":"${id}"`) || /<!(here|channel|everyone)/.test(said);
  }
}

/** Answer the messages that stand in the channel; what their threads hold is counted, should it not be told. */
function withReplies(all) {
  const isReply = (each) => each.thread_ts && each.thread_ts !== each.ts && !each.ephemeral;
  const replies = Map.groupBy ? Map.groupBy(all.filter(isReply), (each) => each.thread_ts) : new Map();
  return all.filter((each) => !isReply(each)).map((each) => {
    const below = replies.get(each.ts);
    if (each.reply_count !== undefined || !below) return each;
    return {
      ...each,
      reply_count: below.length,
      latest_reply: below.at(-1).ts,
      reply_users: [...new Set(below.map((reply) => reply.user))],
    };
  });
}
