"""The catalog in force with everyone who has a role by a user group of the chat, known anew within seconds of a change.

The chat is asked when a request needs it, no more often than once a minute, and at once after it has said that a group
changed. Nobody has a role by a group of which nothing is known. Where no file names a member, the chat is never asked.
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
"""Seconds for which an answer is taken as it is."""
GOOD = 600.0
"""Seconds for which it is still used while the chat gives no other."""


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
        self._known_at = float("-inf")
        self._known_for: Catalog | None = None
        self._changed = False
        self._one = asyncio.Lock()
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
        """Begin to ask also when nobody requests anything, for those who are being waited for."""
        self._task = asyncio.create_task(self._loop(), name="roster")

    async def stop(self) -> None:
        """End."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def forget(self) -> None:
        """Take nothing of what is known for granted: a group has changed."""
        self._changed = True
        self._woken.set()

    async def refresh(self) -> None:
        """Ask who is in the groups that the files name, if that may be another than is known.

        Raises Temporary when the chat does not say, and what is known is too old to decide by.
        """
        async with self._one:
            base = self._catalog()
            age = asyncio.get_running_loop().time() - self._known_at
            current = age < self._kept and base is self._known_for and not self._changed
            if current or not base.members:
                return
            changed, self._changed = self._changed, False
            try:
                await self._load(base)
            except Temporary as error:
                self._changed = self._changed or changed
                if self._changed or age > GOOD:
                    raise
                log.warning("the members of user groups are not known anew: %s", error)

    async def _load(self, base: Catalog) -> None:
        try:
            directory = await self._ask(base)
        except Permanent as error:
            # No scope, or a plan without groups: nobody has a role by them until that is mended.
            log.warning("the members of user groups cannot be known: %s", error)
            directory = Directory()
        if directory != self._directory:
            self._directory, self._merged = directory, None
        self._known_at, self._known_for = asyncio.get_running_loop().time(), base

    async def _ask(self, base: Catalog) -> Directory:
        members = base.members.values()
        groups = tuple(dict.fromkeys(name for each in members for name in each.groups))
        found = await self._gateway.group_members(groups) if groups else {}
        ids = {user for each in members for user in each.users}
        ids |= {user for users in found.values() for user in users}
        emails = {each: (await self._gateway.profile_of(each)).email for each in sorted(ids)}
        return Directory(groups=found, emails=emails)

    async def _loop(self) -> None:
        while True:
            self._woken.clear()
            try:
                await self.refresh()
            except Temporary as error:
                log.warning("the members of user groups are asked for again: %s", error)
            with suppress(TimeoutError):
                async with asyncio.timeout(self._kept):
                    await self._woken.wait()
