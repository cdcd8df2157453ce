/** What an element of Block Kit offers and holds: its options, its initial value, the id of its control. */

import { unescaped } from "./mrkdwn.js";

/** Answer the id of the control of an element, for its label. */
export function idOf(spec, block, surface) {
  return `${surface.id}-${block.block_id ?? ""}-${spec.action_id ?? ""}`;
}

/** Answer the value that an element has from the start; undefined when it has none. */
export function initialValue(spec) {
  if (spec.initial_options) return spec.initial_options.map((each) => each.value);
  if (spec.initial_option) return spec.initial_option.value;
  const names = [
    "initial_users", "initial_channels", "initial_conversations", "initial_value", "initial_date", "initial_time",
    "initial_date_time", "initial_user", "initial_channel", "initial_conversation",
  ];
  return names.map((name) => spec[name]).find((each) => each !== undefined);
}

/** Answer what an option says, without markup. */
export function optionText(option) {
  return unescaped(option.text?.text ?? option.value);
}

/**
 * List the options of a select, people and channels as such.
 * @param {object} spec
 * @param {import("./elements.js").Surface} surface
 * @returns {{text: object, value: string}[]}
 */
export function optionsOf(spec, surface) {
  const named = (sign) => (each) => ({ text: { type: "plain_text", text: `${sign}${each.name}` }, value: each.id });
  if (spec.type.endsWith("users_select")) return surface.users.map(named("@"));
  if (/(channels|conversations)_select$/.test(spec.type)) return surface.channels.map(named("#"));
  return spec.options ?? (spec.option_groups ?? []).flatMap((group) => group.options);
}
