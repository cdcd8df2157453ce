"""Tells whoever asked for a run, or set a lock, that its channel cannot be written to: once for a reason, directly."""

import logging
from collections.abc import Callable, Sequence

from bot.catalog.model import Catalog
from bot.chat.gateway import Gateway
from bot.chat.message import Message
from bot.chat.places import SLACK
from bot.chat.ports import Kind, Ledger, Shown, State
from bot.chat.presenters import elsewhere, replies
from bot.errors import Permanent
from bot.run.model import Run

log = logging.getLogger(__name__)

MATTERS = frozenset({Kind.CARD, Kind.APPROVAL})
"""What somebody waits for."""


class Regrets:
    """The one who brings the news."""

    def __init__(
        self,
        *,
        gateway: Gateway,
        ledger: Ledger,
        catalog: Callable[[], Catalog],
        others: Sequence[Gateway] = (),
    ) -> None:
        """`gateway` is of the chat whose channels it is about; who is not there is told in one of the `others`."""
        self._gateways = (gateway, *others)
        self._chat = gateway.name
        self._ledger = ledger
        self._catalog = catalog

    async def tell(self, entry: Shown, run: Run, error: Permanent) -> None:
        """Tell the requester, unless that was done. Raises Temporary when it has to be tried again."""
        code = error.code or str(error)
        if entry.kind not in MATTERS or entry.error == code or await self._told(run, code):
            return
        name = run.plan.environment.slack_channel
        where = f"#{name}" if name else entry.channel
        said = self._said(run.name, where, code, "The run goes on.")
        await self._tell(run.origin.person, said)

    async def tell_holder(self, entry: Shown, error: Permanent) -> None:
        """Tell whoever changed a lock. Raises Temporary when it has to be tried again."""
        found = await self._ledger.lock_change(entry.number)
        if found is None:
            return
        about, code = f"the lock of {found.change.lock.place}", error.code or str(error)
        said = self._said(about, entry.channel, code, "It holds all the same.")
        await self._tell(found.change.by, said)

    def _said(self, about: str, where: str, code: str, meanwhile: str) -> Message:
        if self._chat == SLACK:
            return replies.undeliverable(about, where, code, meanwhile)
        return elsewhere.undeliverable(about, code, meanwhile)

    async def _tell(self, name: str, said: Message) -> None:
        people = dict(self._catalog().people)
        person = people.get(name)
        if person is None:
            return
        for each in self._gateways:
            user = await each.identity_of(person)
            if not user:
                continue
            try:
                await each.direct(user, said, people)
            except Permanent as failure:
                log.warning("%s could not be told in %s: %s", name, each.name, failure)
            else:
                return

    async def _told(self, run: Run, code: str) -> bool:
        return any(
            (each.kind in MATTERS and each.state is State.FAILED)
            and (each.error, each.chat) == (code, self._chat)
            for each in await self._ledger.of_run(run.id)
        )
