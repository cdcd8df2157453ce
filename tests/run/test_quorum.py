"""One person's yes meets one requirement, and what is still needed is what would really help."""

from collections.abc import Sequence
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.catalog.approving import Requirement
from bot.run.quorum import outstanding

ROLES = ("sre", "security", "lead")
SRE, SECURITY = Requirement(roles=("sre",)), Requirement(roles=("security",))
some_roles = st.lists(st.sampled_from(ROLES), unique=True, max_size=3).map(tuple)
rules = st.lists(
    st.builds(
        Requirement,
        roles=st.lists(st.sampled_from(ROLES), unique=True, max_size=2).map(tuple),
        count=st.integers(1, 2),
    ),
    max_size=2,
)


def enough(requirements: Sequence[Requirement], votes: Sequence[Sequence[str]]) -> bool:
    """Say whether some of the voters can be given one place each so that none is free: by trying all."""
    places = [each for each in requirements for _ in range(each.count)]
    return any(
        all(set(place.roles) & set(roles) for place, roles in zip(places, chosen, strict=True))
        for chosen in permutations(votes, len(places))
    )


@pytest.mark.parametrize(
    ("requirements", "votes", "still"),
    [
        ((SRE, SECURITY), [], (SRE, SECURITY)),
        ((SRE, SECURITY), [("sre",)], (SECURITY,)),
        ((SRE, SECURITY), [("sre",), ("sre",)], (SECURITY,)),
        ((SRE, SECURITY), [("sre", "security"), ("sre",)], ()),
        ((SRE, SECURITY), [("guest",)], (SRE, SECURITY)),
        # Whoever has both roles can stand for either, so a yes of either helps.
        ((SRE, SECURITY), [("sre", "security")], (Requirement(roles=("sre", "security")),)),
        (
            (Requirement(roles=("sre",), count=3),),
            [("sre",)],
            (Requirement(roles=("sre",), count=2),),
        ),
        ((Requirement(roles=()),), [("sre",)], (Requirement(roles=()),)),
    ],
)
def test_what_is_still_needed(
    requirements: Sequence[Requirement],
    votes: Sequence[Sequence[str]],
    still: tuple[Requirement, ...],
) -> None:
    assert {(frozenset(each.roles), each.count) for each in outstanding(requirements, votes)} == {
        (frozenset(each.roles), each.count) for each in still
    }


@settings(max_examples=150, deadline=None)
@given(requirements=rules, votes=st.lists(some_roles, max_size=4))
def test_nothing_is_needed_exactly_when_there_are_enough(
    requirements: list[Requirement], votes: list[tuple[str, ...]]
) -> None:
    assert (not outstanding(requirements, votes)) is enough(requirements, votes)


@settings(max_examples=150, deadline=None)
@given(requirements=rules, votes=st.lists(some_roles, max_size=4))
def test_exactly_the_roles_that_are_named_would_help(
    requirements: list[Requirement], votes: list[tuple[str, ...]]
) -> None:
    before = outstanding(requirements, votes)
    missing = sum(each.count for each in before)
    named = {role for each in before for role in each.roles}
    for role in ROLES:
        after = sum(each.count for each in outstanding(requirements, [*votes, (role,)]))
        assert (after < missing) is (role in named)
