"""Takes requests in and answers them: stored before they are acknowledged, carried out once, also after a crash.

What is answered privately cannot be looked for in a chat: when the process dies between the answer and its
mark in the store, the answer is given again rather than lost. What was asked for is still done once.
The same for every chat and for everything that can be typed, pressed or filled in. One of the few places that
catch everything: whoever asks gets an answer, with a reference that the log has, too.
"""

import logging
import secrets
from collections.abc import Callable
from dataclasses import replace

from bot.catalog.model import Catalog
from bot.chat.completion import completed, known_values
from bot.chat.corrections import corrected
from bot.chat.gateway import Gateway, Way
from bot.chat.message import Form, Message
from bot.chat.ports import Inbox, Received
from bot.chat.presenters import forms, home, replies
from bot.command.grammar import parse, unparse
from bot.command.requests import Asker, Misunderstood, Reject, RunName, Status, WhoAmI
from bot.command.router import Router
from bot.errors import Permanent, Temporary
from bot.operations.results import Audited, ReasonAsked, Result, Started

log = logging.getLogger(__name__)

CANCEL = "cancel"
"""What the Cancel button of a private message says: no request, only an end of the question."""


class Reception:
    """The front desk of one chat."""

    def __init__(
        self, *, gateway: Gateway, inbox: Inbox, router: Router, catalog: Callable[[], Catalog]
    ) -> None:
        self._gateway = gateway
        self._inbox = inbox
        self._router = router
        self._catalog = catalog

    async def receive(self, received: Received) -> bool:
        """Store a request, to be called before it is acknowledged; False: it was there already."""
        return await self._inbox.receive(received)

    async def answer(self, received: Received, way: Way) -> None:
        """Do what is asked and say so. Never raises."""
        try:
            audited = await self._answer(received, way)
        except Temporary as error:
            log.warning("a request could not be answered now: %s", error)
            await self._say(received.asker, replies.later(str(error)), way)
            audited = None
        except Exception:  # the named boundary, as the module says
            reference = secrets.token_hex(4)
            log.exception("a request broke, reference %s", reference)
            await self._say(received.asker, replies.broken(reference), way)
            audited = None
        try:
            await self._inbox.done(received.asker.request, audited)
        except Temporary as error:
            # It is answered again after a restart, and recognised there by its id.
            log.warning("a request could not be marked as answered: %s", error)

    async def replay(self) -> int:
        """Answer what a dead process had taken in; say how many requests there were."""
        left = await self._inbox.unanswered()
        for received in left:
            await self.answer(received, Way())
        return len(left)

    async def show_home(self, asker: Asker) -> None:
        """Show the app's home to whoever opened it."""
        catalog = self._catalog()
        try:
            asker = await self._known(asker)
            identity, _ = await self._router.answer(asker, WhoAmI())
            status, _ = await self._router.answer(asker, Status())
            shown = home.home(identity, status, catalog)
            await self._gateway.show_home(asker.identity, shown, dict(catalog.people))
        except (Temporary, Permanent) as error:
            log.warning("the home of %s could not be shown: %s", asker.identity, error)

    def complete(self, form_command: str, values: dict[str, str]) -> str:
        """Answer the command that a filled-in form makes."""
        return completed(form_command, values)

    async def _answer(self, received: Received, way: Way) -> Audited | None:
        if received.text == CANCEL:
            await self._withdraw(way)
            return None
        request = parse(received.text)
        if isinstance(request, Misunderstood):
            await self._ask_back(received, request, way)
            return None
        asker = await self._known(received.asker)
        result, audited = await self._router.answer(asker, request)
        if isinstance(result, ReasonAsked):
            await self._ask_reason(received, result, way)
            return audited
        await self._tell(asker, result, way, corrected(request, result))
        return audited

    async def _tell(self, asker: Asker, result: Result, way: Way, meant: str) -> None:
        said = replies.reply(result, self._catalog(), meant)
        if isinstance(result, Started) and await self._stands_here(result, asker):
            said = replies.beside(result)
        if said is not None:
            await self._say(asker, said, way)
        elif way.replaces:
            await self._withdraw(way)

    async def _stands_here(self, started: Started, asker: Asker) -> bool:
        """Say whether the card of a run appears in the channel where it was asked for."""
        wanted = started.run.plan.environment.slack_channel
        if not wanted:
            return True
        try:
            return await self._gateway.channel_id(wanted) == asker.channel
        except (Temporary, Permanent):
            return False

    async def _ask_back(self, received: Received, problem: Misunderstood, way: Way) -> None:
        """Open a form for what is missing, or say what was not understood."""
        channel = received.asker.channel
        known = known_values(problem)
        form = forms.completion(problem, known, channel, self._catalog())
        if form is not None and await self._opened(form, way):
            return
        await self._say(received.asker, replies.misunderstood(problem), way)

    async def _ask_reason(self, received: Received, asked: ReasonAsked, way: Way) -> None:
        exactly = Reject(run=RunName(id=asked.run.id), step=asked.step, attempt=asked.attempt)
        form = forms.reason(asked, unparse(exactly), received.asker.channel)
        if not await self._opened(form, way):
            await self._say(received.asker, replies.reason_needed(asked.run), way)

    async def _opened(self, form: Form, way: Way) -> bool:
        if not way.trigger:
            return False
        try:
            await self._gateway.open_form(form, way)
        except (Temporary, Permanent) as error:
            log.info("a form could not be opened: %s", error)
            return False
        return True

    async def _say(self, asker: Asker, message: Message, way: Way) -> None:
        try:
            await self._gateway.reply(
                asker.channel, asker.identity, message, dict(self._catalog().people), way
            )
        except (Temporary, Permanent) as error:
            log.warning("an answer did not reach %s: %s", asker.identity, error)

    async def _withdraw(self, way: Way) -> None:
        try:
            await self._gateway.withdraw(way)
        except (Temporary, Permanent) as error:
            log.info("a private message could not be taken away: %s", error)

    async def _known(self, asker: Asker) -> Asker:
        """Answer the asker with what the chat knows of them."""
        profile = await self._gateway.profile_of(asker.identity)
        return replace(asker, email=profile.email, zone=profile.zone)
