"""The whole table of who may do what, and who else is named when someone may not."""

from dataclasses import replace
from itertools import product

import pytest

from bot.catalog.model import Permission, Person
from bot.policy.decisions import Action, Allowed, may, roles_for
from bot.policy.refusals import Code, Refusal
from tests.operations.company import company, environment

PEOPLE = ("dev", "dev2", "sre", "sre2", "admin", "guest")
DEVELOPERS = ("dev", "dev2")
APPROVERS = ("sre", "sre2")
ALLOWED = {
    Action.DEPLOY: DEVELOPERS,
    Action.ROLLBACK: DEVELOPERS,
    Action.STOP: (*DEVELOPERS, *APPROVERS, "admin"),
    Action.PAUSE: (*DEVELOPERS, *APPROVERS, "admin"),
    Action.RESUME: (*DEVELOPERS, *APPROVERS, "admin"),
    Action.RETRY: (*DEVELOPERS, "admin"),
    Action.RESTART: (*DEVELOPERS, "admin"),
    Action.SKIP: (*DEVELOPERS, "admin"),
    Action.APPROVE: APPROVERS,
    Action.REJECT: APPROVERS,
    Action.SIGN: APPROVERS,
    Action.BREAK_GLASS: (),
    Action.LOCK: DEVELOPERS,
    Action.UNLOCK: (*APPROVERS, "admin"),
    Action.AUDIT: ("admin",),
    Action.VIEW: PEOPLE,
}


@pytest.mark.parametrize(("name", "action"), list(product(PEOPLE, Action)), ids=str)
def test_the_table_of_permissions(name: str, action: Action) -> None:
    catalog = company()
    answer = may(catalog, catalog.people[name], action, environment("prod"))
    if name in ALLOWED[action]:
        assert answer == Allowed()
    else:
        assert isinstance(answer, Refusal)
        assert answer.code is Code.NOT_ALLOWED
        assert answer.who == ALLOWED[action]


@pytest.mark.parametrize(
    ("action", "roles"),
    [
        (Action.DEPLOY, "developer"),
        (Action.STOP, "developer, sre, admin"),
        (Action.RETRY, "developer, admin"),
        (Action.APPROVE, "sre"),
    ],
)
def test_a_refusal_names_the_roles_that_may(action: Action, roles: str) -> None:
    catalog = company()
    answer = may(catalog, catalog.people["guest"], action, environment("prod"))
    assert isinstance(answer, Refusal)
    assert answer.facts == {"action": action.value, "environment": "prod", "roles": roles}


@pytest.mark.parametrize("action", [Action.APPROVE, Action.REJECT])
def test_the_roles_that_a_step_names_stand_in_place_of_the_environment_s(action: Action) -> None:
    catalog = company()
    prod = environment("prod")
    assert (
        may(catalog, catalog.people["dev"], action, prod, step_approvers=("developer",))
        == Allowed()
    )
    refused = may(catalog, catalog.people["sre"], action, prod, step_approvers=("developer",))
    assert isinstance(refused, Refusal)
    assert refused.who == DEVELOPERS


def test_a_step_s_approvers_do_not_widen_who_may_stop() -> None:
    catalog = company()
    answer = may(
        catalog,
        Person(name="x", email="x@shop.example", roles=("auditor",)),
        Action.STOP,
        environment("prod"),
        step_approvers=("auditor",),
    )
    assert isinstance(answer, Refusal)


def test_a_role_that_stands_twice_is_named_once() -> None:
    prod = environment("prod")
    assert roles_for(Action.STOP, prod) == ("developer", "sre", "admin")
    assert roles_for(Action.VIEW, prod) == ()


RULES = (
    Permission(applications=("shop", "orders"), deployers=("sre",)),
    Permission(applications=("shop",), deployers=("developer",), approvers=("admin",)),
    Permission(applications=("cart",), approvers=()),
)
SRES = ("sre", "sre2")
RULED = {
    "orders": (SRES, SRES),
    "shop": (SRES, SRES),
    "cart": (DEVELOPERS, ()),
    "blog": (DEVELOPERS, APPROVERS),
    "": (DEVELOPERS, APPROVERS),
}


@pytest.mark.parametrize("action", [each for each in Action if each is not Action.VIEW], ids=str)
@pytest.mark.parametrize("application", RULED)
def test_the_first_rule_that_names_an_application_holds_in_place_of_the_environment(
    application: str, action: Action
) -> None:
    catalog = company()
    prod = replace(environment("prod"), permissions=RULES)
    deployers, approvers = RULED[application]
    wanted = {
        Action.DEPLOY: deployers,
        Action.ROLLBACK: deployers,
        Action.LOCK: deployers,
        Action.RETRY: (*deployers, "admin"),
        Action.RESTART: (*deployers, "admin"),
        Action.SKIP: (*deployers, "admin"),
        Action.SIGN: approvers,
        Action.BREAK_GLASS: (),
        Action.STOP: (*deployers, *approvers, "admin"),
        Action.PAUSE: (*deployers, *approvers, "admin"),
        Action.RESUME: (*deployers, *approvers, "admin"),
        Action.APPROVE: approvers,
        Action.REJECT: approvers,
        Action.UNLOCK: (*approvers, "admin"),
        Action.AUDIT: ("admin",),
    }[action]
    allowed = {
        name
        for name, person in catalog.people.items()
        if may(catalog, person, action, prod, application=application) == Allowed()
    }
    assert allowed == set(wanted)


def test_a_refusal_by_a_rule_names_the_application() -> None:
    catalog = company()
    prod = replace(environment("prod"), permissions=RULES)
    answer = may(catalog, catalog.people["dev"], Action.DEPLOY, prod, application="shop")
    assert isinstance(answer, Refusal)
    assert answer.facts["application"] == "shop"
    assert answer.who == SRES


def test_the_auditors_of_an_environment_read_its_log() -> None:
    catalog = company()
    prod = replace(environment("prod"), auditors=("sre",))
    assert may(catalog, catalog.people["sre"], Action.AUDIT, prod) == Allowed()
    assert isinstance(
        may(catalog, catalog.people["sre"], Action.AUDIT, environment("dev")), Refusal
    )


@pytest.mark.parametrize("action", Action)
def test_a_machine_may_what_its_roles_may_and_judges_nothing_unless_the_rules_say_so(
    action: Action,
) -> None:
    catalog = company()
    machine = Person(name="ci", email="", roles=("developer", "sre", "admin"), machine=True)
    votes = {Action.APPROVE, Action.REJECT, Action.BREAK_GLASS, Action.SIGN}
    for rule in (False, True):
        place = replace(environment("prod"), machine_approval=rule, break_glass=("sre",))
        answer = may(catalog, machine, action, place)
        silent = action in votes and not (rule and action in {Action.APPROVE, Action.REJECT})
        if silent:
            assert isinstance(answer, Refusal)
            assert answer.code is Code.MACHINE_MAY_NOT_VOTE
        else:
            assert answer == Allowed()
