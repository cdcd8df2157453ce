"""Waits while a cluster is away, so that an outage of minutes costs a rollout no attempt.

What is done again has to be idempotent. Following what was applied is patient by itself (bot.cluster); this is for what
comes before and after. An outage that lasts ends the step, for a person to look at and to retry.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from bot.cluster.port import Away
from bot.errors import Permanent, Temporary
from bot.steps.progress import Board

LONGEST = 600.0
"""Seconds that a cluster may be away."""
PAUSES = (1.0, 2.0, 5.0)
"""Seconds between two tries; the last one repeats."""
LONGEST_PAUSE = 30.0
"""Seconds, where the server says when to come back."""
T = TypeVar("T")


async def outlasted(act: Callable[[], Awaitable[T]], board: Board, place: str) -> T:
    """Do something in a place, again while its cluster is away, and say so on the card.

    Raises what `act` raises, and Permanent when the cluster stays away.
    """
    try:
        found = await _outlasted(act, board, place)
    except (Temporary, Permanent):
        await board.clear(place)
        raise
    await board.clear(place)
    return found


async def _outlasted(act: Callable[[], Awaitable[T]], board: Board, place: str) -> T:
    loop = asyncio.get_running_loop()
    since, tries = loop.time(), 0
    while True:
        begun = loop.time()
        try:
            return await act()
        except Away as error:
            now = loop.time()
            # A long try alone says nothing: a server that accepts connections and never answers makes it long, too.
            was_there = board.shown_at(place) - begun > LONGEST_PAUSE
            if tries == 0 or was_there:
                since, tries = now, 0
            if now - since >= LONGEST:
                raise Permanent(f"{error}, for {LONGEST / 60:g} min") from error
            await board.say(place, str(error))
            pause = PAUSES[min(tries, len(PAUSES) - 1)]
            await asyncio.sleep(max(pause, min(error.retry_after or 0.0, LONGEST_PAUSE)))
            tries += 1
