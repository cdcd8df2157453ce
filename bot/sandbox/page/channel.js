/** A channel: its name and topic, its messages, the place to type; and what to try where nothing was said yet. */

import { api } from "./api.js";
import { Composer } from "./composer.js";
import { el, fragment, icon } from "./dom.js";
import { MessageList } from "./messages.js";
import { format, go } from "./router.js";
import { DIRECT } from "./state.js";
import { toast } from "./toast.js";

const TRY = {
  "shop-prod": ["/deploy shop prod v1.4.2", "/revisions shop prod"],
  "shop-staging": ["/deploy shop staging v1.4.2"],
  "shop-dev": ["/deploy shop dev v1.4.2"],
  [DIRECT]: ["whoami", "help"],
};
const ANYWHERE = ["/shipmate help", "/shipmate status", "/deploy shop prod v1.4.2"];

/** The middle of the page while a channel is looked at. */
export class ChannelView {
  /**
   * @param {{workspace: import("./state.js").Workspace, feed: import("./feed.js").Feed,
   *   surfaces: import("./surface.js").Surfaces, answered: (answer: object, place: object) => void,
   *   menu: () => Node}} parts `menu` makes the button that shows the channels on a phone
   */
  constructor(parts) {
    this.parts = parts;
    this.channel = "";
    this.marked = null;
    this.readBefore = "";
    this.title = el("h1", { class: "pane-title" });
    this.topic = el("p", { class: "pane-topic" });
    this.scroller = el("div", { class: "scroller", tabindex: 0, role: "region", "aria-label": "Messages" });
    this.hint = el("div", { class: "try" });
    this.list = new MessageList(this.scroller, {
      workspace: parts.workspace,
      surface: (message) => parts.surfaces.message(message, this.channel),
      address: (ts) => format({ view: "channel", channel: this.channel, ts }),
      openThread: (ts) => go({ view: "channel", channel: this.channel, ts }),
      useShortcut: (each, message) => parts.surfaces.shortcut(each, this.channel, message.ts),
    });
    this.composer = new Composer({
      id: "composer", workspace: parts.workspace, commands: true, send: (text) => this.send(text),
      useShortcut: (each) => parts.surfaces.shortcut(each),
    });
    this.node = el("section", { class: "pane" },
      el("header", { class: "pane-head" }, parts.menu(), el("div", { class: "pane-names" }, this.title, this.topic)),
      this.scroller, this.hint, this.composer.node);
  }

  /**
   * Look at a channel.
   * @param {string} channel by name, or DIRECT
   * @param {string|null} marked the message whose thread is open
   */
  show(channel, marked) {
    const { workspace, feed } = this.parts;
    if (channel !== this.channel) {
      this.channel = channel;
      this.readBefore = workspace.readUpTo(channel);
      this.list.clear();
      const direct = channel === DIRECT;
      this.title.replaceChildren(direct ? "shipmate" : fragment(icon("hash"), channel));
      this.topic.textContent = direct ? "Direct message with the app" : (workspace.channel(channel)?.topic ?? "");
      this.composer.enter(`${workspace.me} ${channel}`, direct ? "Message shipmate" : `Message #${channel}`);
    }
    this.marked = marked;
    this.render();
    feed.load(channel);
  }

  /** Someone else is looking: begin anew. */
  reset() {
    this.channel = "";
  }

  /** Show the messages as they are now known. */
  render() {
    const { feed } = this.parts;
    const messages = feed.of(this.channel);
    const error = feed.errors.get(this.channel);
    if (messages) this.list.show(messages, { unreadFrom: this.readBefore, marked: this.marked });
    if (document.visibilityState === "visible") feed.read(this.channel);
    this.hint.replaceChildren(error
      ? el("p", { class: "problem", role: "alert" }, error)
      : messages?.length === 0 ? this.suggestions() : "");
  }

  suggestions() {
    return el("div", { class: "suggestions" },
      el("p", {}, "Nothing was said here yet. Try:"),
      (TRY[this.channel] ?? ANYWHERE).map((text) =>
        el("button", { type: "button", class: "suggestion", onclick: () => this.composer.fill(text) }, el("code", {}, text))));
  }

  async send(text) {
    const { workspace, feed, answered } = this.parts;
    const channel = workspace.address(this.channel);
    this.list.toEnd();
    try {
      answered(await api.say(workspace.me, channel, text), { channel });
      return true;
    } catch (error) {
      toast(error.message, "bad");
      return false;
    } finally {
      feed.load(this.channel);
    }
  }
}
