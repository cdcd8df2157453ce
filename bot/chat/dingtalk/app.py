"""What happens in DingTalk, taken in and handed on: stored, acknowledged within two seconds, and only then answered.

It decides nothing. A message or a click that was here before is acknowledged and does nothing twice.
"""

import asyncio
import logging

from bot.chat.counter import Counter
from bot.chat.dingtalk import inbound
from bot.chat.dingtalk.connection import Connection
from bot.chat.dingtalk.frames import CARD, FAILED, MESSAGE, UNKNOWN, Answer, Push
from bot.chat.gateway import Way
from bot.chat.ports import Received
from bot.chat.presenters import surprises
from bot.chat.reception import Reception
from bot.errors import Temporary

log = logging.getLogger(__name__)

FAREWELL = 3.0
"""Seconds for what is being answered when the process is to end; the rest is answered after the next start."""


class DingTalkChat:
    """DingTalk, as it comes over a connection."""

    def __init__(self, *, connection: Connection, reception: Reception, counter: Counter) -> None:
        self._counter = counter
        self._connection = connection
        self._reception = reception
        self._answers: set[asyncio.Task[None]] = set()

    @property
    def connected(self) -> bool:
        """Whether what happens in DingTalk reaches us now."""
        return self._connection.connected

    @property
    def address(self) -> str:
        """Where DingTalk's requests are taken in HTTP mode."""
        return self._connection.address

    async def start(self) -> None:
        """Connect, however long DingTalk is away. Raises UserError when it refuses the credentials."""
        await self._connection.start(self.take)

    async def wait_until_connected(self) -> None:
        """Wait until what happens in DingTalk reaches us."""
        while not self.connected:  # noqa: ASYNC110 - a connection comes and goes; nobody waits for it but a start
            await asyncio.sleep(0.02)

    async def stop(self) -> None:
        """Take nothing more, and end what is being answered."""
        await self._connection.stop()
        if self._answers:
            await asyncio.wait(self._answers, timeout=FAREWELL)
        for each in tuple(self._answers):
            each.cancel()
        await asyncio.gather(*self._answers, return_exceptions=True)

    async def take(self, push: Push) -> Answer:
        """Store what we are told, and say how it is acknowledged. Never raises."""
        if push.type == "EVENT":
            return Answer(data={"status": "SUCCESS", "message": "ok"})
        read = {MESSAGE: inbound.from_message, CARD: inbound.from_click}.get(push.topic)
        if read is None:
            log.info("DingTalk told us of %s, which means nothing here", push.topic)
            return Answer(code=UNKNOWN)
        try:
            received, way = read(push)
        except ValueError as error:
            log.warning("DingTalk told us something that cannot be read: %s", error)
            return Answer(code=UNKNOWN)
        if not received.text:
            self._beside(received, way, known=False)
            return Answer()
        try:
            fresh = await self._counter.receive(received, way)
        except Temporary as error:
            log.warning("a request could not be taken in: %s", error)
            return Answer(code=FAILED)
        if fresh:
            self._beside(received, way, known=True)
        return Answer(data={"response": {} if push.topic == CARD else None})

    def _beside(self, received: Received, way: Way, *, known: bool) -> None:
        """Answer, while the next one is already taken in. Not `known`: of a button that carries no request."""
        work = (
            self._counter.answer(received, way)
            if known
            else self._reception.explain(received.asker, surprises.unknown_button, way)
        )
        task = asyncio.create_task(work)
        self._answers.add(task)
        task.add_done_callback(self._answers.discard)
