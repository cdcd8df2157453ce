"""Tells whoever asked for a run, or set a lock, that its channel cannot be written to: once for a reason, directly."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.catalog.model import Catalog
from bot.chat.gateway import Gateway
from bot.chat.language import _, speaking
from bot.chat.message import Message
from bot.chat.places import SLACK
from bot.chat.ports import Kind, Ledger, Shown, State
from bot.chat.presenters import elsewhere, replies
from bot.chat.readers import Readers
from bot.errors import Permanent
from bot.run.model import Run

log = logging.getLogger(__name__)

MATTERS = frozenset({Kind.CARD, Kind.APPROVAL})
"""What somebody waits for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """A chat in which somebody may be told, and what is spoken there."""

    gateway: Gateway
    readers: Readers


class Regrets:
    """The one who brings the news of one chat."""

    def __init__(
        self, *, reach: Sequence[Reach], ledger: Ledger, catalog: Callable[[], Catalog]
    ) -> None:
        """It is about the channels of the first chat in `reach`; who is not there is told in one of the others."""
        self._reach = reach
        self._chat = reach[0].gateway.name
        self._ledger = ledger
        self._catalog = catalog

    async def tell(self, entry: Shown, run: Run | None, error: Permanent) -> None:
        """Tell whoever waits for a message of a run, or for that of a lock, unless that was done.

        Raises Temporary when it has to be tried again.
        """
        code = error.code or str(error)
        if run is None:
            await self._tell_holder(entry, code)
        elif entry.kind in MATTERS and entry.error != code and not await self._told(run, code):
            name = run.plan.environment.slack_channel
            where = f"#{name}" if name else entry.channel
            await self._tell(
                run.origin.person,
                lambda: self._said(run.name, where, code, _("The run goes on.")),
            )

    async def _tell_holder(self, entry: Shown, code: str) -> None:
        """Tell whoever changed a lock."""
        found = await self._ledger.lock_change(entry.number)
        if found is None:
            return
        place = found.change.lock.place
        await self._tell(
            found.change.by,
            lambda: self._said(
                _("the lock of {place}", place=place),
                entry.channel,
                code,
                _("It holds all the same."),
            ),
        )

    def _said(self, about: str, where: str, code: str, meanwhile: str) -> Message:
        if self._chat == SLACK:
            return replies.undeliverable(about, where, code, meanwhile)
        return elsewhere.undeliverable(about, code, meanwhile)

    async def _tell(self, name: str, say: Callable[[], Message]) -> None:
        people = dict(self._catalog().people)
        person = people.get(name)
        if person is None:
            return
        for each in self._reach:
            user = await each.gateway.identity_of(person)
            if not user:
                continue
            with speaking(await each.readers.of_person(name)):
                said = say()
            try:
                await each.gateway.direct(user, said, people)
            except Permanent as failure:
                log.warning("%s could not be told in %s: %s", name, each.gateway.name, failure)
            else:
                return

    async def _told(self, run: Run, code: str) -> bool:
        return any(
            (each.kind in MATTERS and each.state is State.FAILED)
            and (each.error, each.chat) == (code, self._chat)
            for each in await self._ledger.of_run(run.id)
        )
