"""Waits while a cluster is away, so that an outage of minutes costs a rollout no attempt.

What is done again has to be idempotent. Following what was applied is patient by itself (bot.cluster); this is for what
comes before and after. An outage that lasts ends the step, for a person to look at and to retry.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from bot.cluster.port import Away
from bot.errors import Permanent
from bot.steps.progress import Board

LONGEST = 600.0
"""Seconds that a cluster may be away."""
PAUSES = (1.0, 2.0, 5.0)
"""Seconds between two tries; the last one repeats."""
LONGEST_PAUSE = 30.0
"""Seconds, where the server says when to come back."""
T = TypeVar("T")


async def outlasted(act: Callable[[], Awaitable[T]], board: Board) -> T:
    """Do something, again while the cluster is away, and say so on the card.

    Raises what `act` raises, and Permanent when the cluster stays away.
    """
    loop = asyncio.get_running_loop()
    since, tries = loop.time(), 0
    while True:
        begun = loop.time()
        try:
            return await act()
        except Away as error:
            now = loop.time()
            if tries == 0 or now - begun > LONGEST_PAUSE:  # it was there meanwhile
                since, tries = now, 0
            if now - since >= LONGEST:
                raise Permanent(f"{error}, for {LONGEST / 60:g} min") from error
            await board.say(str(error))
            pause = PAUSES[min(tries, len(PAUSES) - 1)]
            await asyncio.sleep(max(pause, min(error.retry_after or 0.0, LONGEST_PAUSE)))
            tries += 1
