"""Whether enough people have said yes: one person's yes meets one requirement only. Pure.

A matching of votes to requirements (augmenting paths): with "two of sre and one of security", somebody who has both
roles counts where they are needed, and once.
"""

from collections.abc import Iterator, Sequence

from bot.catalog.approving import Requirement

Roles = Sequence[str]
"""The roles of one person who has said yes."""


def outstanding(
    requirements: Sequence[Requirement], votes: Sequence[Roles]
) -> tuple[Requirement, ...]:
    """Say who still has to say yes: how many, and of which roles any would do. Empty: nobody.

    `votes` are the roles of each person who has, one entry a person.
    """
    places = [at for at, each in enumerate(requirements) for _ in range(each.count)]
    taken = _matched(requirements, places, votes)
    missing: dict[tuple[str, ...], int] = {}
    for place, at in enumerate(places):
        if place in taken:
            continue
        helpful = _reachable(requirements, places, votes, taken, at)
        roles = tuple(
            dict.fromkeys(
                role
                for index, each in enumerate(requirements)
                if index in helpful
                for role in each.roles
            )
        )
        missing[roles] = missing.get(roles, 0) + 1
    return tuple(Requirement(roles=roles, count=count) for roles, count in missing.items())


def _matched(
    requirements: Sequence[Requirement], places: Sequence[int], votes: Sequence[Roles]
) -> dict[int, int]:
    """Give each vote a place, as many as can have one: which vote has which place."""
    taken: dict[int, int] = {}

    def settle(vote: int, tried: set[int]) -> bool:
        for place in _fitting(requirements, places, votes[vote]):
            if place in tried:
                continue
            tried.add(place)
            if place not in taken or settle(taken[place], tried):
                taken[place] = vote
                return True
        return False

    for vote in range(len(votes)):
        settle(vote, set())
    return taken


def _fitting(
    requirements: Sequence[Requirement], places: Sequence[int], roles: Roles
) -> Iterator[int]:
    for place, at in enumerate(places):
        if set(requirements[at].roles) & set(roles):
            yield place


def _reachable(
    requirements: Sequence[Requirement],
    places: Sequence[int],
    votes: Sequence[Roles],
    taken: dict[int, int],
    missing: int,
) -> set[int]:
    """Name the requirements of which one more yes would help: whoever has a place there could move to the free one."""
    found, look = {missing}, [missing]
    while look:
        wanted = set(requirements[look.pop()].roles)
        for place, vote in taken.items():
            if places[place] not in found and wanted & set(votes[vote]):
                found.add(places[place])
                look.append(places[place])
    return found
