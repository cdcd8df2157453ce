"""The organization put together: what there is, what people touch, what the app calls, what the app is told."""

import time
from collections.abc import Callable

from bot.sandbox.dingtalk import organization
from bot.sandbox.dingtalk.callback_mode import CallbackMode
from bot.sandbox.dingtalk.cards import Cards
from bot.sandbox.dingtalk.conversations import Conversations
from bot.sandbox.dingtalk.limits import Limits
from bot.sandbox.dingtalk.people import People
from bot.sandbox.dingtalk.pushes import Pushes
from bot.sandbox.dingtalk.robots import Robots
from bot.sandbox.dingtalk.stream import Stream
from bot.sandbox.dingtalk.tokens import Tokens
from bot.sandbox.dingtalk.web import DingTalkWeb
from bot.sandbox.faults import Faults
from bot.sandbox.shelf import Shelf


class DingTalk:
    """The parts, each by its name."""

    def __init__(
        self,
        shelf: Shelf,
        faults: Faults,
        *,
        told: Callable[[str], None],
        connected: Callable[[], None],
        url: Callable[[], str],
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`told` is called with the title of a conversation that has changed, `connected` when a connection came or went.

        `url` answers the sandbox's address.
        """
        self.conversations = Conversations(
            shelf,
            changed=lambda conversation: told(organization.title_of(conversation)),
            clock=clock,
        )
        self.cards = Cards(shelf, self.conversations, clock)
        self.stream = Stream(faults, connected, clock)
        self.callbacks = CallbackMode(clock)
        self.pushes = Pushes((self.callbacks, self.stream), faults)
        self.people = People(self.conversations, self.cards, self.pushes, url)
        limits = Limits(clock)
        self.robots = Robots(self.conversations, limits, faults, clock)
        self.tokens = Tokens(shelf, clock)
        self.web = DingTalkWeb(
            conversations=self.conversations,
            cards=self.cards,
            stream=self.stream,
            robots=self.robots,
            tokens=self.tokens,
            limits=limits,
            faults=faults,
            url=url,
        )

    async def close(self) -> None:
        """End all connections."""
        await self.stream.close()
        await self.callbacks.close()
