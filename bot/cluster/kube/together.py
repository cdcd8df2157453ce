"""Several requests side by side, but not all at once."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

WIDTH = 8
"""So many requests are under way at a time."""

T = TypeVar("T")


async def together(calls: Sequence[Callable[[], Awaitable[T]]]) -> list[T]:
    """Make all calls and answer what they do, in their order.

    Raises what the first that fails raises; the others are given up.
    """
    turns = asyncio.Semaphore(WIDTH)

    async def in_turn(call: Callable[[], Awaitable[T]]) -> T:
        async with turns:
            return await call()

    tasks = [asyncio.create_task(in_turn(each)) for each in calls]
    try:
        return list(await asyncio.gather(*tasks))
    finally:
        for each in tasks:
            each.cancel()
