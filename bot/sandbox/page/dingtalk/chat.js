/** A conversation in DingTalk: its name, its messages, the place to type. */

import { api } from "../api.js";
import { Composer } from "../composer.js";
import { el } from "../dom.js";
import { morphChildren } from "../morph.js";
import { toast } from "../toast.js";
import { bubbles } from "./bubbles.js";
import { ROBOT } from "./feed.js";

const NEAR = 48;
const TRY = ["status", "deploy shop prod v1.4.2", "帮助"];

/** The middle of the page while a conversation is looked at. */
export class DingTalkView {
  /**
   * @param {{workspace: import("../state.js").Workspace, feed: import("./feed.js").DingFeed, menu: () => Node}} parts
   *   `menu` makes the button that shows the list of conversations on a phone
   */
  constructor({ workspace, feed, menu }) {
    this.workspace = workspace;
    this.feed = feed;
    this.conversation = "";
    this.title = el("h1", { class: "pane-title" });
    this.topic = el("p", { class: "pane-topic" });
    this.list = el("div", { class: "ding-messages" });
    this.scroller = el("div", { class: "scroller", tabindex: 0, role: "region", "aria-label": "Messages" }, this.list);
    this.stuck = true;
    this.scroller.onscroll = () => {
      const { scrollHeight, scrollTop, clientHeight } = this.scroller;
      this.stuck = scrollHeight - scrollTop - clientHeight < NEAR;
    };
    new ResizeObserver(() => this.stuck && this.toEnd()).observe(this.list);
    this.hint = el("div", { class: "try" });
    this.composer = new Composer({
      id: "ding-composer", workspace, commands: false, channels: false, send: (text) => this.send(text),
    });
    this.node = el("section", { class: "pane dingtalk" },
      el("header", { class: "pane-head" }, menu(), el("div", { class: "pane-names" }, this.title, this.topic)),
      this.scroller, this.hint, this.composer.node);
  }

  /** Look at a conversation: a group by its title, or ROBOT. */
  show(conversation) {
    if (conversation !== this.conversation) {
      this.conversation = conversation;
      this.list.replaceChildren();
      this.stuck = true;
      const alone = conversation === ROBOT;
      const { users } = this.workspace.dingtalk;
      this.title.textContent = alone ? ROBOT : `${conversation} (${users.length + 1})`;
      this.topic.textContent = alone ? "DingTalk · chat with the robot" : "DingTalk group · the robot hears what says @shipmate";
      this.composer.enter(`${this.workspace.me} ding ${conversation}`, alone ? "Message the robot in DingTalk" : `Message ${conversation} in DingTalk`);
    }
    this.render();
    this.load();
  }

  /** Someone else is looking: begin anew. */
  reset() {
    this.conversation = "";
  }

  /** Look again. */
  load() {
    return this.feed.load(this.conversation);
  }

  /** Show the messages as they are now known. */
  render() {
    const messages = this.feed.of(this.conversation);
    const error = this.feed.errors.get(this.conversation);
    const press = (node, message, button) => this.press(node, message, button);
    if (messages) morphChildren(this.list, bubbles(messages, { workspace: this.workspace, press }));
    if (this.stuck) this.toEnd();
    if (document.visibilityState === "visible") this.feed.read(this.conversation);
    this.hint.replaceChildren(error
      ? el("p", { class: "problem", role: "alert" }, error)
      : messages?.length === 0 ? this.suggestions() : "");
  }

  toEnd() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  suggestions() {
    const mention = this.conversation === ROBOT ? "" : "@shipmate ";
    return el("div", { class: "suggestions" },
      el("p", {}, "Nothing was said here yet. Try:"),
      TRY.map((text) => el("button", {
        type: "button", class: "suggestion", onclick: () => this.composer.fill(mention + text),
      }, el("code", {}, mention + text))));
  }

  async send(text) {
    this.stuck = true;
    try {
      const answer = await api.dingSay(this.workspace.me, this.conversation, text);
      if (answer.heard === false) toast("The robot did not hear that: it is not connected to DingTalk.", "bad");
      this.saySo(answer);
      return true;
    } catch (error) {
      toast(error.message, "bad");
      return false;
    } finally {
      this.load();
    }
  }

  async press(node, message, button) {
    if (node.getAttribute("aria-busy")) return;
    node.setAttribute("aria-busy", "true");
    try {
      const answer = await api.dingClick({
        user: this.workspace.me, conversation: this.conversation, id: message.id, button: button.id,
      });
      if (!answer.ok) toast(answer.error, "bad");
      this.saySo(answer);
    } catch (error) {
      toast(error.message, "bad");
    } finally {
      node.removeAttribute("aria-busy");
      this.load();
    }
  }

  /** Say what the robot said to this person alone while they look at a group. */
  saySo(answer) {
    for (const each of answer.messages ?? []) {
      if (each.conversation !== this.conversation) toast(`shipmate, to you alone: ${each.text}`);
    }
  }
}
