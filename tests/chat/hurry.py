"""A loop on which time goes by faster: what takes minutes of a chat's limits takes seconds of ours."""

import asyncio
import selectors
from datetime import datetime, timedelta

from typing_extensions import override

from bot.clock import Clock
from tests.builders import NOON

SPEED = 100.0


class _Selector(selectors.DefaultSelector):
    @override
    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        return super().select(timeout / SPEED if timeout else timeout)


class HurriedLoop(asyncio.SelectorEventLoop):
    """Sleeps and timeouts are over sooner by `SPEED`."""

    def __init__(self) -> None:
        super().__init__(_Selector())

    @override
    def time(self) -> float:
        return super().time() * SPEED


class HurriedClock(Clock):
    """The time of day on such a loop."""

    @override
    def now(self) -> datetime:
        return NOON + timedelta(seconds=asyncio.get_running_loop().time())
