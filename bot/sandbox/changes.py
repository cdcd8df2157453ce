"""Tells the page that something has changed: hints to look again, gathered so that a burst is one hint."""

import asyncio
import json
from collections.abc import AsyncIterator

GATHER = 0.05
"""Seconds in which hints of one kind become one."""

ALIVE = 15.0

Hint = tuple[str, str]


class Changes:
    """Who listens, and what each has not been told yet."""

    def __init__(self) -> None:
        self._listeners: set[asyncio.Queue[Hint]] = set()

    def tell(self, kind: str, channel: str = "") -> None:
        """Say that something of a kind (`slack`, `clusters`, `mail`, `webhooks`, `state`) has changed."""
        for each in self._listeners:
            each.put_nowait((kind, channel))

    async def stream(self) -> AsyncIterator[str]:
        """Yield server-sent events until the listener goes."""
        queue: asyncio.Queue[Hint] = asyncio.Queue()
        self._listeners.add(queue)
        try:
            yield ": connected\n\n"
            while True:
                try:
                    hints = {await asyncio.wait_for(queue.get(), ALIVE)}
                except TimeoutError:
                    yield ": alive\n\n"
                    continue
                await asyncio.sleep(GATHER)
                while not queue.empty():
                    hints.add(queue.get_nowait())
                for kind, channel in sorted(hints):
                    said = {"kind": kind, "channel": channel} if channel else {"kind": kind}
                    yield f"data: {json.dumps(said)}\n\n"
        finally:
            self._listeners.discard(queue)
