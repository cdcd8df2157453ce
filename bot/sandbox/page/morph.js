/**
 * Changes nodes in place until they look like freshly made ones. A card that is updated keeps its nodes, and with
 * them the focus, the scroll position, an open menu and what is being typed.
 */

const HANDLERS = [
  "onclick", "onchange", "oninput", "onkeydown", "onsubmit", "onfocus", "onblur", "onpaste", "ontoggle", "onscroll",
];
/** What the page itself puts on nodes while they live; a fresh node does not have it. */
const KEPT = new Set(["aria-busy", "open", "data-kept"]);

/**
 * Make `old` like `fresh`; answer the node that now stands there (`old` whenever both are of a kind).
 * @param {Node} old
 * @param {Node} fresh
 * @returns {Node}
 */
export function morph(old, fresh) {
  if (!alike(old, fresh)) {
    old.replaceWith(fresh);
    return fresh;
  }
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return old;
  }
  morphAttributes(old, fresh);
  for (const name of HANDLERS) if (old[name] !== fresh[name]) old[name] = fresh[name];
  morphChildren(old, [...fresh.childNodes]);
  morphValue(old, fresh);
  return old;
}

/**
 * Make the children of `parent` like `fresh`. Children with a `data-key` are found again wherever they stand.
 * @param {Element} parent
 * @param {Node[]} fresh
 */
export function morphChildren(parent, fresh) {
  const wanted = new Set(fresh.map(keyOf).filter(Boolean));
  const keyed = new Map();
  for (const child of [...parent.childNodes]) {
    const key = keyOf(child);
    if (key && wanted.has(key)) keyed.set(key, child);
    else if (key) child.remove();
  }
  let at = parent.firstChild;
  for (const want of fresh) {
    const found = matching(at, want, keyed);
    if (!found) {
      parent.insertBefore(want, at);
      continue;
    }
    if (found === at) at = at.nextSibling;
    else parent.insertBefore(found, at);
    morph(found, want);
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}

function matching(at, want, keyed) {
  const key = keyOf(want);
  if (key) {
    const found = keyed.get(key);
    return found && alike(found, want) ? found : null;
  }
  return at && !keyOf(at) && alike(at, want) ? at : null;
}

function alike(one, other) {
  return one.nodeType === other.nodeType && one.nodeName === other.nodeName && keyOf(one) === keyOf(other);
}

function keyOf(node) {
  return node.nodeType === Node.ELEMENT_NODE ? node.getAttribute("data-key") : null;
}

function morphAttributes(old, fresh) {
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && !KEPT.has(name)) old.removeAttribute(name);
  }
  for (const { name, value } of [...fresh.attributes]) {
    // The page's policy lets no markup set styles; scripts may.
    if (name === "style") old.style.cssText = fresh.style.cssText;
    else if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
}

function morphValue(old, fresh) {
  if (old === document.activeElement || !["INPUT", "TEXTAREA", "SELECT"].includes(old.nodeName)) return;
  if (old.type === "checkbox" || old.type === "radio") old.checked = fresh.checked;
  else if (old.value !== fresh.value) old.value = fresh.value;
}
