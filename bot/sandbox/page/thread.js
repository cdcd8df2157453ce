/** The thread of a message, beside its channel; on a phone in front of it. */

import { api } from "./api.js";
import { oneAtATime } from "./coalesce.js";
import { Composer } from "./composer.js";
import { el, icon } from "./dom.js";
import { MessageList } from "./messages.js";
import { format, go } from "./router.js";
import { toast } from "./toast.js";

/** The pane of a thread. */
export class ThreadView {
  /**
   * @param {HTMLElement} node
   * @param {{workspace: import("./state.js").Workspace, surfaces: import("./surface.js").Surfaces,
   *   answered: (answer: object, place: object) => void}} parts
   */
  constructor(node, parts) {
    this.node = node;
    this.parts = parts;
    this.channel = "";
    this.ts = null;
    this.where = el("p", { class: "pane-topic" });
    this.scroller = el("div", { class: "scroller", tabindex: 0, role: "region", "aria-label": "Messages of the thread" });
    this.list = new MessageList(this.scroller, {
      workspace: parts.workspace,
      surface: (message) => parts.surfaces.message(message, this.channel),
      address: (ts) => format({ view: "channel", channel: this.channel, ts: ts ?? this.ts }),
      openThread: null,
      useShortcut: (each, message) => parts.surfaces.shortcut(each, this.channel, message.ts),
    });
    this.composer = new Composer({
      id: "reply", workspace: parts.workspace, commands: false, send: (text) => this.send(text),
    });
    this.load = oneAtATime(() => this.fetch());
    node.append(
      el("header", { class: "pane-head" },
        el("button", { type: "button", class: "icon-button back", "aria-label": "Back to the channel", onclick: () => this.close() }, icon("back")),
        el("div", { class: "pane-names" }, el("h2", { class: "pane-title" }, "Thread"), this.where),
        el("button", { type: "button", class: "icon-button close", "aria-label": "Close the thread", onclick: () => this.close() }, icon("close"))),
      this.scroller, this.composer.node);
    node.onkeydown = (event) => {
      if (event.key === "Escape" && !event.defaultPrevented) this.close();
    };
  }

  /** Whether a thread is open. */
  get open() {
    return this.ts !== null;
  }

  /**
   * Open the thread of a message, or none.
   * @param {string} channel
   * @param {string|null} ts
   */
  show(channel, ts) {
    const same = channel === this.channel && ts === this.ts;
    this.channel = channel;
    this.ts = ts;
    this.node.hidden = ts === null;
    document.body.classList.toggle("with-thread", ts !== null);
    if (ts === null) return;
    this.where.textContent = `#${channel}`;
    if (!same) {
      this.list.clear();
      this.composer.enter(`${this.parts.workspace.me} ${channel} ${ts}`, "Reply…");
    }
    this.load();
  }

  close() {
    go({ view: "channel", channel: this.channel, ts: null });
  }

  async fetch() {
    const { workspace } = this.parts;
    const { channel, ts } = this;
    if (ts === null) return;
    try {
      const { messages } = await api.messages(workspace.address(channel), workspace.me, ts);
      if (channel !== this.channel || ts !== this.ts) return;
      const count = messages.length - 1;
      this.list.show(messages, { divide: count === 1 ? "1 reply" : `${count} replies` });
      const newest = messages.at(-1)?.ts;
      if (newest && document.visibilityState === "visible") workspace.markRead(channel, newest);
    } catch (error) {
      toast(error.message, "bad");
    }
  }

  async send(text) {
    const { workspace, answered } = this.parts;
    const channel = workspace.address(this.channel);
    this.list.toEnd();
    try {
      answered(await api.say(workspace.me, channel, text, this.ts), { channel });
      return true;
    } catch (error) {
      toast(error.message, "bad");
      return false;
    } finally {
      this.load();
    }
  }
}
