/**
 * The control API as functions: the only module that speaks HTTP. Whatever this page does, a program can do with
 * the same calls.
 */

/** What a call was refused with; the message is a sentence for people. */
export class Refused extends Error {
  /**
   * @param {string} message
   * @param {number} status 0 when nothing answered
   */
  constructor(message, status) {
    super(message);
    this.name = "Refused";
    this.status = status;
  }
}

async function asked(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Refused("The sandbox does not answer. Is it still running?", 0);
  }
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refused(body.error ?? `The sandbox answered ${response.status}.`, response.status);
  return body;
}

function get(path, params = {}) {
  const known = Object.entries(params).filter(([, value]) => value !== undefined && value !== null);
  const query = new URLSearchParams(known).toString();
  return asked(query ? `${path}?${query}` : path, { headers: { accept: "application/json" } });
}

function post(path, body) {
  return asked(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

/** The calls. Each answers what the control API answers, or throws `Refused`. */
export const api = {
  state: () => get("/control/state"),
  commands: () => get("/control/slack/commands"),
  messages: (channel, viewer, thread) =>
    get("/control/slack/messages", { channel, viewer, thread_ts: thread }),
  say: (user, channel, text, thread) =>
    post("/control/slack/say", { user, channel, text, ...(thread ? { thread_ts: thread } : {}) }),
  click: (body) => post("/control/slack/click", body),
  shortcut: (body) => post("/control/slack/shortcut", body),
  submit: (user, view, values) => post("/control/slack/submit", { user, view_id: view, values, wait: false }),
  close: (user, view) => post("/control/slack/submit", { user, view_id: view, close: true }),
  home: (user) => get("/control/slack/home", { user }),
  view: (user) => get("/control/slack/view", { user }),
  dingMessages: (conversation, viewer) => get("/control/dingtalk/messages", { conversation, viewer }),
  dingSay: (user, conversation, text) => post("/control/dingtalk/say", { user, conversation, text }),
  dingClick: (body) => post("/control/dingtalk/click", body),
  objects: (cluster) => get("/control/clusters", { cluster }),
  mail: () => get("/control/mail"),
  webhooks: () => get("/control/webhooks"),
  faults: () => get("/control/faults"),
  fault: (body) => post("/control/faults", body),
  clearFaults: () => asked("/control/faults", { method: "DELETE" }),
};

const FIRST_WAIT = 500;
const LONGEST_WAIT = 8000;

/**
 * Follow what changes in the sandbox, for good: a stream that ends is opened again, ever more slowly.
 * @param {{changed: (hint: {kind: string, channel?: string}) => void,
 *          connected: (again: boolean) => void, lost: () => void}} listener
 */
export function follow(listener) {
  let wait = FIRST_WAIT;
  let before = false;
  const open = () => {
    const source = new EventSource("/control/events");
    source.onopen = () => {
      wait = FIRST_WAIT;
      listener.connected(before);
      before = true;
    };
    source.onmessage = (event) => listener.changed(hintOf(event.data));
    source.onerror = () => {
      source.close();
      listener.lost();
      setTimeout(open, wait);
      wait = Math.min(wait * 2, LONGEST_WAIT);
    };
  };
  open();
}

function hintOf(data) {
  try {
    return JSON.parse(data);
  } catch {
    return { kind: "state" };
  }
}
