"""Answers requests: carried out once, also after a crash. They were stored before they were acknowledged (`bot.chat.counter`).

What is answered privately cannot be looked for in a chat: when the process dies between the answer and its
mark in the store, the answer is given again rather than lost. What was asked for is still done once.
The same for every chat and for everything that can be typed, pressed or filled in. One of the few places that
catch everything: whoever asks gets an answer, with a reference that the log has, too.
"""

import asyncio
import itertools
import logging
import secrets
from collections.abc import Callable
from dataclasses import replace

from bot.catalog.model import Catalog
from bot.chat.completion import completed, known_values, mistakes
from bot.chat.corrections import corrected
from bot.chat.gateway import Gateway, Way
from bot.chat.language import speaking
from bot.chat.message import Form, Message
from bot.chat.offering import typed_as
from bot.chat.offers import Offers
from bot.chat.places import SLACK, named_in, run_of
from bot.chat.ports import Groups, Inbox, Ledger, Received
from bot.chat.presenters import elsewhere, forms, panel, questions, replies, surprises
from bot.chat.readers import Readers
from bot.command.grammar import parse, unparse
from bot.command.requests import Asker, Misunderstood, Reject, RunName, Show, Skip
from bot.command.router import Router
from bot.errors import Permanent, TakenOver, Temporary
from bot.events import RunId
from bot.operations.results import Audited, Identity, ReasonAsked, Result, RunShown, Started
from bot.policy.decisions import Action
from bot.policy.people import identify
from bot.run.ports import Runs
from bot.traces import span

log = logging.getLogger(__name__)

LONGEST_PAUSE = 5.0
"""Seconds between two tries to mark a request while the store is away, at the most."""
Answered = Callable[[str, str, float], None]
"""Is told an answer: the chat, what it was an answer to (`command`, `button`), and its seconds."""

CANCEL = "cancel"
"""What the Cancel button of a private message says: no request, only an end of the question."""

SURE = "? "
"""Before the command of a button that asks first, in a chat that cannot ask by itself."""


