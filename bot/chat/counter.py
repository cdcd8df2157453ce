"""Where requests of a chat are taken in: stored before they are acknowledged, and answered once by the replica that leads.

Every replica takes in. What it has stored is answered by itself if it leads; otherwise the one that leads hears of it,
and looks now and then by itself, since a word may be lost. How to answer is stored with the request, so that another
replica, or the next process after a crash, can. The same for every chat.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import asdict, fields, replace
from typing import Protocol

from bot.chat.gateway import Gateway, Way
from bot.chat.homes import Homes
from bot.chat.ports import Groups, Inbox, Left, OpenHome, OpenHomes, Received
from bot.chat.reception import Reception
from bot.clock import Clock
from bot.errors import Permanent, Temporary
from bot.secrecy import Secrecy

log = logging.getLogger(__name__)

PAUSE = 2.0
"""Seconds between two looks for what other replicas have taken in; mostly they say so at once."""
OWN = 5.0
"""Seconds for which what this replica has taken in is its own to acknowledge, before it is answered anyway."""
GOOD = 25 * 60.0
"""Seconds for which an address to answer to is used: a chat's are good for 30 minutes."""


class Visits(Protocol):
    """Hears that somebody opens the app's home."""

    async def opened(self, identity: str) -> None:
        """Show someone their home, from now on as it is."""
        ...


class Counter:
    """The counter of one chat."""

    def __init__(
        self,
        *,
        chat: str,
        reception: Reception,
        inbox: Inbox,
        clock: Clock,
        shared: bool,
        secrecy: Secrecy,
    ) -> None:
        """`shared`: other replicas may take requests in, too. `secrecy` has what nobody may type."""
        self._secrecy = secrecy
        self._chat = chat
        self._reception = reception
        self._inbox = inbox
        self._clock = clock
        self._pause = PAUSE if shared else None
        self._own: dict[str, float] = {}
        self._answering: set[str] = set()
        self._answered: set[str] = set()
        """Since the last look into the inbox began: it may have seen them as they were before."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._woken = asyncio.Event()
        self._loop: asyncio.Task[None] | None = None

    async def receive(self, received: Received, way: Way) -> bool:
        """Store a request, to be called before it is acknowledged; False: it was there already."""
        request = received.asker.request
        self._own.setdefault(request, self._now())
        try:
            return await self._inbox.receive(self._cleaned(received), json.dumps(asdict(way)))
        except BaseException:
            self._own.pop(request, None)
            raise

    async def answer(self, received: Received, way: Way) -> None:
        """Answer what was stored and acknowledged, if this replica leads. Never raises."""
        self._own.pop(received.asker.request, None)
        if self._loop is not None:
            await self._once(self._cleaned(received), way)

    def _cleaned(self, received: Received) -> Received:
        """Answer a request with what was typed cleaned; who asks, and where, stays what it is, whatever is secret."""
        return replace(received, text=self._secrecy.clean(received.text))

    def open(self) -> None:
        """Begin to answer, first what a dead process or another replica has left."""
        self._woken.set()
        self._loop = asyncio.create_task(self._look_after(), name=f"counter of {self._chat}")

    async def close(self) -> None:
        """Answer no more; what is left stays in the store."""
        tasks = [*self._tasks, *([self._loop] if self._loop is not None else [])]
        self._loop = None
        for each in tasks:
            each.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def look(self) -> None:
        """Take notice that there may be something in the inbox."""
        self._woken.set()

    async def _look_after(self) -> None:
        first = True
        while True:
            self._woken.clear()
            try:
                await self._round(one_by_one=first)
                first, pause = False, self._pause
            except (Temporary, Permanent) as error:
                log.warning("what is in the inbox waits: %s", error)
                pause = PAUSE
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._woken.wait()

    async def _round(self, *, one_by_one: bool) -> None:
        """Answer what is left; at first one after the other, for those may be old and build on each other."""
        self._answered.clear()
        self._own = {key: since for key, since in self._own.items() if self._is_young(since)}
        left = [each for each in await self._inbox.unanswered() if self._is_to_answer(each)]
        if left and one_by_one:
            log.info("answering %d requests that were left", len(left))
        for each in left:
            task = asyncio.create_task(self._once(each.received, self._way(each)))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            if one_by_one:
                await task

    def _is_young(self, since: float) -> bool:
        return self._now() - since < OWN

    def _is_to_answer(self, left: Left) -> bool:
        """Say whether a request is for this chat, and neither being answered nor about to be."""
        request = left.received.asker.request
        if left.received.asker.chat != self._chat or request in self._answered:
            return False
        return request not in self._answering and request not in self._own

    async def _once(self, received: Received, way: Way) -> None:
        request = received.asker.request
        if request in self._answering or request in self._answered:
            return
        self._answering.add(request)
        try:
            await self._reception.answer(received, way)
        finally:
            self._answering.discard(request)
            self._answered.add(request)

    def _way(self, left: Left) -> Way:
        """Read how to answer; what another version of Shipmate wrote and we do not know is left out."""
        age = self._clock.now().timestamp() - left.since
        known = {each.name for each in fields(Way)}
        found = json.loads(left.way) if left.way else {}
        way = Way(**{key: value for key, value in found.items() if key in known})
        return way if age < GOOD else replace(way, response_url="", replaces=False)

    def _now(self) -> float:
        return asyncio.get_running_loop().time()


class SharedVisits:
    """Who opens the app's home, wherever that is heard: the replica that leads shows it."""

    def __init__(self, *, gateway: Gateway, shelf: OpenHomes, clock: Clock) -> None:
        self._gateway = gateway
        self._shelf = shelf
        self._clock = clock
        self.homes: Homes | None = None
        """Where this replica leads."""

    async def opened(self, identity: str) -> None:
        """Show someone their home, here or where it is shown."""
        if self.homes is not None:
            await self.homes.opened(identity)
            return
        try:
            email = (await self._gateway.profile_of(identity)).email
            now = self._clock.now().timestamp()
            chat = self._gateway.name
            await self._shelf.opened(
                OpenHome(chat=chat, identity=identity, email=email, opened=now)
            )
        except (Temporary, Permanent) as error:
            log.warning("the home of %s could not be shown: %s", identity, error)

    def forget(self) -> None:
        """Take notice that homes are shown elsewhere from now on."""
        self.homes = None

    def look(self) -> None:
        """Take notice that somebody may have opened their home at another replica."""
        if self.homes is not None:
            self.homes.look_for_others()


class SharedGroups:
    """The groups of a chat: that they have changed is told to all replicas."""

    def __init__(self, groups: Groups, tell: Callable[[], Awaitable[None]]) -> None:
        self._groups = groups
        self._tell = tell
        self._telling: set[asyncio.Task[None]] = set()

    def forget(self) -> None:
        """Take nothing of what is known for granted, nowhere."""
        self._groups.forget()
        task = asyncio.create_task(self._told())
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def refresh(self) -> None:
        """Learn who is in them."""
        await self._groups.refresh()

    async def _told(self) -> None:
        try:
            await self._tell()
        except Temporary as error:
            log.warning("the other replicas learn of changed groups a little later: %s", error)
