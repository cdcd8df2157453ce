"""What the connections of all chats have in common that we open and keep: how long they rest, and their tasks."""

import asyncio
import random
from collections.abc import Collection, Coroutine
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Resting:
    """How long it takes before another try, in seconds."""

    steady: float = 10.0
    """A connection that has lasted so long counts as a success."""
    first: float = 0.5
    most: float = 30.0
    """The longest pause between two tries; the first one is `first`."""
    farewell: float = 3.0
    """For what is being answered when the process is to end: a chat waits no longer."""

    def pause(self, tries: int) -> float:
        """Answer how long to rest after so many tries: longer each time, and never as long as the others do."""
        longest = min(self.most, self.first * float(2 ** min(tries, 10)))
        return longest * random.uniform(0.5, 1.0)  # noqa: S311 - no secret


def remember(tasks: set[asyncio.Task[None]], work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    """Do something beside, and know of it until it is done."""
    task = asyncio.create_task(work)
    tasks.add(task)
    task.add_done_callback(tasks.discard)
    return task


async def end(tasks: Collection[asyncio.Task[None]]) -> None:
    """End tasks, whatever they do."""
    found = tuple(tasks)
    for each in found:
        each.cancel()
    await asyncio.gather(*found, return_exceptions=True)
