"""What keeps an environment from being delivered to: locks of people and freezes of the calendar, and who passes. Pure.

Everything that delivers asks here, with the locks and the moment as values: deploying, rolling back, doing an ended run
again, approving a gate. What is under way is not stopped by a hold, and nothing that ends or refuses a run asks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from bot.catalog.model import Catalog, Environment, Person
from bot.policy.decisions import Action, Allowed, may, roles_for
from bot.policy.freezes import Window, coming, frozen
from bot.policy.refusals import Code, Refusal
from bot.run.locks import Lock
from bot.run.model import Run

SOON: Final = timedelta(days=1)
"""How long before it begins a freeze is shown."""


class HoldKind(StrEnum):
    """Who holds: a person or the calendar."""

    LOCK = "lock"
    FREEZE = "freeze"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """One reason why nothing is delivered. A lock has a holder (`by`), a freeze has a `name`."""

    kind: HoldKind
    environment: str
    application: str = ""
    """Empty: every application."""
    name: str = ""
    by: str = ""
    reason: str = ""
    since: datetime
    until: datetime | None
    version: str = ""
    """Of a lock: what its holder delivers all the same."""
    roles: tuple[str, ...] = ()
    """That may pass a freeze, or lift a lock besides its holder."""
    allow_rollback: bool = False

    @property
    def key(self) -> str:
        """What tells it from other holds of its place: `lock:dev`, `freeze:weekend`."""
        return f"{self.kind}:{self.by or self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What asks to be let through: whose delivery it is, of what."""

    application: str
    by: str
    """The name of whoever delivers: of a gate, the one whose run it is."""
    version: str = ""
    """The version that it delivers exactly; empty where images were given for themselves."""
    rollback: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """It may go ahead. `passed` are the keys of the holds that the person or the delivery passed."""

    passed: tuple[str, ...] = ()


def holds(
    environment: Environment, application: str, locks: Sequence[Lock], now: datetime
) -> tuple[Hold, ...]:
    """List what holds an (application, environment) at a moment, locks first; `application` empty: all of it.

    `locks` may be those of all environments, and expired.
    """
    found = [
        _of_lock(environment, each)
        for each in sorted(locks, key=lambda each: not each.application)
        if each.environment == environment.name
        and (not application or each.application in {"", application})
        and each.holds(now)
    ]
    found += [_of_window(environment, each) for each in frozen(environment.freezes, now)]
    return tuple(found)


def held(
    environment: Environment, application: str, locks: Sequence[Lock], now: datetime
) -> Hold | None:
    """Answer the first thing that holds an (application, environment), if anything does."""
    return next(iter(holds(environment, application, locks, now)), None)


def locked_by(environment: Environment, run: Run, locks: Sequence[Lock], now: datetime) -> str:
    """Say by whose lock a run's place is held, and why; empty: by none, or by one that goes with its change."""
    mine = (run.origin.person, run.plan.version)
    found = (
        each
        for each in holds(environment, run.application, locks, now)
        if each.kind is HoldKind.LOCK and not (each.version and (each.by, each.version) == mine)
    )
    return next((f"{each.by}: {each.reason}" for each in found), "")


def beginning(environment: Environment, now: datetime) -> tuple[Hold, ...]:
    """List the freezes that begin within a day."""
    return tuple(_of_window(environment, each) for each in coming(environment.freezes, now, SOON))


def passes(hold: Hold, person: Person, delivery: Delivery) -> bool:
    """Say whether a hold lets a delivery through that `person` asks for.

    A lock lets exactly its change through, for its holder; a freeze the roles it names, and a way back.
    """
    if hold.kind is HoldKind.LOCK:
        return bool(hold.version) and (delivery.by, delivery.version) == (hold.by, hold.version)
    return (delivery.rollback and hold.allow_rollback) or bool(set(hold.roles) & set(person.roles))


def admit(
    catalog: Catalog,
    person: Person,
    delivery: Delivery,
    environment: Environment,
    locks: Sequence[Lock],
    now: datetime,
) -> Admitted | Refusal:
    """Let a delivery through that nothing holds, or that passes everything that does; or say what holds it."""
    found = holds(environment, delivery.application, locks, now)
    for each in found:
        if not passes(each, person, delivery):
            return refused(catalog, each)
    return Admitted(passed=tuple(each.key for each in found))


def refused(catalog: Catalog, hold: Hold) -> Refusal:
    """Refuse a delivery for a hold; `who` are those who may lift or pass it."""
    facts = {
        "environment": hold.environment,
        "application": hold.application,
        "reason": hold.reason,
        "until": hold.until.isoformat() if hold.until else "",
    }
    who = tuple(each.name for each in catalog.with_role(hold.roles))
    if hold.kind is HoldKind.LOCK:
        holder = (hold.by,) if hold.by in catalog.people else ()
        facts |= {"by": hold.by, "version": hold.version}
        lifting = tuple(dict.fromkeys((*holder, *who)))
        return Refusal(code=Code.LOCKED, facts=facts, who=lifting)
    facts |= {"name": hold.name, "roles": ", ".join(hold.roles)}
    return Refusal(code=Code.FROZEN, facts=facts, who=who)


def may_lift(
    catalog: Catalog, person: Person, environment: Environment, lock: Lock
) -> Allowed | Refusal:
    """Answer whether `person` may lift a lock: its holder, approvers and administrators may."""
    if person.name == lock.by:
        return Allowed()
    answer = may(catalog, person, Action.UNLOCK, environment, application=lock.application)
    if isinstance(answer, Allowed):
        return answer
    return refused(catalog, _of_lock(environment, lock))


def _of_lock(environment: Environment, lock: Lock) -> Hold:
    return Hold(
        kind=HoldKind.LOCK,
        environment=lock.environment,
        application=lock.application,
        by=lock.by,
        reason=lock.reason,
        since=lock.since,
        until=lock.until,
        version=lock.version,
        roles=roles_for(Action.UNLOCK, environment, application=lock.application),
    )


def _of_window(environment: Environment, window: Window) -> Hold:
    return Hold(
        kind=HoldKind.FREEZE,
        environment=environment.name,
        name=window.freeze.name,
        reason=window.freeze.reason,
        since=window.since,
        until=window.until,
        roles=window.freeze.passed_by,
        allow_rollback=window.freeze.allow_rollback,
    )
