/** Makes the outside world fail, and well again. */

import { api } from "./api.js";
import { oneAtATime } from "./coalesce.js";
import { el, fragment } from "./dom.js";
import { toast } from "./toast.js";

const WAYS = [
  { label: "Slack asks to wait", note: "429 with Retry-After 5 for the next three edits of messages",
    body: { target: "slack", fault: "ratelimited", method: "chat.update", retry_after: 5, times: 3 } },
  { label: "Slack says everything twice", note: "the next command or click is delivered twice",
    body: { target: "slack", fault: "duplicate" } },
  { label: "The sockets to Slack drop", note: "all of them: the bot has to connect again",
    body: { target: "slack", fault: "disconnect", times: 10 } },
  { label: "Slack renews its connections", note: "it says so, and ends the old ones ten seconds later",
    body: { target: "slack", fault: "refresh" } },
  { label: "DingTalk says everything twice", note: "the next message or click is pushed twice",
    body: { target: "dingtalk", fault: "duplicate" } },
  { label: "The connections to DingTalk drop", note: "all of them: the bot has to connect again",
    body: { target: "dingtalk", fault: "disconnect", times: 50 } },
  { label: "DingTalk ends its connections", note: "it says so, pushes nothing more over them, and ends them ten seconds later",
    body: { target: "dingtalk", fault: "refresh" } },
  { label: "DingTalk is silent", note: "the connections stay open and say nothing for a minute",
    body: { target: "dingtalk", fault: "silence", seconds: 60 } },
  { label: "Cards in DingTalk cannot be changed", note: "503 for both kinds of card, until cleared",
    body: { target: "dingtalk", fault: "error", method: "UpdateRobotInteractiveCard", status: 503, times: null },
    also: [{ target: "dingtalk", fault: "error", method: "UpdateCard", status: 503, times: null }] },
  { label: "DingTalk's tokens are no longer good", note: "the bot has to ask for a new one",
    body: { target: "dingtalk", fault: "token" } },
  { label: "The robots of the group send too fast", note: "130101 for the next two messages",
    body: { target: "dingtalk", fault: "errcode", errcode: 130101, times: 2 } },
  { label: "Cluster east is down", note: "its API server answers 503 until cleared",
    body: { target: "cluster/east", fault: "down", times: null } },
  { label: "The credentials of cluster east expired", note: "401 until a client comes with a new kubeconfig, or until cleared",
    body: { target: "cluster/east", fault: "expired-credentials" } },
  { label: "The watches of cluster east are silent", note: "they stay open and say nothing, until cleared",
    body: { target: "cluster/east", fault: "silent" } },
  { label: "A policy denies Deployments", note: "an admission webhook on east, until cleared",
    body: { target: "cluster/east", fault: "deny", kind: "Deployment", message: "no deployments on Fridays", times: null } },
  { label: "Cluster east has no room", note: "no node takes a pod, until cleared",
    body: { target: "cluster/east", fault: "unschedulable", times: null } },
  { label: "Terraform fails", note: "every Configuration on east, until cleared",
    body: { target: "cluster/east", fault: "terraform-fail", times: null } },
  { label: "The image of web cannot be pulled", note: "on east, until cleared",
    body: { target: "cluster/east", fault: "image", image: "registry.shop.example/web", times: null } },
  { label: "Pods of api crash", note: "on east, until cleared",
    body: { target: "cluster/east", fault: "crash", name: "api", times: null } },
  { label: "Pods of jobs never get ready", note: "on east, until cleared",
    body: { target: "cluster/east", fault: "not-ready", name: "jobs", times: null } },
  { label: "The webhook receiver fails", note: "503 for the next two calls",
    body: { target: "webhooks", fault: "error", status: 503, times: 2 } },
];

/** The middle of the page while the faults are looked at. */
export class FaultView {
  /** @param {() => Node} menu */
  constructor(menu) {
    this.now = el("div", { class: "card" });
    this.load = oneAtATime(() => this.fetch());
    this.node = el("section", { class: "pane" },
      el("header", { class: "pane-head" }, menu(), el("div", { class: "pane-names" },
        el("h1", { class: "pane-title" }, "Faults"), el("p", { class: "pane-topic" }, "What the outside world does wrong"))),
      el("div", { class: "scroller", tabindex: 0 }, el("div", { class: "outside" }, this.now,
        el("ul", { class: "faults" }, WAYS.map((each) => el("li", { class: "card" },
          el("div", {}, el("b", {}, each.label), el("p", { class: "note" }, each.note)),
          el("button", { type: "button", class: "button", "aria-label": `Begin: ${each.label}`, onclick: () => this.begin(each) }, "Begin")))))));
  }

  /** Look at them. */
  show() {
    this.load();
  }

  async begin({ label, body, also = [] }) {
    await this.doing(() => Promise.all([body, ...also].map(api.fault)), `${label}.`);
  }

  async doing(work, said) {
    try {
      await work();
      toast(said);
    } catch (error) {
      toast(error.message, "bad");
    }
    this.load();
  }

  async fetch() {
    const { faults } = await api.faults().catch(() => ({ faults: [] }));
    this.now.replaceChildren(fragment(
      el("h2", {}, faults.length ? "In force" : "Everything is well"),
      faults.map((each) => el("p", {}, el("code", {}, each.target), ` ${each.fault} `, left(each))),
      faults.length > 0 && el("button", {
        type: "button", class: "button primary", onclick: () => this.doing(api.clearFaults, "Everything is well again."),
      }, "Make everything well")));
  }
}

function left({ times }) {
  return times === null ? "until it is cleared" : `${times} more ${times === 1 ? "time" : "times"}`;
}
