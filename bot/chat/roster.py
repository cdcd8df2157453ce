"""The catalog in force with everyone who has a role by a user group of the chat: asked for, kept a minute, asked again.

What the chat said last stays in force while it is away. Until it has said anything, nobody has a role by a group.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress

from bot.catalog.model import Catalog
from bot.chat.gateway import Gateway
from bot.errors import Permanent, Temporary
from bot.policy.membership import Directory, with_members

log = logging.getLogger(__name__)

KEPT = 60.0
"""Seconds after which the members of groups are asked for again; changes are told by events before."""


class Roster:
    """Answers the catalog with its members."""

    def __init__(
        self, catalog: Callable[[], Catalog], gateway: Gateway, *, kept: float = KEPT
    ) -> None:
        self._catalog = catalog
        self._gateway = gateway
        self._kept = kept
        self._base: Catalog | None = None
        self._merged: Catalog | None = None
        self._directory = Directory()
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def __call__(self) -> Catalog:
        """Answer the catalog in force."""
        base = self._catalog()
        if not base.members:
            return base
        if self._merged is None or base is not self._base:
            self._base, self._merged = base, with_members(base, self._directory)
            self._woken.set()  # its files may name other groups
        return self._merged

    def start(self) -> None:
        """Begin to ask."""
        self._task = asyncio.create_task(self._loop(), name="roster")

    async def stop(self) -> None:
        """End."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def invalidate(self) -> None:
        """Take notice that a group has changed."""
        self._woken.set()

    async def refresh(self) -> None:
        """Ask who is in the groups that the files name. Raises Temporary and Permanent; nothing has changed then."""
        members = self._catalog().members.values()
        groups = tuple(dict.fromkeys(name for each in members for name in each.groups))
        found = await self._gateway.group_members(groups) if groups else {}
        ids = {user for each in members for user in each.users}
        ids |= {user for users in found.values() for user in users}
        emails = {each: await self._gateway.email_of(each) for each in sorted(ids)}
        directory = Directory(groups=found, emails=emails)
        if directory != self._directory:
            self._directory, self._merged = directory, None

    async def _loop(self) -> None:
        while True:
            self._woken.clear()
            try:
                await self.refresh()
            except (Temporary, Permanent) as error:
                log.warning("the members of user groups are not known anew: %s", error)
            with suppress(TimeoutError):
                async with asyncio.timeout(self._kept):
                    await self._woken.wait()
