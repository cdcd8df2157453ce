"""Takes a typed request to its operation: who asks, which operation, and one line for the audit log.

Whatever the chat and whether it was typed or pressed, a request comes through here. Strangers get the help
and nothing else. A request type with no operation, or with two, is refused when the router is made.
"""

from collections.abc import Sequence
from typing import get_args

from bot.catalog.model import Person
from bot.command.dispatch import ROWS, Operation, explain
from bot.command.grammar import unparse
from bot.command.requests import Asker, Help, Request
from bot.events import PersonName
from bot.operations.desk import Desk, Visitor
from bot.operations.results import (
    Audited,
    Decided,
    Intervened,
    ReasonAsked,
    Result,
    RunShown,
    Started,
    Voted,
)
from bot.policy.people import identify, unknown_person
from bot.policy.refusals import Refusal
from bot.run.model import Origin


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
            visitor = _visitor(asker, person)
            result = await self._operations[type(request)](self._desk, visitor, request)
        elif isinstance(request, Help):
            result = explain(request)
        else:
            result = unknown_person(catalog, **who)
        return result, self._audited(asker, person, request, result)

    def _audited(
        self, asker: Asker, person: Person | None, request: Request, result: Result
    ) -> Audited:
        return Audited(
            at=self._desk.clock.now(),
            person=person.name if person else asker.identity,
            chat=asker.chat,
            channel=asker.channel,
            via=asker.via,
            request=unparse(request),
            outcome=result.code.value if isinstance(result, Refusal) else "allowed",
            run=_run_of(result),
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
        person=PersonName(person.name), chat=asker.chat, channel=asker.channel, via=asker.via
    )
    return Visitor(person=person, origin=origin, request=asker.request, zone=asker.zone)


def _run_of(result: Result) -> str:
    """Answer the name of the run that the answer is about."""
    if isinstance(result, Refusal):
        return result.facts.get("run", "")
    if isinstance(result, Started | RunShown | Decided | Voted | Intervened | ReasonAsked):
        return result.run.name
    return ""
