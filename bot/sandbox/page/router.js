/**
 * The address of the page: who looks (`?user=sre`) and at what (`#/shop-prod`, `#/shop-prod/p/<ts>` with the
 * thread of a message, `#/@shipmate`, `#/-/home`, `#/-/clusters/east`, `#/-/mail`, `#/-/webhooks`, `#/-/faults`, `#/-/dingtalk/shop-prod`).
 */

/**
 * @typedef {{view: "channel", channel: string|null, ts: string|null}
 *   | {view: "home"|"mail"|"webhooks"|"faults"} | {view: "clusters", cluster: string|null}
 *   | {view: "dingtalk", conversation: string|null}} Route
 */

const PAGES = new Set(["home", "mail", "webhooks", "faults"]);

/**
 * Read a location's hash.
 * @param {string} hash
 * @returns {Route} a channel of null is the one to begin with
 */
export function parse(hash) {
  const parts = hash.replace(/^#\/?/, "").split("/").map(decoded);
  if (parts[0] === "-") {
    if (parts[1] === "clusters") return { view: "clusters", cluster: parts[2] || null };
    if (parts[1] === "dingtalk") return { view: "dingtalk", conversation: parts[2] || null };
    if (PAGES.has(parts[1])) return { view: parts[1] };
  }
  const ts = parts[1] === "p" && /^\d+\.\d+$/.test(parts[2] ?? "") ? parts[2] : null;
  return { view: "channel", channel: parts[0] && parts[0] !== "-" ? parts[0] : null, ts };
}

/**
 * Write a route as a hash.
 * @param {Route} route
 * @returns {string}
 */
export function format(route) {
  if (route.view === "clusters") return `#/-/clusters${route.cluster ? `/${encodeURIComponent(route.cluster)}` : ""}`;
  if (route.view === "dingtalk") return `#/-/dingtalk/${encodeURIComponent(route.conversation ?? "")}`;
  if (route.view !== "channel") return `#/-/${route.view}`;
  const channel = encodeURIComponent(route.channel ?? "").replaceAll("%40", "@");
  return `#/${channel}${route.ts ? `/p/${route.ts}` : ""}`;
}

/**
 * Go somewhere; the browser's back button comes back.
 * @param {Route} route
 */
export function go(route) {
  location.hash = format(route);
}

/** Answer who the address says is looking, or null. */
export function userInAddress() {
  return new URLSearchParams(location.search).get("user");
}

/**
 * Put who is looking into the address, so that it can be shared and survives a reload.
 * @param {string} name
 */
export function putUserInAddress(name) {
  const query = new URLSearchParams(location.search);
  query.set("user", name);
  history.replaceState(history.state, "", `?${query}${location.hash}`);
}

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
