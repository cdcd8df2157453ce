/** The left side: who I am, the channels with what is new in them, the app, and the outside world. */

import { avatar, ship } from "./avatars.js";
import { el, icon, svg, unseen } from "./dom.js";
import { menuButton } from "./menu.js";
import { morphChildren } from "./morph.js";
import { format } from "./router.js";
import { DIRECT } from "./state.js";
import { switchTheme, theme } from "./theme.js";

/** The sidebar. */
export class Sidebar {
  /**
   * @param {HTMLElement} node
   * @param {{workspace: import("./state.js").Workspace, feed: import("./feed.js").Feed,
   *   dingFeed: import("./dingtalk/feed.js").DingFeed}} parts
   */
  constructor(node, { workspace, feed, dingFeed }) {
    this.node = node;
    this.workspace = workspace;
    this.feed = feed;
    this.dingFeed = dingFeed;
    this.route = { view: "channel", channel: null };
    this.drawer = el("button", {
      type: "button", class: "drawer-layer", tabindex: -1, "aria-label": "Close the list of channels", onclick: () => this.fold(),
    });
    node.after(this.drawer);
    node.onkeydown = (event) => {
      if (event.key === "Escape") this.fold();
    };
  }

  /** Make the button that unfolds the sidebar on a phone. */
  button() {
    return el("button", {
      type: "button", class: "icon-button unfold", "aria-label": "Channels", onclick: () => this.unfold(),
    }, icon("menu"));
  }

  unfold() {
    document.body.classList.add("unfolded");
    this.node.querySelector("[aria-current]")?.focus();
  }

  fold() {
    document.body.classList.remove("unfolded");
  }

  /** Say what is looked at now. */
  at(route) {
    this.route = route;
    this.fold();
    this.render();
  }

  /** Show everything as it is now. */
  render() {
    const { workspace } = this;
    morphChildren(this.node, [
      el("header", { class: "workspace" },
        el("span", { class: "workspace-mark", "aria-hidden": "true" }, ship()),
        el("div", {}, el("b", { class: "workspace-name" }, "Shop, Inc."), el("span", { class: "workspace-kind" }, "sandbox"))),
      this.me(),
      el("div", { class: "side-scroll" },
        !workspace.isOutside && this.group("Channels", workspace.channels.map((each) => this.channel(each.name, each.name, icon("hash")))),
        !workspace.isOutside && this.group("Apps", [
          this.channel(DIRECT, "shipmate", avatar("shipmate", { bot: true, size: "small" })),
          this.place({ view: "home" }, "Home", "home"),
        ]),
        this.group("DingTalk", this.dingFeed.conversations.map((each) => this.conversation(each))),
        this.group("Outside world", [
          ...workspace.clusters.map((each) => this.place({ view: "clusters", cluster: each.name }, `Cluster ${each.name}`, "cluster")),
          this.place({ view: "mail" }, "Mail", "mail"),
          this.place({ view: "webhooks" }, "Webhooks", "hook"),
          this.place({ view: "faults" }, "Faults", "bolt"),
        ])),
      this.foot(),
    ]);
  }

  me() {
    const { workspace } = this;
    const person = workspace.person(workspace.me);
    const roles = (person?.roles ?? []).join(", ") || "no role";
    return menuButton({
      id: "me",
      class: "me",
      label: `You are ${workspace.me} (${roles}). Become someone else`,
      content: [
        avatar(workspace.me),
        el("span", { class: "me-words" }, el("b", {}, workspace.me), el("small", {}, roles)),
        icon("down"),
      ],
      items: () => workspace.everyone.map((each) => ({
        label: each.name,
        note: `${each.real_name ?? each.nick} · ${each.outside ? "only in DingTalk" : (each.roles ?? []).join(", ") || "no role"}`,
        selected: each.name === workspace.me,
        before: () => avatar(each.name, { size: "small" }),
        run: () => workspace.become(each.name),
      })),
    });
  }

  group(title, entries) {
    return el("section", { class: "side-group" }, el("h2", {}, title), el("ul", {}, entries.map((each) => el("li", {}, each))));
  }

  channel(name, label, picture) {
    const current = this.route.view === "channel" && this.route.channel === name;
    return this.talk({ view: "channel", channel: name, ts: null }, { current, label, picture, badge: () => this.feed.badge(name) });
  }

  conversation(name) {
    const current = this.route.view === "dingtalk" && this.route.conversation === name;
    const label = [name, unseen(" in DingTalk")];
    return this.talk({ view: "dingtalk", conversation: name }, { current, label, picture: wing(), badge: () => this.dingFeed.badge(name) });
  }

  talk(route, { current, label, picture, badge }) {
    const { unread, mentions } = current ? { unread: 0, mentions: 0 } : badge();
    return el("a", {
      class: ["side-link", unread > 0 && "unread"],
      href: format(route),
      "aria-current": current ? "page" : null,
    },
    picture, el("span", { class: "side-label" }, label),
    mentions > 0 ? el("span", { class: "badge" }, String(mentions), unseen(mentions === 1 ? " mention" : " mentions")) : unread > 0 && unseen("unread"));
  }

  place(route, label, picture) {
    const current = format(route) === format(this.route);
    return el("a", { class: "side-link", href: format(route), "aria-current": current ? "page" : null },
      icon(picture), el("span", { class: "side-label" }, label));
  }

  foot() {
    const { ready } = this.workspace;
    const dark = theme() === "dark";
    return el("footer", { class: "side-foot" },
      el("span", { class: ["presence", ready && "ready"], role: "status" }, ready ? "Shipmate is connected" : "Shipmate is away"),
      el("button", {
        type: "button", class: "icon-button", "aria-label": dark ? "Light colours" : "Dark colours",
        onclick: () => {
          switchTheme();
          this.render();
        },
      }, icon(dark ? "sun" : "moon")));
  }
}

/** A mark for DingTalk's conversations: a speech bubble in its blue. */
function wing() {
  return svg("svg", { class: "dingtalk-mark", viewBox: "0 0 20 20", "aria-hidden": "true" },
    svg("rect", { width: 20, height: 20, rx: 5, fill: "#1677ff" }),
    svg("path", { d: "M5 5.500h10v7H10l-3 3v-3H5z", fill: "#fff" }));
}
