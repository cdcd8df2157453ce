"""An asker is who the chat has verified, never who they call themselves."""

from dataclasses import replace

from bot.catalog.model import Catalog, Person
from bot.policy.people import identify, unknown_person
from bot.policy.refusals import Code
from tests.operations.company import company


def with_people(*people: Person) -> Catalog:
    return replace(company(), people={each.name: each for each in people})


DEV = Person(name="dev", email="dev@shop.example", roles=("developer",))
PINNED = Person(name="sre", email="sre@shop.example", roles=("sre",), slack_id="U01SRE")


def test_a_person_is_known_by_the_verified_email_in_any_case() -> None:
    catalog = with_people(DEV, PINNED)
    assert identify(catalog, chat="slack", identity="U9", email="Dev@Shop.Example") == DEV


def test_a_person_is_known_by_the_chat_s_id_whatever_the_email() -> None:
    catalog = with_people(DEV, PINNED)
    assert identify(catalog, chat="slack", identity="U01SRE", email="") == PINNED
    assert identify(catalog, chat="slack", identity="U01SRE", email=DEV.email) == PINNED


def test_an_account_with_the_email_of_someone_whose_id_is_known_is_somebody_else() -> None:
    catalog = with_people(DEV, PINNED)
    assert identify(catalog, chat="slack", identity="U666", email=PINNED.email) is None


def test_an_id_of_one_chat_means_nothing_in_another() -> None:
    catalog = with_people(DEV, PINNED)
    assert identify(catalog, chat="dingtalk", identity="U01SRE", email="") is None


def test_a_name_is_no_identity() -> None:
    catalog = with_people(DEV, PINNED)
    assert identify(catalog, chat="slack", identity="dev", email="") is None
    assert identify(catalog, chat="slack", identity="", email="") is None


def test_an_identity_that_fits_two_people_is_nobody() -> None:
    twin = replace(DEV, name="dev2")
    catalog = with_people(DEV, twin, PINNED, replace(PINNED, name="sre2"))
    assert identify(catalog, chat="slack", identity="U9", email=DEV.email) is None
    assert identify(catalog, chat="slack", identity="U01SRE", email="") is None


def test_someone_unknown_is_refused_with_those_who_can_add_them() -> None:
    refusal = unknown_person(company(), chat="slack", identity="U9", email="x@y.example")
    assert refusal.code is Code.UNKNOWN_PERSON
    assert refusal.facts == {"identity": "U9", "email": "x@y.example", "chat": "slack"}
    assert refusal.who == ("admin",)


MACHINE = Person(name="shop-ci", email="", roles=("developer",), notify=False, machine=True)


def test_a_token_is_its_owner_s() -> None:
    catalog = with_people(DEV, MACHINE)
    assert identify(catalog, chat="api", identity="dev", email="") == DEV
    assert identify(catalog, chat="api", identity="shop-ci", email="") == MACHINE
    assert identify(catalog, chat="webhook", identity="shop-ci", email="") == MACHINE
    assert identify(catalog, chat="webhook", identity="dev", email="") is None
    assert identify(catalog, chat="api", identity="gone", email=DEV.email) is None


def test_a_machine_is_nobody_in_a_chat() -> None:
    catalog = with_people(DEV, MACHINE)
    assert identify(catalog, chat="slack", identity="shop-ci", email="") is None
    assert identify(catalog, chat="slack", identity="", email="") is None
