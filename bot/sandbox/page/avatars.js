/** Pictures of people and of the bot, drawn here: initials on a colour of their own, and a ship. */

import { el, svg } from "./dom.js";

const COLOURS = ["#1f6f8b", "#8f3985", "#2f6f4f", "#a14a1f", "#4a52a3", "#8a6112", "#a8324f", "#3d6b1f"];

/**
 * Make the picture of someone.
 * @param {string} name
 * @param {{bot?: boolean, size?: "small"|"plain"}} [options]
 */
export function avatar(name, { bot = false, size = "plain" } = {}) {
  const box = el("span", { class: ["avatar", size, bot && "bot"], "aria-hidden": "true" });
  if (bot) box.append(ship());
  else {
    box.append(initials(name));
    box.style.background = COLOURS[hash(name) % COLOURS.length];
  }
  return box;
}

/** The ship of Shipmate: a hull, containers, a wave. */
export function ship() {
  const shape = (d, fill) => svg("path", { d, fill });
  return svg("svg", { viewBox: "0 0 36 36", "aria-hidden": "true" },
    svg("rect", { width: 36, height: 36, fill: "#0b3a53" }),
    shape("M9 12h5v5H9z", "#ffb454"),
    shape("M15 12h5v5h-5z", "#5ad1a5"),
    shape("M15 6.500h5v4.500h-5z", "#ff7a6b"),
    shape("M21 9h6v8h-6z", "#e6f1f7"),
    shape("M23 11h2v2h-2z", "#0b3a53"),
    shape("M5 18.500h26l-4 8H10z", "#e6f1f7"),
    svg("path", {
      d: "M3 29.500c2.500-2 5-2 7.500 0s5 2 7.500 0 5-2 7.500 0 5 2 7.500 0",
      fill: "none", stroke: "#6cc4ee", "stroke-width": 2, "stroke-linecap": "round",
    }));
}

function initials(name) {
  const digits = /\d+$/.exec(name)?.[0] ?? "";
  return (name[0] ?? "?").toUpperCase() + (digits || (name[1] ?? "")).slice(0, 1);
}

function hash(text) {
  return [...text].reduce((sum, each) => (sum * 31 + each.codePointAt(0)) % 9973, 7);
}
