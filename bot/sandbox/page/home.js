/** The App Home: what the bot shows one person, and keeps current. */

import { api } from "./api.js";
import { blocks } from "./blocks.js";
import { oneAtATime } from "./coalesce.js";
import { el } from "./dom.js";
import { morphChildren } from "./morph.js";

/** The middle of the page while the App Home is looked at. */
export class HomeView {
  /** @param {{workspace: import("./state.js").Workspace, surfaces: import("./surface.js").Surfaces, menu: () => Node}} parts */
  constructor(parts) {
    this.parts = parts;
    this.body = el("div", { class: "home" });
    this.load = oneAtATime(() => this.fetch());
    this.node = el("section", { class: "pane" },
      el("header", { class: "pane-head" }, parts.menu(), el("div", { class: "pane-names" },
        el("h1", { class: "pane-title" }, "Home"), el("p", { class: "pane-topic" }, "What Shipmate shows to you alone"))),
      el("div", { class: "scroller", tabindex: 0 }, this.body));
  }

  /** Look at it. */
  show() {
    this.load();
  }

  async fetch() {
    const { workspace, surfaces } = this.parts;
    try {
      const { view } = await api.home(workspace.me);
      if (!view) {
        this.body.replaceChildren(el("p", { class: "empty" }, "Shipmate has not shown anything here yet."));
        return;
      }
      const fresh = document.createElement("div");
      fresh.append(blocks(view.blocks, surfaces.home()));
      morphChildren(this.body, [...fresh.childNodes]);
    } catch (error) {
      this.body.replaceChildren(el("p", { class: "problem", role: "alert" }, error.message));
    }
  }
}
