/**
 * A small app of Bolt for JavaScript, as its documentation writes them: a command that opens a form, a form with
 * complaints, a message that is answered with a button, a button, shortcuts. It prints a line for the test when it is
 * ready, and one for each thing that it hears.
 */

import bolt from "@slack/bolt";

const { SLACK_API_URL, SLACK_BOT_TOKEN, SLACK_APP_TOKEN, SLACK_SIGNING_SECRET } = process.env;
const clientOptions = { slackApiUrl: SLACK_API_URL, retryConfig: { retries: 0 } };
const way = SLACK_APP_TOKEN ? { socketMode: true, appToken: SLACK_APP_TOKEN } : { signingSecret: SLACK_SIGNING_SECRET };
const app = new bolt.App({ token: SLACK_BOT_TOKEN, clientOptions, logLevel: bolt.LogLevel.WARN, ...way });

const plain = (text) => ({ type: "plain_text", text });
const tell = (what, found = {}) => process.stdout.write(`${JSON.stringify({ what, ...found })}\n`);

function form(title) {
  const element = { type: "plain_text_input", action_id: "text" };
  return {
    type: "modal",
    callback_id: "form",
    title: plain(title),
    submit: plain("Send"),
    blocks: [{ type: "input", block_id: "reason", label: plain("Reason"), element }],
  };
}

app.command("/deploy", async ({ ack, command, client }) => {
  await ack();
  await client.views.open({ trigger_id: command.trigger_id, view: form("Why") });
  tell("command", { text: command.text });
});

app.view("form", async ({ ack, view, body, client }) => {
  const reason = view.state.values.reason.text.value;
  if (reason === "because") {
    await ack({ response_action: "errors", errors: { reason: "Say why." } });
    return;
  }
  if (reason === "again") {
    await ack({ response_action: "push", view: form("Once more") });
    return;
  }
  await ack({ response_action: "clear" });
  await client.chat.postEphemeral({ channel: "C01GENERAL", user: body.user.id, text: `Thanks for ${reason}` });
  tell("form", { reason });
});

app.message(async ({ message, say }) => {
  const button = { type: "button", action_id: "press", text: plain("Press"), value: message.text };
  await say({ text: `You said ${message.text}`, blocks: [{ type: "actions", elements: [button] }] });
  tell("message", { text: message.text });
});

app.action("press", async ({ ack, action, body, respond }) => {
  await ack();
  await respond({ text: `${body.user.id} pressed ${action.value}`, replace_original: true });
  tell("action", { value: action.value });
});

app.shortcut({ callback_id: "run_actions", type: "message_action" }, async ({ ack, shortcut, respond }) => {
  await ack();
  await respond(`about ${shortcut.message.text}`);
  tell("shortcut", { ts: shortcut.message_ts });
});

const server = await app.start(0);
tell("ready", { port: SLACK_APP_TOKEN ? 0 : server.address().port });
