/** Puts the page together: who looks, at what, and what is looked at again when something has changed. */

import { follow } from "./api.js";
import { ChannelView } from "./channel.js";
import { oneAtATime } from "./coalesce.js";
import { DingTalkView } from "./dingtalk/chat.js";
import { DingFeed } from "./dingtalk/feed.js";
import { el } from "./dom.js";
import { FaultView } from "./faults.js";
import { Feed } from "./feed.js";
import { titles } from "./files.js";
import { HomeView } from "./home.js";
import { Modals } from "./modal.js";
import { spoken } from "./mrkdwn.js";
import { ClusterView, MailView, WebhookView } from "./outside.js";
import { format, parse, putUserInAddress, userInAddress } from "./router.js";
import { Sidebar } from "./sidebar.js";
import { DIRECT, Workspace } from "./state.js";
import { Surfaces } from "./surface.js";
import { applyTheme } from "./theme.js";
import { ThreadView } from "./thread.js";
import { announce, toast } from "./toast.js";

const FIRST = "shop-prod";
const NARROW = matchMedia("(max-width: 760px)");

class Page {
  constructor() {
    this.workspace = new Workspace(userInAddress());
    this.feed = new Feed(this.workspace, (channel, fresh) => this.heard(channel, fresh));
    this.dingFeed = new DingFeed(this.workspace, (conversation, fresh) => this.heardInDingTalk(conversation, fresh));
    this.surfaces = new Surfaces(this.workspace, (answer, place) => this.answered(answer, place));
    const form = (view, changed) => this.surfaces.form(view, changed);
    this.modals = new Modals(this.workspace, form, () => this.lookAgain());
    this.sidebar = new Sidebar(document.getElementById("sidebar"), this);
    const answered = (answer, place) => this.answered(answer, place);
    const menu = () => this.sidebar.button();
    const { workspace, feed, surfaces } = this;
    this.channel = new ChannelView({ workspace, feed, surfaces, answered, menu });
    this.thread = new ThreadView(document.getElementById("thread"), { workspace, surfaces, answered });
    this.views = {
      home: new HomeView({ workspace, surfaces, menu }),
      clusters: new ClusterView(menu),
      mail: new MailView(menu),
      webhooks: new WebhookView(menu),
      faults: new FaultView(menu),
      dingtalk: new DingTalkView({ workspace, feed: this.dingFeed, menu }),
    };
    this.lookAgain = oneAtATime(() => this.lookAtAll());
  }

  async open() {
    await this.workspace.load();
    await this.workspace.loadCommands();
    putUserInAddress(this.workspace.me);
    this.workspace.listen((what) => (what === "me" ? this.becomeSomeoneElse() : this.sidebar.render()));
    window.onhashchange = () => this.goThere();
    document.addEventListener("visibilitychange", () => this.goThere());
    this.goThere();
    await this.loadFeeds();
    follow({
      changed: (hint) => this.changed(hint),
      connected: (again) => again && this.lookAgain(),
      lost: () => announce("The sandbox is away."),
    });
  }

  /** Show what the address says. */
  goThere() {
    const route = parse(location.hash);
    if (route.view === "channel" && !this.feed.channels.includes(route.channel)) route.channel = FIRST;
    if (this.workspace.isOutside && ["channel", "home"].includes(route.view)) Object.assign(route, { view: "dingtalk", channel: null, conversation: FIRST });
    if (route.view === "dingtalk" && !this.dingFeed.conversations.includes(route.conversation)) route.conversation = FIRST;
    if (route.view === "clusters") route.cluster ??= this.workspace.clusters[0]?.name;
    this.route = route;
    const view = route.view === "channel" ? this.channel : this.views[route.view];
    const main = document.getElementById("main");
    if (main.firstElementChild !== view.node) main.replaceChildren(view.node);
    if (route.view === "channel") this.channel.show(route.channel, route.ts);
    else view.show(route.cluster ?? route.conversation);
    this.thread.show(route.channel ?? "", route.view === "channel" ? route.ts : null);
    this.sidebar.at(route);
    document.title = `${titleOf(route)} · Shipmate sandbox`;
  }

  becomeSomeoneElse() {
    this.modals.dismiss();
    this.feed.forget();
    this.dingFeed.forget();
    this.channel.reset();
    this.views.dingtalk.reset();
    putUserInAddress(this.workspace.me);
    this.goThere();
    this.lookAgain();
    announce(`You are ${this.workspace.me} now.`);
  }

  /** Something has changed in the sandbox. */
  changed({ kind, channel }) {
    const { view } = this.route;
    if (kind === "state") this.workspace.load();
    else if (kind === "slack" && !this.workspace.isOutside) {
      const name = channel?.startsWith("D") ? DIRECT : channel;
      if (name) this.feed.load(name);
      else {
        this.feed.loadAll();
        this.modals.refresh();
      }
      if (view === "home") this.views.home.load();
      if (this.thread.open && name === this.route.channel) this.thread.load();
    } else if (kind === "dingtalk") this.dingFeed.load(channel);
    else if (kind === view) this.views[view].load();
  }

  async lookAtAll() {
    await this.workspace.load();
    if (this.route.view !== "channel") this.views[this.route.view].load();
    if (this.thread.open) this.thread.load();
    await this.loadFeeds();
  }

  /** Look at every conversation again; those of Slack are not for people who are only in DingTalk. */
  async loadFeeds() {
    await Promise.all([this.dingFeed.loadAll(), !this.workspace.isOutside && this.feed.loadAll()]);
  }

  /** A conversation's messages are known anew. */
  heardInDingTalk(conversation, fresh) {
    if (this.route?.view === "dingtalk" && this.route.conversation === conversation) {
      this.views.dingtalk.render();
      for (const each of fresh.filter((message) => message.user !== this.workspace.me)) announce(`${each.user}: ${each.text}`);
    }
    this.sidebar.render();
  }

  /** A channel's messages are known anew. */
  heard(channel, fresh) {
    if (this.route?.view === "channel" && this.route.channel === channel) {
      this.channel.render();
      for (const each of fresh.filter((message) => message.user !== this.workspace.me)) {
        announce(`${each.user}: ${spoken(each.text || titles(each.files), this.workspace.names)}`);
      }
    }
    this.sidebar.render();
  }

  /** Something was typed or pressed, and this is what came of it at once. */
  answered(answer, place) {
    this.modals.take(answer);
    const elsewhere = place.home || place.view_id || (NARROW.matches && this.thread.open);
    if (elsewhere) this.surfaces.saySo(answer);
    if (place.home) this.views.home.load();
    if (this.thread.open) this.thread.load();
    if (this.route.view === "channel") this.feed.load(this.route.channel);
  }
}

function titleOf(route) {
  if (route.view === "channel") return route.channel === DIRECT ? "shipmate" : `#${route.channel}`;
  if (route.view === "dingtalk") return `${route.conversation} in DingTalk`;
  return route.cluster ?? format(route).split("/").at(-1);
}

applyTheme();
const page = new Page();
page.open().catch((error) => {
  document.getElementById("main").replaceChildren(el("p", { class: "problem", role: "alert" }, error.message));
  toast(error.message, "bad");
});
