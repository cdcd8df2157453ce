"""Puts logs into threads as files, each below the message that tells its event, and none of them twice.

It goes its own way beside the messages: where files are slow or away, nothing else is. A chat shows a file some
time after it has accepted it, and now and then never: each is looked for until it stands there. What the chat
refuses is not tried again; the message above then says that it is missing. What is in a file is never logged.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.chat.budget import Budget
from bot.chat.gateway import Gateway, Unknown
from bot.chat.ports import Kind, Ledger, Shown, State
from bot.chat.presenters import thread
from bot.clock import Clock
from bot.errors import Permanent, Temporary
from bot.events import RunId
from bot.run.model import Run
from bot.run.ports import Runs

log = logging.getLogger(__name__)

FIRST_LOOK = 1.0
LATEST_LOOK = 15.0
"""Seconds between two looks for a file: as many as it is old already, within these two."""

PATIENCE = 60.0
"""Seconds that an accepted file may take to appear; after that it is shared anew."""

MOST_SHARES = 3
"""How often a file is shared that never appears."""

PAUSE = 2.0
LONGEST_PAUSE = 15.0
"""Seconds before a file that could not be handed over is tried again: twice as many each time, up to these."""

BROKEN_PAUSE = 30.0

PLACE_KEPT = 5.0
"""Seconds for which what is told next in a thread waits for a file, so that it stands below its own message."""

WAIT_FOR_FILES = frozenset({Kind.EVENT, Kind.APPROVAL})
"""What does; a step waits for its notice, and no step waits for a file."""


class Attachments:
    """The files of one chat."""

    def __init__(
        self,
        *,
        gateway: Gateway,
        ledger: Ledger,
        runs: Runs,
        clock: Clock,
        budget: Budget,
        changed: Callable[[], None],
        patience: float,
    ) -> None:
        """`budget` is the messages' own; `changed` says that what they show or wait for has changed.

        `patience` is how many seconds an accepted file may take to appear.
        """
        self._gateway = gateway
        self._ledger = ledger
        self._runs = runs
        self._clock = clock
        self._budget = budget
        self._changed = changed
        self._patience = patience
        self._not_before: dict[str, float] = {}
        self._failures: dict[str, int] = {}
        self._closed = 0.0
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, first with what a dead process left."""
        self._task = asyncio.create_task(self._loop(), name="attachments")

    async def stop(self) -> None:
        """End; what does not stand there yet stays in the store."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def wake(self) -> None:
        """Take notice that a message stands there below which there may have to be a file."""
        self._woken.set()

    async def _loop(self) -> None:
        while True:
            try:
                pause = await self._round()
            except Temporary as error:
                log.warning("files wait: %s", error)
                pause = PAUSE
            try:
                await asyncio.wait_for(self._woken.wait(), pause)
            except TimeoutError:
                continue

    async def _round(self) -> float | None:
        """Do what can be done now; answer the seconds until there is more to do."""
        self._woken.clear()
        pending = await self._ledger.pending()
        files = [each for each in pending if self._ours(each)]
        waits = [await self._try(each) for each in files]
        keys = {each.key for each in files}
        self._not_before = {key: at for key, at in self._not_before.items() if key in keys}
        self._failures = {key: count for key, count in self._failures.items() if key in keys}
        return min((each for each in waits if each > 0), default=None)

    def _ours(self, entry: Shown) -> bool:
        return entry.kind is Kind.FILE and entry.chat == self._gateway.name

    async def _try(self, entry: Shown) -> float:
        early = max(self._closed, self._not_before.get(entry.key, 0.0)) - self._now()
        if early > 0:
            return early
        try:
            wait = await self._attach(entry)
            self._failures.pop(entry.key, None)
        except Permanent as error:
            await self._refused(entry, error)
            wait = 0.0
        except Temporary as error:
            wait = self._rest(entry.key, error)
            log.info("%s waits %.1f s: %s", entry.key, wait, error)
        except Exception:  # the named boundary: one broken file must not keep the others away
            log.exception("%s could not be attached", entry.key)
            wait = BROKEN_PAUSE
        self._not_before[entry.key] = self._now() + wait
        return wait

    def _rest(self, key: str, error: Temporary) -> float:
        """Answer how long to leave a file alone; a `Retry-After` is for all of them."""
        if error.retry_after:
            self._closed = self._now() + error.retry_after
            return error.retry_after
        count = self._failures.get(key, 0)
        self._failures[key] = count + 1
        return float(min(LONGEST_PAUSE, PAUSE * 2**count))

    async def _attach(self, entry: Shown) -> float:
        """Bring one file further; answer the seconds until the next look, or 0."""
        run = await self._runs.get(entry.run)
        if run is None:
            raise Permanent("its run is gone", code="run_gone")
        told = await self._ledger.get(message_above(entry))
        if told is None or not (told.ts or told.state is State.FAILED):
            return 0.0  # whoever shows it wakes us
        card = await self._ledger.get(f"{entry.run}/card")
        below = card.ts if card is not None else ""
        entry = replace(entry, channel=await self._gateway.channel_id(entry.channel))
        if entry.state is State.POSTING:
            if await self._is_there(entry, below):
                return 0.0
            age = self._now() - entry.posted_at
            if age < self._patience:
                return min(max(age, FIRST_LOOK), LATEST_LOOK)
            if entry.tries >= MOST_SHARES:
                raise Permanent("It was accepted and does not appear.", code="never_shown")
            log.info("%s was accepted and does not appear: it is shared anew", entry.key)
        return await self._share(entry, run, below)

    async def _is_there(self, entry: Shown, below: str) -> bool:
        """Look for a file that was handed over; remember where it is."""
        try:
            found = await self._gateway.find_file(
                entry.channel, entry.file, since=entry.posted_at, thread=below
            )
        except Permanent as error:
            # It was accepted, and nobody will let us see what became of it: nothing is said of it.
            log.warning("%s cannot be looked for in %s: %s", entry.key, entry.channel, error)
            found = ""
        if found is None:
            return False
        await self._ledger.update(replace(entry, state=State.SHOWN, ts=found, error=""))
        self._changed()
        return True

    async def _share(self, entry: Shown, run: Run, below: str) -> float:
        """Hand a file over: what nobody sees first, then, noted before it begins, what everybody does."""
        wait = self._budget.wait_to_post(entry.channel, self._now())
        if wait > 0:
            return wait
        events = await self._runs.events(run.id)
        made = thread.attachment(run, events[entry.number - 1].event)
        file = await self._gateway.upload(made.name, made.text)
        tried = replace(
            entry,
            state=State.POSTING,
            file=file,
            posted_at=self._now(),
            tries=entry.tries + 1,
        )
        await self._ledger.update(tried)
        self._budget.posted(entry.channel, self._now())
        try:
            await self._gateway.share(entry.channel, file, made.title, thread=below)
        except Unknown as error:
            log.info("whether %s appears has to be seen: %s", entry.key, error)
        except Temporary:
            await self._ledger.update(replace(tried, state=State.WAITING, tries=entry.tries))
            raise
        return FIRST_LOOK

    async def _refused(self, entry: Shown, error: Permanent) -> None:
        log.warning("%s cannot be attached in %s: %s", entry.key, entry.channel, error)
        await self._ledger.update(replace(entry, state=State.FAILED, error=str(error)))
        told = await self._ledger.get(message_above(entry))
        if told is not None:
            await self._ledger.announce(0, [told])  # it says something else now
        self._changed()

    def _now(self) -> float:
        return self._clock.now().timestamp()


class Places:
    """Keeps the places below messages free for their files, each for a moment."""

    def __init__(self, kept: float = PLACE_KEPT) -> None:
        """`kept` is how long each, in seconds from when its message stands there."""
        self._kept = kept
        self._since: dict[str, float] = {}

    def held(self, pending: Sequence[Shown], now: float) -> dict[str, float]:
        """Answer the seconds that messages have to wait for a file before them, by their keys.

        `pending` is in the order in which everything is to stand.
        """
        keys = {each.key for each in pending}
        self._since = {key: since for key, since in self._since.items() if key in keys}
        before: dict[RunId, float] = {}
        held: dict[str, float] = {}
        for each in pending:
            if each.kind is Kind.FILE:
                told = message_above(each) not in keys
                since = self._since.setdefault(each.key, now) if told else now
                left = since + self._kept - now
                before[each.run] = max(before.get(each.run, 0.0), left)
            elif each.kind in WAIT_FOR_FILES and not each.ts and before.get(each.run, 0.0) > 0:
                held[each.key] = before[each.run]
        return held


def message_above(file: Shown) -> str:
    """Answer the key of the message that a file stands below."""
    return f"{file.run}/event/{file.number}"
