/**
 * Who and what there is: people, channels, clusters, commands, who is looking, and how far they have read. It knows
 * no DOM; what changes here is told to those that listen.
 */

import { api } from "./api.js";

/** The bot as every sandbox has it, should the state not list it. */
const BOT = { id: "U0SHIPMATE", name: "shipmate", roles: [] };
const SLACKBOT = { id: "USLACKBOT", name: "slackbot", roles: [] };
/** The conversation with the bot alone, as the address and the control API name it. */
export const DIRECT = "@shipmate";

/** The workspace as one person sees it. */
export class Workspace {
  /** @param {string|null} me who is looking, by name; null for whoever looked last */
  constructor(me) {
    this.users = [];
    this.channels = [];
    this.clusters = [];
    this.dingtalk = { users: [], conversations: [] };
    this.commands = [];
    this.shortcuts = [];
    this.ready = false;
    this.me = me ?? localStorage.getItem("shipmate.me") ?? "dev";
    this.listeners = [];
  }

  /** Hear of every change; `what` is `people`, `read` or `me`. */
  listen(listener) {
    this.listeners.push(listener);
  }

  /** Ask who and what there is. */
  async load() {
    const state = await api.state();
    this.users = state.slack.users;
    this.channels = state.slack.channels.filter((each) => !each.id.startsWith("D"));
    this.clusters = state.clusters ?? [];
    this.dingtalk = state.dingtalk;
    this.ready = state.ready;
    if (!this.everyone.some((each) => each.name === this.me)) this.me = this.people[0]?.name ?? this.me;
    this.tell("people");
  }

  /** Ask which slash commands and shortcuts there are. */
  async loadCommands() {
    const { commands, shortcuts } = await api.commands();
    this.commands = commands;
    this.shortcuts = shortcuts ?? [];
  }

  /** The shortcuts of a kind: `global` or `message`. */
  shortcutsFor(kind) {
    return this.shortcuts.filter((each) => each.type === kind);
  }

  /** Everyone that a person can be. */
  get people() {
    return this.users.filter((each) => !this.isBot(each.name) && each.name !== SLACKBOT.name);
  }

  /** Everyone, those too who are only in DingTalk: people of another organization. */
  get everyone() {
    return [...this.people, ...this.dingtalk.users.filter((each) => each.outside)];
  }

  /** Whether whoever is looking is only in DingTalk. */
  get isOutside() {
    return this.dingPerson(this.me)?.outside ?? false;
  }

  /** What whoever is looking is called in DingTalk. */
  get nick() {
    return this.dingPerson(this.me)?.nick ?? "";
  }

  /** Find someone in DingTalk by name; null for a robot. */
  dingPerson(name) {
    return this.dingtalk.users.find((each) => each.name === name) ?? null;
  }

  /** The id of whoever is looking. */
  get myId() {
    return this.person(this.me)?.id ?? "";
  }

  /** Become someone else. */
  become(name) {
    this.me = name;
    localStorage.setItem("shipmate.me", name);
    this.tell("me");
  }

  /** Whether a name or id is the bot's. */
  isBot(name) {
    return name === BOT.name || name === BOT.id;
  }

  /** Find a person by id or name; null when there is none. */
  person(id) {
    const found = (each) => each.id === id || each.name === id;
    return this.users.find(found) ?? [BOT, SLACKBOT].find(found) ?? null;
  }

  /** Find a channel by id or name; null when there is none. */
  channel(id) {
    return this.channels.find((each) => each.id === id || each.name === id) ?? null;
  }

  /** Answer what the control API calls a channel: the direct one has an id of each person's own. */
  address(channel) {
    return channel === DIRECT ? (this.person(this.me)?.direct_channel ?? channel) : channel;
  }

  /** What renderers of text ask: who and what ids stand for. */
  get names() {
    return {
      person: (id) => this.person(id),
      channel: (id) => this.channel(id),
      me: this.me,
      myId: this.myId,
    };
  }

  /** Answer up to which message the one who is looking has read a channel; "" for nothing. */
  readUpTo(channel) {
    return localStorage.getItem(`shipmate.read.${this.me}.${channel}`) ?? "";
  }

  /** Remember that everything up to `ts` is read. */
  markRead(channel, ts) {
    if (ts <= this.readUpTo(channel)) return;
    localStorage.setItem(`shipmate.read.${this.me}.${channel}`, ts);
    this.tell("read");
  }

  /** Tell those that listen. */
  tell(what) {
    for (const each of this.listeners) each(what);
  }
}
