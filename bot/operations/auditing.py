"""Reading the audit log: what was asked of an environment, by those who may know.

Administrators read all of it, and the auditors of an environment what was about that environment.
"""

from datetime import datetime
from typing import Final

from bot.catalog.model import Environment
from bot.operations.desk import Desk, Visitor
from bot.operations.finding import application_called, environment_called, unknown
from bot.operations.results import AuditShown
from bot.policy.decisions import ADMIN, Action, Allowed, may, roles_for
from bot.policy.refusals import Code, Refusal
from bot.wording import Sentence

MOST = 20
"""Lines of an answer: what a phone shows in a few screens. The command line has all of them."""

ANYWHERE: Final = "any environment"
"""What stands for the environment in the refusal of someone who may read the log of none."""


async def audit(
    desk: Desk,
    visitor: Visitor,
    *,
    application: str,
    environment: str,
    person: str,
    since: datetime | None,
) -> AuditShown | Refusal:
    """Show the newest lines, of what is named and of what the visitor may read."""
    catalog = desk.catalog()
    if application:
        found = application_called(catalog, application)
        if isinstance(found, Refusal):
            return found
    readable = _readable(desk, visitor, environment)
    if isinstance(readable, Refusal):
        return readable
    lines = await desk.audit.lines(
        MOST + 1, application=application, environments=readable, person=person, since=since
    )
    if person and not lines and person not in catalog.people:
        return unknown(Code.UNKNOWN_NAME, person, catalog.people)
    place = "/".join(filter(None, (application, environment)))
    return AuditShown(
        lines=tuple(lines[:MOST]),
        about=_about(place, person),
        more=len(lines) > MOST,
    )


def _about(place: str, person: str) -> str:
    if place and person:
        return Sentence("{place} by {person}", place=place, person=person)
    return place or person


def _readable(desk: Desk, visitor: Visitor, environment: str) -> tuple[str, ...] | Refusal | None:
    """Answer the environments whose lines the visitor may read of those asked for; None: everything there is."""
    catalog = desk.catalog()
    if environment:
        place = environment_called(catalog, environment)
        if isinstance(place, Refusal):
            return place
        answer = may(catalog, visitor.person, Action.AUDIT, place)
        return answer if isinstance(answer, Refusal) else (place.name,)
    if ADMIN in visitor.person.roles:
        return None
    found = tuple(
        each.name
        for each in catalog.environments.values()
        if may(catalog, visitor.person, Action.AUDIT, each) == Allowed()
    )
    return found or _nowhere(desk, tuple(catalog.environments.values()))


def _nowhere(desk: Desk, environments: tuple[Environment, ...]) -> Refusal:
    """Refuse someone who may read the log of no environment."""
    roles = tuple(
        dict.fromkeys(role for each in environments for role in roles_for(Action.AUDIT, each))
    ) or (ADMIN,)
    return Refusal(
        code=Code.NOT_ALLOWED,
        facts={
            "action": Action.AUDIT.value,
            "environment": ANYWHERE,
            "roles": ", ".join(roles),
        },
        who=tuple(each.name for each in desk.catalog().with_role(roles)),
    )
