"""What happens in a run, as it happens: server-sent events, from the first or from the one after the last that was seen."""

import asyncio
import json
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

from pydantic import TypeAdapter

from bot.errors import ShipmateError
from bot.events import Event, Recorded, RunId
from bot.run.model import Run
from bot.run.ports import Runs
from bot.run.timing import restart_at

log = logging.getLogger(__name__)

QUIET: Final = 10.0
"""Seconds after which it looks by itself, for what another process has done, and says that it is there."""
GATHERED: Final = 0.2
"""Seconds between two words to the other replicas."""
EVENT: TypeAdapter[Event] = TypeAdapter(Event)


class Following:
    """Wakes those who follow a run: an observer of the engine."""

    def __init__(self, runs: Runs, tell: Callable[[], Awaitable[None]] | None = None) -> None:
        """`tell` wakes those who follow at other replicas, where there are any."""
        self._runs = runs
        self._tell = tell
        self._news = False
        self._telling: asyncio.Task[None] | None = None
        self._waiting: dict[RunId, set[asyncio.Event]] = defaultdict(set)
        self._closed = False

    def close(self) -> None:
        """Let everyone go who follows: the process ends, and they come again."""
        self._closed = True
        if self._telling is not None:
            self._telling.cancel()
        self.look()

    def look(self) -> None:
        """Take notice that something may have happened in any run."""
        for waiting in self._waiting.values():
            for each in waiting:
                each.set()

    def changed(self, run: Run, *, announced: bool) -> None:
        """Take notice that a run was stored."""
        if not announced:
            return
        for each in self._waiting.get(run.id, ()):
            each.set()
        if self._tell is None or self._closed:
            return
        self._news = True
        if self._telling is None or self._telling.done():
            self._telling = asyncio.create_task(self._told(self._tell), name="news of runs")

    async def _told(self, tell: Callable[[], Awaitable[None]]) -> None:
        """Tell the other replicas once of all that happens within a moment."""
        while self._news:
            await asyncio.sleep(GATHERED)
            self._news = False
            try:
                await tell()
            except ShipmateError as error:
                log.debug("those who follow a run elsewhere look by themselves: %s", error)

    async def follow(self, run_id: RunId, after: int) -> AsyncIterator[str]:
        """Yield the events of a run with a higher number, in the form of server-sent events, to its end."""
        woken = asyncio.Event()
        self._waiting[run_id].add(woken)
        try:
            while True:
                woken.clear()
                run = await self._runs.get(run_id)
                for each in await self._runs.events(run_id):
                    if each.number > after:
                        after = each.number
                        yield written(each)
                if self._closed or run is None or (_is_over(run) and after >= run.events):
                    return
                try:
                    await asyncio.wait_for(woken.wait(), QUIET)
                except TimeoutError:
                    yield ": still here\n\n"
        except ShipmateError:
            return  # whoever follows comes again, with the last number that it has seen
        finally:
            self._waiting[run_id].discard(woken)
            if not self._waiting[run_id]:
                del self._waiting[run_id]


def _is_over(run: Run) -> bool:
    """Say whether nothing more happens in a run by itself."""
    return run.phase.ended and restart_at(run) is None


def written(recorded: Recorded) -> str:
    """Write an event: its number, its kind, and what it says."""
    said = EVENT.dump_python(recorded.event, mode="json")
    return f"id: {recorded.number}\nevent: {recorded.event.kind}\ndata: {json.dumps(said)}\n\n"
