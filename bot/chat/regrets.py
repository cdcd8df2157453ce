"""Tells whoever asked for a run, or set a lock, that its channel cannot be written to: once for a reason, directly."""

import logging
from collections.abc import Callable

from bot.catalog.model import Catalog
from bot.chat.gateway import Gateway
from bot.chat.language import _, speaking
from bot.chat.message import Message
from bot.chat.ports import Kind, Ledger, Shown, State
from bot.chat.presenters import replies
from bot.chat.readers import Readers
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
        readers: Readers,
    ) -> None:
        self._readers = readers
        self._gateway = gateway
        self._ledger = ledger
        self._catalog = catalog

    async def tell(self, entry: Shown, run: Run, error: Permanent) -> None:
        """Tell the requester, unless that was done. Raises Temporary when it has to be tried again."""
        code = error.code or str(error)
        if entry.kind not in MATTERS or entry.error == code or await self._told(run, code):
            return
        name = run.plan.environment.slack_channel
        where = f"#{name}" if name else entry.channel
        with speaking(await self._readers.of_person(run.origin.person)):
            said = replies.undeliverable(run.name, where, code, _("The run goes on."))
        await self._tell(run.origin.person, said)

    async def tell_holder(self, entry: Shown, error: Permanent) -> None:
        """Tell whoever changed a lock. Raises Temporary when it has to be tried again."""
        found = await self._ledger.lock_change(entry.number)
        if found is None:
            return
        code = error.code or str(error)
        with speaking(await self._readers.of_person(found.change.by)):
            about = _("the lock of {place}", place=found.change.lock.place)
            said = replies.undeliverable(about, entry.channel, code, _("It holds all the same."))
        await self._tell(found.change.by, said)

    async def _tell(self, name: str, said: Message) -> None:
        people = dict(self._catalog().people)
        person = people.get(name)
        user = await self._gateway.identity_of(person) if person else ""
        if not user:
            return
        try:
            await self._gateway.direct(user, said, people)
        except Permanent as failure:
            log.warning("%s could not be told: %s", name, failure)

    async def _told(self, run: Run, code: str) -> bool:
        return any(
            each.kind in MATTERS and each.state is State.FAILED and each.error == code
            for each in await self._ledger.of_run(run.id)
        )
