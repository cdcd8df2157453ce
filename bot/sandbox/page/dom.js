/**
 * Builds DOM nodes. Text only ever becomes text: nothing here or elsewhere parses markup, so that what a bot or
 * a person wrote cannot become part of the page.
 */

const SVG = "http://www.w3.org/2000/svg";

/**
 * Make an element.
 * @param {string} tag
 * @param {Object<string, any>} [props] attributes; `on…` are handlers, `class` may be a list, null and false are left out
 * @param {...(Node|string|number|null|false|undefined|Array)} children
 * @returns {HTMLElement}
 */
export function el(tag, props = {}, ...children) {
  return filled(document.createElement(tag), props, children);
}

/**
 * Make an SVG element, with the arguments of `el`.
 * @returns {SVGElement}
 */
export function svg(tag, props = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), props, children);
}

function filled(node, props, children) {
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node[name] = value;
    else if (name === "class" && Array.isArray(value)) node.setAttribute("class", value.filter(Boolean).join(" "));
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.flat(Infinity).filter((each) => each !== null && each !== undefined && each !== false));
  return node;
}

/**
 * Make a fragment of nodes and texts.
 * @returns {DocumentFragment}
 */
export function fragment(...children) {
  return filled(document.createDocumentFragment(), {}, children);
}

/** Text for screen readers alone. */
export function unseen(text) {
  return el("span", { class: "unseen" }, text);
}

const ICONS = {
  menu: "M3 5h14M3 10h14M3 15h14",
  close: "M5 5l10 10M15 5L5 15",
  back: "M12 4l-6 6 6 6",
  send: "M3 10l14-6-5 14-3-6z",
  hash: "M7 3L5 17M14 3l-2 14M3.5 7.5h14M2.5 12.5h14",
  home: "M3 10l7-6 7 6M5 9v8h10V9",
  cluster: "M10 2.5l6.5 3.7v7.6L10 17.5l-6.5-3.7V6.2zM10 10l6.5-3.8M10 10L3.5 6.2M10 10v7.5",
  mail: "M3 5h14v10H3zM3 5.5l7 5.5 7-5.5",
  hook: "M5 3v6a5 5 0 0010 0V7M12 9.500l3-3 3 3",
  bolt: "M11 2L4 11h5l-1 7 8-10h-5z",
  moon: "M15.500 12.500A6.500 6.500 0 018 4a6.500 6.500 0 107.500 8.500z",
  sun: "M10 6.500a3.500 3.500 0 100 7 3.500 3.500 0 000-7zM10 2v2M10 16v2M2 10h2M16 10h2M4.500 4.500L6 6M14 14l1.500 1.500M15.500 4.500L14 6M6 14l-1.500 1.500",
  more: "M4.500 10h.01M10 10h.01M15.500 10h.01",
  reply: "M4 4h12v9H9l-4 3.500V13H4z",
  down: "M5 8l5 5 5-5",
  lock: "M5 9h10v8H5zM7 9V6.500a3 3 0 016 0V9",
  file: "M5 2.500h6.500L15 6v11.500H5zM11.500 2.500V6H15M7.500 10h5M7.500 13h5",
  check: "M4 10.500l4 4 8-9",
};

/**
 * Make one of the page's own line drawings, hidden from screen readers.
 * @param {keyof ICONS} name
 */
export function icon(name) {
  const shape = svg("path", {
    d: ICONS[name],
    fill: "none",
    stroke: "currentColor",
    "stroke-width": name === "more" ? 3 : 1.6,
    "stroke-linecap": "round",
    "stroke-linejoin": "round",
  });
  return svg("svg", { class: "icon", viewBox: "0 0 20 20", "aria-hidden": "true" }, shape);
}
