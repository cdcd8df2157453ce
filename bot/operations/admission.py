"""Whether a delivery is let through by the locks and freezes of its place: what everything that delivers asks.

A new run is decided on in the transaction that adds it, with the locks as they are then. What goes on with a run that
is there looks at them just before: who locks at the same moment as another approves is not the later of the two.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.catalog.model import Application, Catalog, Environment, Person
from bot.operations.desk import Desk, Visitor
from bot.operations.finding import governing
from bot.policy.holds import Admitted, Delivery, admit
from bot.policy.refusals import Code, Refusal
from bot.rendering.versions import with_version
from bot.run.locks import Lock
from bot.run.model import Plan, Run
from bot.run.ports import Latest

HOLDING = frozenset({Code.LOCKED, Code.FROZEN})
"""How a delivery is refused that something holds."""


def admitted(
    catalog: Catalog,
    person: Person,
    environment: Environment,
    plan: Plan,
    latest: Latest,
    now: datetime,
) -> Plan | Refusal:
    """Let a new delivery through, with what it passed in its plan; or say what holds it. Pure."""
    delivery = _delivery(catalog, person.name, plan)
    answer = admit(catalog, person, delivery, environment, latest.locks, now)
    return answer if isinstance(answer, Refusal) else replace(plan, passed=answer.passed)


def holding(catalog: Catalog, run: Run, locks: Sequence[Lock], now: datetime) -> Refusal | None:
    """Answer what keeps a run from beginning whose turn has come, if anything does. Pure."""
    person = catalog.people.get(run.origin.person)
    if person is None:
        return None  # that is said when it is to begin
    delivery = _delivery(catalog, person.name, run.plan)
    answer = admit(catalog, person, delivery, governing(catalog, run), locks, now)
    return answer if isinstance(answer, Refusal) else None


async def readmitted(desk: Desk, visitor: Visitor, run: Run, *, by: str) -> Admitted | Refusal:
    """Let a run go on, or say what holds it; `by` is the name of whoever delivers by it."""
    catalog = desk.catalog()
    environment = governing(catalog, run)
    locks = await desk.locks.there_are(environment.name)
    delivery = _delivery(catalog, by, run.plan)
    return admit(catalog, visitor.person, delivery, environment, locks, desk.clock.now())


def _delivery(catalog: Catalog, by: str, plan: Plan) -> Delivery:
    application = catalog.applications.get(plan.application.name)
    return Delivery(
        application=plan.application.name,
        by=by,
        version=exact_version(application, plan),
        rollback=plan.rollback_to is not None,
    )


def exact_version(application: Application | None, plan: Plan) -> str:
    """Answer the version that a plan delivers and nothing else; empty when an image in it is another one."""
    if application is None or not plan.version:
        return ""
    wanted = replace(plan, application=with_version(application, plan.version, {}))
    return plan.version if plan.images == wanted.images else ""
