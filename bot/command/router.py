"""Takes a typed request to its operation: who asks, which operation, and one line for the audit log.

Whatever the chat and whether it was typed or pressed, a request comes through here. Strangers get the help
and nothing else. A request type with no operation, or with two, is refused when the router is made.
"""

from collections.abc import Sequence
from typing import get_args

from bot.catalog.model import Person
from bot.command.dispatch import ROWS, Operation, explain
from bot.command.grammar import unparse
from bot.command.requests import Asker, Help, Request, RunName
from bot.command.verbs import verb_of
from bot.events import PersonName
from bot.logs import about
from bot.operations.desk import Desk, Visitor
from bot.operations.overview import Survey, survey
from bot.operations.results import (
    Audited,
    Decided,
    Intervened,
    LogsShown,
    ReasonAsked,
    Result,
    RunShown,
    Signed,
    Started,
    Voted,
    VoteTaken,
)
from bot.policy.people import identify, unknown_person
from bot.policy.refusals import Refusal
from bot.run.model import Origin
from bot.traces import TRACEPARENT, headers, span


class Router:
    """Answers requests. Raises ValueError at construction when `rows` do not fit the request types one to one."""

    def __init__(self, desk: Desk, rows: Sequence[tuple[type[Request], Operation]] = ROWS) -> None:
        self._desk = desk
        self._operations = _table(rows)

    async def answer(self, asker: Asker, request: Request) -> tuple[Result, Audited]:
        """Answer `request`, with its line for the audit log.

        Raises bot.errors.Temporary when the store is away: nothing has been done then.
        """
        catalog = self._desk.catalog()
        who = {"chat": asker.chat, "identity": asker.identity, "email": asker.email}
        person = identify(catalog, **who)
        if person is not None:
            verb = verb_of(request).name
            with (
                about(person=person.name),
                span(f"request {verb}", person=person.name, via=asker.via),
            ):
                visitor = _visitor(asker, person)
                result = await self._operations[type(request)](self._desk, visitor, request)
        elif isinstance(request, Help):
            result = explain(request)
        else:
            result = unknown_person(catalog, **who)
        return result, self._audited(asker, person, request, result)

    async def survey(self) -> Survey:
        """Look at everything at once, for those who look at it with their own eyes. Raises Temporary."""
        return await survey(self._desk)

    def _audited(
        self, asker: Asker, person: Person | None, request: Request, result: Result
    ) -> Audited:
        run = _run_of(request, result)
        application, environment = _place_of(request, run)
        return Audited(
            at=self._desk.clock.now(),
            person=person.name if person else asker.identity,
            chat=asker.chat,
            channel=asker.channel,
            via=asker.via,
            request=unparse(request),
            outcome=result.code.value if isinstance(result, Refusal) else "allowed",
            run=run,
            application=application,
            environment=environment,
            passed=_passed(result),
        )


def _table(
    rows: Sequence[tuple[type[Request], Operation]],
) -> dict[type[Request], Operation]:
    """Make the table of operations; refuse collisions and gaps."""
    table: dict[type[Request], Operation] = {}
    for request_type, operation in rows:
        if request_type in table:
            raise ValueError(f"two operations for {request_type.__name__}")
        table[request_type] = operation
    gaps = [each.__name__ for each in get_args(Request) if each not in table]
    if gaps:
        raise ValueError(f"no operation for {', '.join(gaps)}")
    return table


def _visitor(asker: Asker, person: Person) -> Visitor:
    origin = Origin(
        person=PersonName(person.name),
        chat=asker.chat,
        channel=asker.channel,
        via=asker.via,
        trace=headers().get(TRACEPARENT, ""),
    )
    return Visitor(person=person, origin=origin, request=asker.request, zone=asker.zone)


def _run_of(request: Request, result: Result) -> str:
    """Answer the name of the run that was asked about, or that the answer is about."""
    if isinstance(result, Started | RunShown | LogsShown | Decided | Intervened | ReasonAsked):
        return result.run.name
    if isinstance(result, Voted | VoteTaken | Signed):
        return result.run.name
    named = getattr(request, "run", None)
    if isinstance(result, Refusal) and result.facts.get("run"):
        return result.facts["run"]
    if isinstance(named, RunName) and named.number:
        return f"{named.application}/{named.environment}#{named.number}"
    return ""


def _place_of(request: Request, run: str) -> tuple[str, str]:
    """Answer the application and the environment that a request is about: its own, or those of its run."""
    application = str(getattr(request, "application", ""))
    environment = str(getattr(request, "environment", ""))
    if not environment and "#" in run:
        application, _, environment = run.rpartition("#")[0].partition("/")
    return application, environment


def _passed(result: Result) -> tuple[str, ...]:
    """Answer which locks and freezes let through what was asked for."""
    if isinstance(result, Started):
        return result.run.plan.passed
    if isinstance(result, Decided | Voted | Intervened):
        return result.passed
    return ()
