"""Tells whoever asked for a run that its channel cannot be written to: once for a reason, by direct message."""

import logging
from collections.abc import Callable

from bot.catalog.model import Catalog
from bot.chat.gateway import Gateway
from bot.chat.ports import Kind, Ledger, Shown, State
from bot.chat.presenters import replies
from bot.errors import Permanent
from bot.run.model import Run

log = logging.getLogger(__name__)

MATTERS = frozenset({Kind.CARD, Kind.APPROVAL})
"""What somebody waits for."""


class Regrets:
    """The one who brings the news."""

    def __init__(self, *, gateway: Gateway, ledger: Ledger, catalog: Callable[[], Catalog]) -> None:
        self._gateway = gateway
        self._ledger = ledger
        self._catalog = catalog

    async def tell(self, entry: Shown, run: Run, error: Permanent) -> None:
        """Tell the requester, unless that was done. Raises Temporary when it has to be tried again."""
        code = error.code or str(error)
        if entry.kind not in MATTERS or entry.error == code or await self._told(run, code):
            return
        people = dict(self._catalog().people)
        person = people.get(run.origin.person)
        user = await self._gateway.identity_of(person) if person else ""
        if not user:
            return
        try:
            await self._gateway.direct(
                user, replies.undeliverable(run, entry.channel, code), people
            )
        except Permanent as failure:
            log.warning("%s could not be told: %s", run.origin.person, failure)

    async def _told(self, run: Run, code: str) -> bool:
        return any(
            each.kind in MATTERS and each.state is State.FAILED and each.error == code
            for each in await self._ledger.of_run(run.id)
        )
