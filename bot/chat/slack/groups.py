"""Roles by user groups of Slack: who is in the groups that workflows/ names, known anew within seconds of a change.

One call tells of all groups (docs.slack.dev, usergroups.list with include_users, 20 a minute), and is made when a
request needs it: no more often than once a minute, at once after Slack has said that a group changed. Nobody has a
role by a group of which nothing is known. Where no file names a group, Slack is never asked.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

from slack_sdk.web.async_client import AsyncWebClient

from bot.catalog.membership import with_members
from bot.catalog.model import Catalog
from bot.chat.slack.gateway import translating
from bot.errors import Permanent, Temporary
from bot.policy.people import identify

log = logging.getLogger(__name__)

FRESH = 60.0
"""Seconds for which an answer is taken as it is."""
GOOD = 600.0
"""Seconds for which it is still used while Slack gives no other."""

Members = Mapping[str, frozenset[str]]
"""The names of people by the role that they have by a group."""


class SlackGroups:
    """The catalog in force, with the roles that people have by user groups."""

    def __init__(
        self,
        client: AsyncWebClient,
        catalog: Callable[[], Catalog],
        email_of: Callable[[str], Awaitable[str]],
    ) -> None:
        """`email_of` answers the verified address of a Slack user, or nothing."""
        self._client = client
        self._catalog = catalog
        self._email_of = email_of
        self._members: Members = {}
        self._known_at = float("-inf")
        self._known_for: Catalog | None = None
        self._changed = False
        self._one = asyncio.Lock()
        self._made: tuple[Catalog, Members, Catalog] | None = None

    def __call__(self) -> Catalog:
        """Answer the catalog by what is known of the groups."""
        base = self._catalog()
        if not base.slack_groups:
            return base
        if self._made is None or self._made[0] is not base or self._made[1] is not self._members:
            self._made = (base, self._members, with_members(base, self._members))
        return self._made[2]

    def forget(self) -> None:
        """Take nothing of what is known for granted: a group has changed."""
        self._changed = True

    async def refresh(self) -> None:
        """Ask Slack who is in the groups, if that may be another than is known.

        Raises Temporary when it does not say, and what is known is too old to decide by.
        """
        async with self._one:
            base = self._catalog()
            age = asyncio.get_running_loop().time() - self._known_at
            current = age < FRESH and base is self._known_for and not self._changed
            if current or not base.slack_groups:
                return
            changed, self._changed = self._changed, False
            try:
                await self._load(base)
            except Temporary:
                self._changed = self._changed or changed
                if self._changed or age > GOOD:
                    raise
                log.warning("Slack does not say who is in its groups; what was known is used")

    async def _load(self, base: Catalog) -> None:
        try:
            self._members = await self._ask(base)
        except Permanent as error:
            # No scope, or a plan without groups: nobody has a role by them until that is mended.
            log.warning("roles by Slack's user groups cannot be known: %s", error)
            self._members = {}
        self._known_at, self._known_for = asyncio.get_running_loop().time(), base

    async def _ask(self, base: Catalog) -> Members:
        with translating():
            answer = await self._client.usergroups_list(include_users=True)
        users = {str(each["handle"]): each.get("users", []) for each in answer["usergroups"]}
        found: dict[str, frozenset[str]] = {}
        for role, handle in base.slack_groups.items():
            if handle not in users:
                log.warning("there is no user group @%s in Slack for the role %s", handle, role)
            names = [await self._name(base, user) for user in users.get(handle, [])]
            found[role] = frozenset(each for each in names if each)
        return found

    async def _name(self, base: Catalog, user: str) -> str:
        """Answer who of the catalog a Slack user is; empty for nobody."""
        email = await self._email_of(user)
        person = identify(base, chat="slack", identity=user, email=email)
        return person.name if person else ""
