"""Where a message belongs, and where the thread of a card that is gone can still be read: what a chat is asked."""

import logging

from bot.catalog.model import Person
from bot.chat.gateway import Gateway
from bot.chat.ports import Kind, Ledger, Shown
from bot.errors import Permanent

log = logging.getLogger(__name__)


async def channel_of(gateway: Gateway, entry: Shown, people: dict[str, Person]) -> str:
    """Answer the chat's id of where a message belongs. Raises Permanent when it cannot be anywhere."""
    if entry.kind is not Kind.DIRECT or entry.channel:
        return await gateway.channel_id(entry.channel)
    name = entry.person
    user = await gateway.identity_of(people[name]) if name in people else ""
    if not user:
        raise Permanent(f"{name} is not in this chat", code="user_not_found")
    return await gateway.conversation_with(user)


async def thread_of(gateway: Gateway, ledger: Ledger, card: Shown) -> str:
    """Answer where the thread of a card that is gone can be read: at its newest reply. Empty: there is none."""
    replies = [
        each for each in await ledger.of_run(card.run) if each.in_thread and each.chat == card.chat
    ]
    for each in reversed(replies):
        if each.ts and each.channel == card.channel:
            try:
                return await gateway.permalink(each.channel, each.ts)
            except Permanent as error:
                log.info("%s is gone, too: %s", each.key, error)
    return card.thread_before
