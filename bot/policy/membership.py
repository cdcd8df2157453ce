"""Who has a role by being in a Slack user group, by a Slack user id or by an email address. Pure.

They come on top of the roles that a Person has. Somebody whom no Person describes is known by the email that the chat has
verified, which is their name; without one they are nobody.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from bot.catalog.model import Catalog, Person
from bot.policy.people import among


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """What Slack says: who is in each user group that was asked for, and the verified email of each of them."""

    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    emails: Mapping[str, str] = field(default_factory=dict)


def with_members(catalog: Catalog, directory: Directory) -> Catalog:
    """Answer the catalog with everyone who has a role by membership; not `complete` where Slack has not said who."""
    people = dict(catalog.people)
    complete = True
    for role, members in catalog.members.items():
        complete &= all(each in directory.groups for each in members.groups)
        ids = list(members.users)
        for group in members.groups:
            ids += directory.groups.get(group, ())
        complete &= all(each in directory.emails for each in ids)
        for each in dict.fromkeys(ids):
            _grant(people, role, each, directory.emails.get(each, ""))
        for email in members.emails:
            _grant(people, role, "", email)
    return replace(catalog, people=people, complete=complete)


def _grant(people: dict[str, Person], role: str, identity: str, email: str) -> None:
    """Give a role to whoever this is, unless nobody can say."""
    known = among(people.values(), chat="slack", identity=identity, email=email)
    if known is None and email:
        name = email.casefold()
        known = people.get(name) or Person(
            name=name, email=email, roles=(), slack_id=identity or None
        )
    if known is not None and role not in known.roles:
        people[known.name] = replace(known, roles=(*known.roles, role))
