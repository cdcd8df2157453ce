"""Wakes runs by the clock: APScheduler behind the engine's `Alarms`.

The store is what remembers when a run wants to be woken; jobs live in memory and are set again from there
when the process starts, so that there is one truth and nothing fires twice.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime

from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.events import RunId

Wake = Callable[[RunId], Awaitable[None]]


class ClockAlarms:
    """One pending job a run at most."""

    def __init__(self) -> None:
        self._scheduler = AsyncIOScheduler(
            timezone=UTC,
            # An alarm that is late (a process that slept) is still wanted, once; one that comes while the last
            # still rings (waiting for the store) must not be left out, which one instance a job would mean.
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1000},
        )
        self._wake: Wake | None = None

    def start(self, wake: Wake) -> None:
        """Begin to call `wake(run)` when a moment has come. Needs a running event loop."""
        self._wake = wake
        self._scheduler.start()

    def stop(self) -> None:
        """Call nobody any more."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def set(self, run: RunId, at: datetime | None) -> None:
        """Wake `run` at `at`, in place of any earlier wish; None: not at all."""
        if at is not None:
            self._scheduler.add_job(
                self._ring, "date", run_date=at, args=[run], id=run, replace_existing=True
            )
            return
        try:
            self._scheduler.remove_job(run)
        except JobLookupError:
            return

    async def _ring(self, run: RunId) -> None:
        if self._wake is not None:
            with suppress(asyncio.CancelledError):  # nobody is called any more, which is no error
                await self._wake(run)
