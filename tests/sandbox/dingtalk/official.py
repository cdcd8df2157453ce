"""A small app by DingTalk's own client, in a process of its own: it reads its server's address when it is imported."""

import json
import sys

import dingtalk_stream
from dingtalk_stream import AckMessage, CallbackHandler, CallbackMessage, ChatbotMessage
from dingtalk_stream.card_replier import CardReplier

TEMPLATE = sys.argv[3]
BUTTON = json.dumps([{"id": "approve", "text": "Approve", "params": {"run": "17"}}])


class Messages(dingtalk_stream.ChatbotHandler):  # type: ignore[misc] # no types are shipped
    """Answers a message with a text, a StandardCard and a card from a template."""

    async def process(self, callback: CallbackMessage) -> tuple[int, str]:
        message = ChatbotMessage.from_dict(callback.data)
        self.reply_text(f"heard {message.text.content.strip()}", message)
        self.reply_markdown("release", "**released**", message)
        self.reply_markdown_card_of(message)
        replier = CardReplier(self.dingtalk_client, message)
        variables = {"title": "shop/prod #17", "text": "waits", "buttons": BUTTON}
        replier.create_and_deliver_card(TEMPLATE, variables, support_forward=False)
        return AckMessage.STATUS_OK, "OK"

    def reply_markdown_card_of(self, message: ChatbotMessage) -> None:
        """Send one of the client's own sample cards."""
        self.reply_card(dingtalk_stream.interactive_card.INTERACTIVE_CARD_JSON_SAMPLE_2, message)


class Clicks(CallbackHandler):  # type: ignore[misc] # no types are shipped
    """Answers a click with what the card is to show."""

    async def process(self, callback: CallbackMessage) -> tuple[int, dict[str, object]]:
        click = dingtalk_stream.CardCallbackMessage.from_dict(callback.data)
        private = click.content["cardPrivateData"]
        text = f"{click.user_id} {private['actionIds'][0]} {private['params'].get('run')}"
        return AckMessage.STATUS_OK, {
            "cardUpdateOptions": {"updateCardDataByKey": True},
            "cardData": {"cardParamMap": {"text": text, "buttons": "[]"}},
        }


client = dingtalk_stream.DingTalkStreamClient(dingtalk_stream.Credential(*sys.argv[1:3]))
client.register_callback_handler(ChatbotMessage.TOPIC, Messages())
client.register_callback_handler(CallbackHandler.TOPIC_CARD_CALLBACK, Clicks())
client.start_forever()
