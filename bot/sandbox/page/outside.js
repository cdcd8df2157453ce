/** The outside world: what the clusters run, the mail and the webhooks that came. */

import { api } from "./api.js";
import { oneAtATime } from "./coalesce.js";
import { age, inFull } from "./dates.js";
import { el } from "./dom.js";
import { morphChildren } from "./morph.js";

/** A pane that shows something of the outside world and looks again when it is told to. */
class OutsideView {
  constructor(menu) {
    this.title = el("h1", { class: "pane-title" });
    this.topic = el("p", { class: "pane-topic" });
    this.body = el("div", { class: "outside" });
    this.load = oneAtATime(() => this.fetch());
    this.node = el("section", { class: "pane" },
      el("header", { class: "pane-head" }, menu(), el("div", { class: "pane-names" }, this.title, this.topic)),
      el("div", { class: "scroller", tabindex: 0 }, this.body));
  }

  async fetch() {
    try {
      morphChildren(this.body, (await this.contents()).flat().filter(Boolean));
    } catch (error) {
      this.body.replaceChildren(el("p", { class: "problem", role: "alert" }, error.message));
    }
  }
}

/** What a cluster runs. */
export class ClusterView extends OutsideView {
  /** Look at a cluster. */
  show(name) {
    if (this.name !== name) this.body.replaceChildren();
    this.name = name;
    this.title.textContent = `Cluster ${name}`;
    this.topic.textContent = "A Kubernetes API server in a box";
    this.load();
  }

  async contents() {
    const { objects } = await api.objects(this.name);
    const shown = objects.filter((each) => each.kind !== "Namespace");
    const namespaces = [...new Set(shown.map((each) => each.namespace))];
    const command = `curl -s '${location.origin}/control/kubeconfig?cluster=${this.name}' > kubeconfig.yaml`;
    return [
      namespaces.length === 0 && el("p", { class: "empty" }, "Nothing runs here yet. Deploy something."),
      ...namespaces.map((namespace) => el("section", { "data-key": namespace },
        el("h2", {}, namespace),
        this.table(shown.filter((each) => each.namespace === namespace)))),
      el("p", { class: "note" }, "With kubectl: ", el("code", {}, command)),
    ];
  }

  table(rows) {
    const heads = ["Kind", "Name", "Ready", "Status", "Image", "Age"];
    return el("div", { class: "table-scroll" }, el("table", { class: "table" },
      el("thead", {}, el("tr", {}, heads.map((each) => el("th", { scope: "col" }, each)))),
      el("tbody", {}, rows.map((each) => el("tr", { "data-key": `${each.kind}/${each.name}` },
        el("td", {}, each.kind),
        el("td", { class: "name" }, each.name),
        el("td", { class: done(each.ready) ? "good" : "waiting" }, each.ready),
        el("td", {}, each.status),
        el("td", {}, each.image && el("code", {}, each.image)),
        el("td", {}, age(each.age_seconds)))))));
  }
}

function done(ready) {
  const [have, want] = ready.split("/");
  return have === want;
}

/** The mail that came. */
export class MailView extends OutsideView {
  /** Look at it. */
  show() {
    this.title.textContent = "Mail";
    this.topic.textContent = "What the company's mail server got";
    this.load();
  }

  async contents() {
    const { mail } = await api.mail();
    if (mail.length === 0) return [el("p", { class: "empty" }, "No mail came yet.")];
    return mail.toReversed().map((each) => el("article", { class: "card" },
      el("h2", {}, each.subject || "(no subject)"),
      el("p", { class: "note" }, `from ${each.from} to ${[each.to].flat().join(", ")}`),
      el("pre", {}, each.text)));
  }
}

/** The webhooks that came. */
export class WebhookView extends OutsideView {
  /** Look at it. */
  show() {
    this.title.textContent = "Webhooks";
    this.topic.textContent = "What the release calendar was told";
    this.load();
  }

  async contents() {
    const { webhooks } = await api.webhooks();
    if (webhooks.length === 0) return [el("p", { class: "empty" }, "No webhook came yet.")];
    return webhooks.toReversed().map((each) => el("article", { class: "card" },
      el("h2", {}, `${each.method ?? "POST"} ${each.path}`),
      el("p", { class: "note" }, told(each)),
      el("pre", {}, typeof each.body === "string" ? each.body : JSON.stringify(each.body, null, 2))));
  }
}

function told(webhook) {
  const times = webhook.deliveries > 1 ? ` · delivered ${webhook.deliveries} times, taken once` : "";
  return webhook.received_at ? `${inFull(new Date(webhook.received_at * 1000))}${times}` : times;
}
