/** Block Kit: layout blocks as nodes. A block that is not known here says so rather than vanish. */

import { el, fragment } from "./dom.js";
import { element } from "./elements.js";
import { markdown } from "./markdown.js";
import { link, mrkdwn, plain, textObject } from "./mrkdwn.js";
import { richText } from "./richtext.js";
import { idOf } from "./values.js";

const RENDERERS = {
  section,
  header: (block) => el("h3", { class: "block-header" }, plain(block.text)),
  divider: () => el("hr"),
  context,
  actions: (block, surface) => el("div", { class: "block-actions" },
    block.elements.map((each) => element(each, block, surface))),
  context_actions: (block, surface) => RENDERERS.actions(block, surface),
  image: picture,
  rich_text: (block, surface) => richText(block, surface.names),
  markdown: (block) => el("div", { class: "markdown" }, markdown(block.text)),
  table,
  input,
  file: (block) => el("p", {}, `File ${block.external_id}`),
  video: (block) => el("p", {}, link(block.title_url ?? block.video_url, plain(block.title))),
};
const GROUPS = new Set(["checkboxes", "radio_buttons"]);

/**
 * Render blocks.
 * @param {object[]} list
 * @param {import("./elements.js").Surface} surface
 * @returns {DocumentFragment}
 */
export function blocks(list, surface) {
  return fragment(list.map((block) => {
    const made = RENDERERS[block.type]?.(block, surface) ?? el("p", { class: "unknown" }, `(${block.type} block)`);
    made.classList.add("block");
    return made;
  }));
}

/**
 * Render what a message says: its blocks, or else its text.
 * @param {{text: string, blocks?: object[]}} message
 * @param {import("./elements.js").Surface} surface
 */
export function content(message, surface) {
  if (message.blocks?.length) return blocks(message.blocks, surface);
  return el("div", { class: "block block-text" }, mrkdwn(message.text ?? "", surface.names));
}

function section(block, surface) {
  const accessory = block.accessory;
  return el("div", { class: ["block-section", accessory && "with-accessory"] },
    el("div", { class: "section-words" },
      block.text && el("div", { class: "section-text" }, textObject(block.text, surface.names)),
      block.fields && el("div", { class: "fields" },
        block.fields.map((each) => el("div", { class: "field-pair" }, textObject(each, surface.names))))),
    accessory && el("div", { class: "accessory" },
      accessory.type === "image" ? picture(accessory) : element(accessory, block, surface)));
}

function context(block, surface) {
  return el("div", { class: "block-context" }, block.elements.map((each) =>
    (each.type === "image" ? picture(each) : el("span", {}, textObject(each, surface.names)))));
}

/** An image from elsewhere is not fetched: this page asks nobody outside for anything. */
function picture(block) {
  const url = block.image_url ?? block.slack_file?.url ?? "";
  const local = url.startsWith("data:image/") || url.startsWith(`${location.origin}/`);
  const title = block.title && el("figcaption", {}, plain(block.title));
  if (local) return el("figure", { class: "picture" }, title, el("img", { src: url, alt: block.alt_text ?? "" }));
  return el("figure", { class: "picture elsewhere" }, title, link(url, block.alt_text || url));
}

function table(block, surface) {
  const side = (at) => `side-${block.column_settings?.[at]?.align ?? "left"}`;
  const cell = (tag, each, at) => el(tag, { class: [side(at), block.column_settings?.[at]?.is_wrapped && "wrapped"] },
    each.type === "rich_text" ? richText(each, surface.names) : (each.text ?? ""));
  const [head, ...rows] = block.rows ?? [];
  return el("div", { class: "table-scroll", tabindex: 0, role: "region", "aria-label": "Table" },
    el("table", { class: "table" },
      head && el("thead", {}, el("tr", {}, head.map((each, at) => cell("th", each, at)))),
      el("tbody", {}, rows.map((row) => el("tr", {}, row.map((each, at) => cell("td", each, at)))))));
}

function input(block, surface) {
  const group = GROUPS.has(block.element.type);
  const label = fragment(plain(block.label), block.optional && el("span", { class: "optional" }, " (optional)"));
  const control = element(block.element, block, surface);
  const below = `${idOf(block.element, block, surface)}-below`;
  const hint = block.hint && el("p", { class: "hint", id: below }, plain(block.hint));
  if (hint && !group) control.setAttribute("aria-describedby", below);
  const error = el("p", { class: "field-error", role: "alert", hidden: true });
  const parts = [control, error, hint];
  if (group) return el("fieldset", { class: "block-input", "data-block": block.block_id }, el("legend", {}, label), parts);
  return el("div", { class: "block-input", "data-block": block.block_id },
    el("label", { for: idOf(block.element, block, surface) }, label), parts);
}
