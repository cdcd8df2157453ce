"""What holds an environment, who passes, and who may lift it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.catalog.model import Environment, Freeze, Permission
from bot.policy.decisions import Allowed
from bot.policy.holds import (
    Admitted,
    Delivery,
    HoldKind,
    admit,
    beginning,
    held,
    holds,
    may_lift,
)
from bot.policy.refusals import Code, Refusal
from bot.run.locks import Lock
from tests.builders import NOON
from tests.operations.company import company, environment

HOUR = timedelta(hours=1)
CATALOG = company()
FREEZE = Freeze(
    name="release",
    reason="the fair",
    start=NOON,
    end=NOON + HOUR,
    passed_by=("sre",),
)


def a_lock(**changes: object) -> Lock:
    lock = Lock(environment="prod", by="dev", reason="the database moves", since=NOON)
    return replace(lock, **changes)  # type: ignore[arg-type] # the test says what it changes


def prod(*freezes: Freeze, permissions: tuple[Permission, ...] = ()) -> Environment:
    return replace(environment("prod"), freezes=freezes, permissions=permissions)


def a_delivery(by: str = "dev", version: str = "", *, rollback: bool = False) -> Delivery:
    return Delivery(application="shop", by=by, version=version, rollback=rollback)


def asked(
    who: str,
    delivery: Delivery,
    *locks: Lock,
    freezes: tuple[Freeze, ...] = (),
) -> Admitted | Refusal:
    return admit(CATALOG, CATALOG.people[who], delivery, prod(*freezes), locks, NOON)


def test_nothing_holds_an_environment_without_locks_and_freezes() -> None:
    assert asked("dev", a_delivery()) == Admitted()
    assert held(prod(), "shop", [], NOON) is None


def test_a_lock_refuses_everybody_its_holder_too() -> None:
    for who in ("dev", "dev2", "sre", "admin"):
        assert asked(who, a_delivery(who), a_lock()) == Refusal(
            code=Code.LOCKED,
            facts={
                "environment": "prod",
                "application": "",
                "by": "dev",
                "reason": "the database moves",
                "until": "",
                "version": "",
            },
            who=("dev", "sre", "sre2", "admin"),
        )


@pytest.mark.parametrize(
    ("lock", "admitted"),
    [
        (a_lock(until=NOON + HOUR), False),
        (a_lock(until=NOON), True),
        (a_lock(environment="dev"), True),
        (a_lock(application="shop"), False),
        (a_lock(application="orders"), True),
    ],
)
def test_a_lock_holds_its_place_until_its_end(lock: Lock, *, admitted: bool) -> None:
    assert isinstance(asked("dev", a_delivery(), lock), Admitted) is admitted


@pytest.mark.parametrize(
    ("delivery", "admitted"),
    [
        (a_delivery("dev", "v2"), True),
        (a_delivery("dev", "v3"), False),
        (a_delivery("dev", ""), False),
        (a_delivery("dev2", "v2"), False),
    ],
)
@pytest.mark.parametrize("who", ["dev", "sre"])
def test_a_lock_lets_its_change_through_for_its_holder_alone(
    who: str, delivery: Delivery, *, admitted: bool
) -> None:
    answer = asked(who, delivery, a_lock(version="v2"))
    assert answer == Admitted(passed=("lock:dev",)) if admitted else isinstance(answer, Refusal)


def test_a_lock_of_no_change_is_passed_by_no_delivery_without_a_version() -> None:
    assert isinstance(asked("dev", a_delivery("dev", ""), a_lock(version="")), Refusal)


def test_a_freeze_is_passed_by_the_roles_that_it_names() -> None:
    assert asked("sre", a_delivery("sre"), freezes=(FREEZE,)) == Admitted(
        passed=("freeze:release",)
    )
    assert asked("dev", a_delivery(), freezes=(FREEZE,)) == Refusal(
        code=Code.FROZEN,
        facts={
            "environment": "prod",
            "application": "",
            "name": "release",
            "reason": "the fair",
            "until": (NOON + HOUR).isoformat(),
            "roles": "sre",
        },
        who=("sre", "sre2"),
    )


def test_a_way_back_passes_a_freeze_unless_it_is_forbidden() -> None:
    back = a_delivery(rollback=True)
    strict = replace(FREEZE, allow_rollback=False)

    assert asked("dev", back, freezes=(FREEZE,)) == Admitted(passed=("freeze:release",))
    assert isinstance(asked("dev", back, freezes=(strict,)), Refusal)
    assert isinstance(asked("dev", back, a_lock(), freezes=(FREEZE,)), Refusal)


def test_everything_that_holds_has_to_be_passed() -> None:
    other = replace(FREEZE, name="audit", passed_by=("admin",))
    both = asked("sre", a_delivery("sre"), freezes=(FREEZE, other))
    assert isinstance(both, Refusal)
    assert both.facts["name"] == "audit"


def test_locks_are_named_before_freezes_and_those_of_an_application_first() -> None:
    locks = (a_lock(), a_lock(application="shop", by="dev2"))
    found = holds(prod(FREEZE), "shop", locks, NOON)

    assert [each.key for each in found] == ["lock:dev2", "lock:dev", "freeze:release"]
    first = held(prod(FREEZE), "shop", locks, NOON)
    assert first is not None
    assert (first.kind, first.application, first.roles) == (
        HoldKind.LOCK,
        "shop",
        ("sre", "admin"),
    )


def test_a_freeze_is_shown_a_day_before_it_begins() -> None:
    assert [each.key for each in beginning(prod(FREEZE), NOON - HOUR)] == ["freeze:release"]
    assert beginning(prod(FREEZE), NOON - 25 * HOUR) == ()


@pytest.mark.parametrize(
    ("who", "allowed"),
    [("dev", True), ("dev2", False), ("sre", True), ("admin", True), ("guest", False)],
)
def test_the_holder_approvers_and_administrators_lift_a_lock(who: str, *, allowed: bool) -> None:
    answer = may_lift(CATALOG, CATALOG.people[who], prod(), a_lock())
    assert (answer == Allowed()) is allowed
    if isinstance(answer, Refusal):
        assert (answer.code, answer.who) == (Code.LOCKED, ("dev", "sre", "sre2", "admin"))


def test_a_rule_for_an_application_says_who_lifts_its_lock() -> None:
    rule = Permission(applications=("shop",), approvers=("developer",))
    place = prod(permissions=(rule,))
    dev2 = CATALOG.people["dev2"]

    assert may_lift(CATALOG, dev2, place, a_lock(application="shop", by="sre")) == Allowed()
    assert isinstance(may_lift(CATALOG, dev2, place, a_lock(by="sre")), Refusal)