class Reception:
    """The front desk of one chat."""

    def __init__(
        self,
        *,
        gateway: Gateway,
        inbox: Inbox,
        ledger: Ledger,
        groups: Groups,
        router: Router,
        runs: Runs,
        catalog: Callable[[], Catalog],
        readers: Readers,
        answered: Answered = lambda _chat, _via, _seconds: None,
    ) -> None:
        """`answered` is told how long each answer took, from when the request is handed on."""
        self._answered = answered
        self._readers = readers
        self._gateway = gateway
        self._inbox = inbox
        self._ledger = ledger
        self._groups = groups
        self._router = router
        self._catalog = catalog
        self._runs = runs
        self._offers = Offers(runs, catalog)

    async def answer(self, received: Received, way: Way) -> None:
        """Do what is asked and say so in the asker's language, and mark it as answered, however long the store is away. Never raises."""
        with speaking(await self._readers.of_identity(received.asker.identity)):
            await self._answer_all(received, way)

    async def _answer_all(self, received: Received, way: Way) -> None:
        arrived = asyncio.get_running_loop().time()
        try:
            with span("answer", chat=received.asker.chat, via=received.asker.via):
                audited = await self._answer(received, way)
        except TakenOver as error:
            log.info("a request is left to another replica: %s", error)
            return
        except Temporary as error:
            log.warning("a request could not be answered now: %s", error)
            await self._say(received.asker, replies.later(str(error)), way)
            audited = None
        except Exception:  # the named boundary, as the module says
            reference = secrets.token_hex(4)
            log.exception("a request broke, reference %s", reference)
            await self._say(received.asker, replies.broken(reference), way)
            audited = None
        took = asyncio.get_running_loop().time() - arrived
        self._answered(received.asker.chat, received.asker.via, took)
        await self._mark(received, audited)

    async def _mark(self, received: Received, audited: Audited | None) -> None:
        """Mark a request as answered. Who dies before that leaves it to be answered again, and recognised by its id."""
        for turn in itertools.count(1):
            try:
                await self._inbox.done(received.asker.request, audited)
            except TakenOver:
                return  # whoever leads now answers it again
            except Temporary as error:
                log.warning("a request could not be marked as answered: %s", error)
                await asyncio.sleep(min(LONGEST_PAUSE, float(turn)))
            else:
                return

    async def about(self, asker: Asker, message: str, key: str) -> Received | None:
        """Answer the request to show the run that a message of ours is about: by its key, or where it stands.

        None when it is none of ours. One that is not kept any more still says by its key which run it was about.
        """
        found = await self._ledger.get(key) if key else None
        if found is None:
            found = await self._ledger.at(asker.chat, asker.channel, message)
        run = found.run if found is not None else run_of(key)
        return Received(asker=asker, text=unparse(Show(run=RunName(id=run)))) if run else None

    async def explain(self, asker: Asker, said: Callable[[], Message], way: Way) -> None:
        """Say something privately of what is no request. Never raises."""
        with speaking(await self._readers.of_identity(asker.identity)):
            await self._say(asker, said(), way)

    def complete(self, form_command: str, values: dict[str, str]) -> str:
        """Answer the command that a filled-in form makes."""
        return completed(form_command, values)

    async def mistakes(
        self, asker: Asker, form_command: str, values: dict[str, str]
    ) -> dict[str, str]:
        """Answer what is wrong with a filled-in form, by field: what cannot be read, and names of nothing.

        A store that is away finds nothing wrong: the request is answered as if it had been typed.
        """
        with speaking(await self._readers.of_identity(asker.identity)):
            return await self._mistakes(form_command, values)

    async def _mistakes(self, form_command: str, values: dict[str, str]) -> dict[str, str]:
        wrong = mistakes(form_command, values)
        if wrong:
            return wrong
        request = parse(completed(form_command, values))
        if isinstance(request, Misunderstood):
            return {}
        try:
            found = await self._offers.names_of_nothing(request)
        except (Temporary, Permanent) as error:
            log.info("a form could not be looked through: %s", error)
            return {}
        return {name: said for name, said in found.items() if name in values}

    async def _answer(self, received: Received, way: Way) -> Audited | None:
        if received.text == CANCEL and (way.view or way.card):
            await self._say(received.asker, surprises.left(), way)
            return None
        if received.text == CANCEL:
            await self._withdraw(way)
            return None
        if received.text.startswith(SURE):
            return await self._ask_first(received, way)
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
        if way.panel and isinstance(result, RunShown) and await self._shows(result, asker, way):
            return
        said = replies.reply(result, self._catalog(), meant)
        if isinstance(result, Started) and await self._stands_here(result, asker):
            said = replies.beside(result)
        elif isinstance(result, Started) and self._gateway.name != SLACK:
            said = elsewhere.accepted(result)
        elif isinstance(result, Identity) and said is not None and self._gateway.name != SLACK:
            said = elsewhere.with_place(said, asker.channel)
        if said is not None:
            await self._say(asker, said, way)
        elif way.view or way.card:
            await self._say(asker, surprises.done(), way)
        elif way.replaces:
            await self._withdraw(way)

    async def _shows(self, shown: RunShown, asker: Asker, way: Way) -> bool:
        """Show a run with what can be done about it; False when no form can be opened any more."""
        message = panel.panel(shown.run, self._catalog())
        people = dict(self._catalog().people)
        try:
            await self._gateway.open_panel(panel.title(), message, people, way, asker.channel)
        except (Temporary, Permanent) as error:
            log.info("a form could not be opened: %s", error)
            return False
        return True

    async def _stands_here(self, started: Started, asker: Asker) -> bool:
        """Say whether the card of a run appears in the channel where it was asked for."""
        wanted = named_in(started.run.plan.environment, self._gateway.name)
        if not wanted:
            return True
        try:
            return await self._gateway.channel_id(wanted) == asker.channel
        except (Temporary, Permanent):
            return False

    async def _ask_first(self, received: Received, way: Way) -> Audited | None:
        """Ask whether a request is meant: a yes makes it. About a run that is not there it is answered at once."""
        command = received.text.removeprefix(SURE)
        request = parse(command)
        named = getattr(request, "run", None)
        run = await self._runs.get(RunId(named.id)) if isinstance(named, RunName) else None
        if isinstance(named, RunName) and run is None:
            return await self._answer(replace(received, text=command), way)
        typed = typed_as(request, run) if run is not None else command
        await self._say(received.asker, questions.sure(typed, command, CANCEL), way)
        return None

    async def _ask_back(self, received: Received, problem: Misunderstood, way: Way) -> None:
        """Open a form for what is missing, or say what was not understood."""
        if received.asker.via == "button" and not problem.missing:
            await self._say(received.asker, surprises.old_button(problem), way)
            return
        if problem.missing and way.trigger and await self._opened_for(received.asker, problem, way):
            return
        await self._say(received.asker, replies.misunderstood(problem), way)

    async def _opened_for(self, asker: Asker, problem: Misunderstood, way: Way) -> bool:
        """Open the form for what is missing; what there is to choose from is only for those we know."""
        catalog = self._catalog()
        asker = await self._known(asker)
        known = identify(catalog, chat=asker.chat, identity=asker.identity, email=asker.email)
        if known is None:
            return False
        offered = await self._offers.of(problem)
        form = forms.completion(problem, known_values(problem), asker.channel, catalog, offered)
        return form is not None and await self._opened(form, way)

    async def _ask_reason(self, received: Received, asked: ReasonAsked, way: Way) -> None:
        run = RunName(id=asked.run.id)
        exactly = (
            Skip(run=run, step=asked.step)
            if asked.action is Action.SKIP
            else Reject(run=run, step=asked.step, attempt=asked.attempt, shown=asked.shown)
        )
        form = forms.reason(asked, unparse(exactly), received.asker.channel)
        if not await self._opened(form, way):
            await self._say(received.asker, replies.reason_needed(asked), way)

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
        await self._groups.refresh()
        profile = await self._gateway.profile_of(asker.identity)
        return replace(asker, email=profile.email, zone=profile.zone)
