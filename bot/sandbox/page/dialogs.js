/** Questions before a button takes effect, as Slack's confirm objects ask them. */

import { el } from "./dom.js";
import { plain, textObject } from "./mrkdwn.js";

let asked = 0;

/**
 * Ask, and answer what was chosen; Esc is a no.
 * @param {{title: object, text: object, confirm: object, deny: object, style?: string}} question
 * @param {import("./mrkdwn.js").Names} names
 * @returns {Promise<boolean>}
 */
export function confirmed(question, names) {
  return new Promise((resolve) => {
    asked += 1;
    const id = `confirm-${asked}`;
    const style = question.style === "danger" ? "danger" : "primary";
    const dialog = el("dialog", { class: "dialog small", "aria-labelledby": id },
      el("h2", { id, class: "dialog-title" }, plain(question.title)),
      el("div", { class: "dialog-body" }, textObject(question.text, names)),
      el("div", { class: "dialog-foot" },
        el("button", { type: "button", class: "button", onclick: () => dialog.close("no") }, plain(question.deny)),
        el("button", { type: "button", class: ["button", style], onclick: () => dialog.close("yes") },
          plain(question.confirm))));
    dialog.onclose = () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    };
    document.body.append(dialog);
    dialog.showModal();
  });
}
