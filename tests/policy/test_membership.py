"""A role by a user group, an id or an email comes on top of the people in the files, and never by a name."""

from collections.abc import Mapping
from dataclasses import replace

from bot.catalog.approving import Members
from bot.catalog.model import Catalog, Person
from bot.policy.membership import Directory, with_members
from bot.policy.people import identify
from tests.operations.company import company

SLACK = Directory(
    groups={"S01": ("U1", "U2", "U3")},
    emails={
        "U1": "SRE@shop.example",
        "U2": "Zoe@shop.example",
        "U3": "",
        "U4": "guest@shop.example",
    },
)


def asking(**members: Members) -> Catalog:
    return replace(company(), members=members)


def roles(catalog: Catalog) -> Mapping[str, tuple[str, ...]]:
    return {name: each.roles for name, each in catalog.people.items()}


def test_members_of_a_group_have_its_role_known_people_and_others() -> None:
    merged = with_members(asking(security=Members(groups=("S01",))), SLACK)
    assert merged.complete
    assert merged.people["sre"].roles == ("sre", "security")
    zoe = Person(
        name="zoe@shop.example", email="Zoe@shop.example", roles=("security",), slack_id="U2"
    )
    assert identify(merged, chat="slack", identity="U2", email="zoe@shop.example") == zoe
    # Whoever has no verified email is nobody.
    assert identify(merged, chat="slack", identity="U3", email="") is None
    assert set(merged.people) == {*company().people, "zoe@shop.example"}


def test_users_and_emails_are_members_too() -> None:
    asked = asking(lead=Members(users=("U4",), emails=("admin@shop.example", "new@shop.example")))
    found = roles(with_members(asked, SLACK))
    assert found["guest"] == ("lead",)
    assert found["admin"] == ("admin", "lead")
    assert found["new@shop.example"] == ("lead",)


def test_somebody_in_two_roles_has_both() -> None:
    asked = asking(lead=Members(users=("U2",)), security=Members(groups=("S01",)))
    assert roles(with_members(asked, SLACK))["zoe@shop.example"] == ("lead", "security")


def test_an_id_in_the_files_is_stronger_than_an_email() -> None:
    asked = asking(security=Members(users=("U2",)))
    people = {**asked.people}
    people["zoe"] = Person(name="zoe", email="zoe@shop.example", roles=(), slack_id="U9")
    merged = with_members(replace(asked, people=people), SLACK)
    assert merged.people["zoe"].roles == ()
    assert merged.people["zoe@shop.example"].roles == ("security",)


def test_until_slack_has_answered_nobody_is_a_member_and_nobody_has_lost_anything() -> None:
    merged = with_members(asking(security=Members(groups=("S01",))), Directory())
    assert not merged.complete
    assert roles(merged) == roles(company())
