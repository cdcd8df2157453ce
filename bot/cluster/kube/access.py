"""The way into one cluster: its credentials, read anew when they change, are refused or run out.

Requests that are under way keep the connection that they began with.
"""

import asyncio
import logging
from datetime import timedelta
from time import monotonic

from bot.clock import Clock
from bot.cluster.kube.connection import Connection, completed
from bot.cluster.kube.credentials import Named
from bot.errors import Permanent, Temporary

log = logging.getLogger(__name__)

EARLIER = timedelta(seconds=30)
"""So long before they run out credentials are read anew."""
AGAIN = 5.0
"""Seconds between two readings of credentials that are refused."""


class Access:
    """The newest connection to a cluster."""

    def __init__(self, credentials: Named, clock: Clock) -> None:
        self._credentials = credentials
        self._clock = clock
        self._newest: Connection | None = None
        self._changing = asyncio.Lock()
        self._read_at = 0.0
        self._told = ""

    async def connection(self) -> Connection:
        """Answer the connection to use now. Raises Permanent or Temporary when there are no credentials."""
        newest = self._newest
        if newest is not None and not self._is_old(newest):
            return newest
        async with self._changing:
            if self._newest is None:
                self._newest = await self._read()
            elif self._is_old(self._newest) and self._may_read():
                await self._replace(self._newest)
            return self._newest

    async def renewed(self, refused: Connection) -> Connection | None:
        """Answer a connection with other credentials than those that were refused; None: there are no others yet."""
        async with self._changing:
            if self._newest is not refused:
                return self._newest
            if not self._may_read():
                return None
            await self._replace(refused)
            return self._newest if self._newest is not refused else None

    async def close(self) -> None:
        """Close the newest connection."""
        if self._newest is not None:
            await self._newest.close()

    def _is_old(self, connection: Connection) -> bool:
        expires = connection.expires
        ending = expires is not None and self._clock.now() >= expires - EARLIER
        return ending or self._credentials.changed()

    def _may_read(self) -> bool:
        return monotonic() - self._read_at >= AGAIN or self._credentials.changed()

    async def _replace(self, old: Connection) -> None:
        """Make a new connection in place of an old one, unless it would be the same or cannot be made now."""
        try:
            new = await self._read()
        except (Permanent, Temporary) as error:  # a file that is half written; the old ones may do
            if str(error) != self._told:
                self._told = str(error)
                log.warning("kept the old credentials: %s", error)
            return
        if new.login == old.login and new.expires == old.expires:
            await new.close()
            return
        self._newest = new
        await old.retire()

    async def _read(self) -> Connection:
        self._read_at = monotonic()
        with self._credentials.named():
            brought = await completed(await self._credentials.read())
            return Connection(brought.login, brought.expires)
