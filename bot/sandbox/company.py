"""The small company that the sandbox stands for: its people, channels, groups and clusters.

A seed of frozen values, nothing that changes. The names say what people may do, and are the same in the catalog
that ships; what a role may do is the bot's business, not the sandbox's.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

TEAM_ID = "T0SANDBOX"
APP_ID = "A0SHIPMATE"
BOT_USER_ID = "U0SHIPMATE"
BOT_ID = "B0SHIPMATE"
BOT_NAME = "shipmate"
SLACKBOT_ID = "USLACKBOT"
SLACKBOT_NAME = "slackbot"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Someone who works there."""

    id: str
    name: str
    real_name: str
    email: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A channel; everyone who works there is a member."""

    id: str
    name: str
    private: bool = False
    bot_is_member: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A user group."""

    id: str
    handle: str
    members: tuple[str, ...]
    """User ids."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """A workspace as it is on the first day."""

    name: str
    domain: str
    people: tuple[Person, ...]
    rooms: tuple[Room, ...]
    groups: tuple[Group, ...]
    clusters: tuple[str, ...]

    def person(self, reference: str) -> Person | None:
        """Find someone by id or name, with or without `@`."""
        return _found(self.people, reference.removeprefix("@"))

    def room(self, reference: str) -> Room | None:
        """Find a channel by id or name, with or without `#`."""
        return _found(self.rooms, reference.removeprefix("#"))

    def name_of(self, user: str) -> str:
        """Answer the name of a user id: of a person, the bot or Slackbot."""
        known = {BOT_USER_ID: BOT_NAME, SLACKBOT_ID: SLACKBOT_NAME}
        found = self.person(user)
        return found.name if found is not None else known.get(user, user)


Named = TypeVar("Named", Person, Room)


def _found(candidates: Iterable[Named], reference: str) -> Named | None:
    return next((each for each in candidates if reference in {each.id, each.name}), None)


def _person(name: str, real_name: str, *roles: str) -> Person:
    return Person(
        id=f"U01{name.upper()}",
        name=name,
        real_name=real_name,
        email=f"{name}@shop.example",
        roles=roles,
    )


def _room(name: str) -> Room:
    return Room(id=f"C01{name.replace('-', '').upper()}", name=name)


SHOP = Company(
    name="Shop, Inc.",
    domain="shop-sandbox",
    people=(
        _person("dev", "Dana Developer", "developer"),
        _person("dev2", "Deniz Developer", "developer"),
        _person("sre", "Sam Reliable", "sre"),
        _person("sre2", "Sascha Reliable", "sre"),
        _person("admin", "Alex Admin", "admin"),
        _person("guest", "Gale Guest"),
    ),
    rooms=tuple(_room(name) for name in ("general", "shop-dev", "shop-staging", "shop-prod")),
    groups=(
        Group(id="S01DEVELOPERS", handle="developers", members=("U01DEV", "U01DEV2")),
        Group(id="S01SRE", handle="sre-team", members=("U01SRE", "U01SRE2")),
    ),
    clusters=("east", "west"),
)
