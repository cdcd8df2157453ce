"""Roles that people have by being in a group of their chat, beside those that their files give them. Pure."""

from collections.abc import Mapping
from dataclasses import replace

from bot.catalog.model import Catalog, Person


def with_members(catalog: Catalog, members: Mapping[str, frozenset[str]]) -> Catalog:
    """Answer the catalog with `members`, the names of people by role, in these roles, too.

    Only for roles that `catalog` takes from a group: nothing else can be had by being in one.
    """
    people = {
        name: _with_roles(person, catalog, members) for name, person in catalog.people.items()
    }
    return replace(catalog, people=people)


def _with_roles(person: Person, catalog: Catalog, members: Mapping[str, frozenset[str]]) -> Person:
    by_group = [
        role for role in catalog.slack_groups if person.name in members.get(role, frozenset())
    ]
    roles = tuple(dict.fromkeys([*person.roles, *by_group]))
    return person if roles == person.roles else replace(person, roles=roles)
