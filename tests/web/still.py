"""A clock that stands still until it is told otherwise."""

from datetime import datetime, timedelta

from typing_extensions import override

from bot.clock import Clock


class Still(Clock):
    """It goes on by hand."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    @override
    def now(self) -> datetime:
        return self._now

    def passes(self, time: timedelta) -> None:
        """Let some time pass."""
        self._now += time
