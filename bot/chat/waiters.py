"""Those who wait until a message stands in its chat, or learn that it never will."""

import asyncio


class Waiters:
    """The waiters of one chat, by the key of the message."""

    def __init__(self) -> None:
        self._futures: dict[str, asyncio.Future[None]] = {}

    def expected(self, key: str) -> asyncio.Future[None]:
        """Answer what is done when the message stands there; whoever gives up waiting takes nothing from the others."""
        future = self._futures.setdefault(key, asyncio.get_running_loop().create_future())
        return asyncio.shield(future)

    def stands(self, key: str) -> None:
        """Say that the message stands there."""
        future = self._futures.pop(key, None)
        if future is not None and not future.done():
            future.set_result(None)

    def refused(self, key: str, error: Exception) -> None:
        """Say that it never will."""
        future = self._futures.pop(key, None)
        if future is not None and not future.done():
            future.set_exception(error)
