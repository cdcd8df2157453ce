/**
 * What the bot's blocks stand on: it knows who looks and where, asks before what has to be confirmed, and tells the
 * bot what was pressed.
 */

import { api } from "./api.js";
import { confirmed } from "./dialogs.js";
import { spoken } from "./mrkdwn.js";
import { toast } from "./toast.js";

/** Makes the surfaces of messages, forms and the App Home. */
export class Surfaces {
  /**
   * @param {import("./state.js").Workspace} workspace
   * @param {(answer: object, place: object) => void} answered hears what a press brought about, and where it was
   */
  constructor(workspace, answered) {
    this.workspace = workspace;
    this.answered = answered;
  }

  /** Make the surface of a message in a channel. */
  message(message, channel) {
    return this.surface(`m${message.ts}`, { channel: this.workspace.address(channel), ts: message.ts });
  }

  /** Make the surface of the App Home. */
  home() {
    return this.surface("home", { home: true });
  }

  /** Make the surface of a form; `changed` hears each value, and the bot of what is pressed. */
  form(view, changed) {
    const made = this.surface(`v${view.id}`, { view_id: view.id });
    const act = (node, block, spec) => spec.type === "button" && made.act(node, block, spec);
    return { ...made, act, changed };
  }

  /** Use a shortcut: on a message of a channel, or anywhere. */
  async shortcut(each, channel, ts) {
    const place = ts ? { channel: this.workspace.address(channel), ts } : {};
    try {
      const answer = await api.shortcut({ user: this.workspace.me, shortcut: each.callback_id, ...place });
      if (!answer.ok) toast(answer.error ?? "Shipmate did not respond.", "bad");
      this.answered(answer, place);
    } catch (error) {
      toast(error.message, "bad");
    }
  }

  surface(id, place) {
    const { names, people, channels } = this.workspace;
    return {
      id,
      names,
      users: people,
      channels,
      act: (node, block, spec) => this.press(node, spec, { ...place, block_id: block.block_id }),
    };
  }

  async press(node, spec, place) {
    if (node.getAttribute("aria-busy")) return;
    if (spec.confirm && !(await confirmed(spec.confirm, this.workspace.names))) return;
    node.setAttribute("aria-busy", "true");
    try {
      const answer = await api.click({ user: this.workspace.me, ...place, button: spec.action_id });
      if (!answer.ok) toast(answer.error ?? "Shipmate did not respond.", "bad");
      this.answered(answer, place);
    } catch (error) {
      toast(error.message, "bad");
    } finally {
      node.removeAttribute("aria-busy");
    }
  }

  /** Say what a private message says, for places where the message itself is out of sight. */
  saySo(answer) {
    for (const each of answer.messages ?? []) toast(spoken(each.text ?? "", this.workspace.names));
  }
}
