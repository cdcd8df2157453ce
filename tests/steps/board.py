"""A chat for notices, and a clock that is set by hand."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

from typing_extensions import override

from bot.clock import Clock
from bot.run.model import Run
from bot.steps.contract import Notices
from tests.builders import NOON


class Board(Notices):
    """A chat that takes everything but what it was told to refuse, and a memory."""

    def __init__(self) -> None:
        self.said: list[tuple[str, str, str]] = []
        self.kept: set[str] = set()
        self.lost: dict[str, str] = {}
        self.refuses: dict[str, Exception] = {}
        self.together = asyncio.Event()

    @override
    async def post(self, run: Run, key: str, text: str, *, channel: str = "") -> None:
        if channel in self.refuses:
            raise self.refuses[channel]
        if key not in self.kept:
            self.kept.add(key)
            self.said.append((key, channel, text))

    @override
    async def became(self, run: Run, key: str) -> str | None:
        return self.lost.get(key, "" if key in self.kept else None)

    @override
    async def remember(self, run: Run, key: str, refused: str = "") -> None:
        if refused:
            self.lost[key] = refused
        else:
            self.kept.add(key)


@dataclass
class Hands(Clock):
    """A clock that is set by hand."""

    time: datetime = NOON

    @override
    def now(self) -> datetime:
        return self.time

    def forward(self, seconds: float) -> None:
        """Let time pass."""
        self.time += timedelta(seconds=seconds)
