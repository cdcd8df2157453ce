"""The line of those who wait: its order, who stands where, and how one leaves it."""

from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.catalog.model import Concurrency
from bot.events import PersonName, StepSkipped
from bot.policy.queueing import fits_in, giving_way
from bot.run.line import in_line, standing
from bot.run.model import Run, RunPhase
from bot.run.ports import Latest
from bot.run.stimuli import Began, Declined, GaveWay, RetryAsked, Stimulus, StopAsked, TimePassed
from bot.run.timing import next_alarm
from bot.run.transitions import Ignored, Transition, apply
from bot.run.waiting import Refused
from bot.run.why import Why
from tests.builders import NOON, a_plan, a_run, a_step, at
from tests.run.replay import Replay

STEPS = (
    a_step("group", "step-group", sub_steps=(a_step("a", "webhook"), a_step("b", "webhook"))),
    a_step("tell", "webhook", if_="always"),
)


def waiting(number: int, *, joins: datetime | None = None, back: int | None = None) -> Run:
    run = a_run(*STEPS, run_id=f"run{number}", number=number)
    plan = replace(run.plan, rollback_to=back)
    return replace(run, created=at(number), at=joins, plan=plan)


def numbers(runs: tuple[Run, ...]) -> list[int]:
    return [each.number for each in runs]


def test_they_stand_in_the_order_in_which_they_joined_and_a_rollback_before_all() -> None:
    planned, second, third, back = (
        waiting(1, joins=at(2.5)),
        waiting(2),
        waiting(3),
        waiting(4, back=6),
    )
    everybody = (planned, second, third, back)

    assert numbers(in_line(everybody, at(2))) == [4, 2, 3]
    assert numbers(in_line(everybody, at(100))) == [4, 2, 1, 3]


def test_each_stands_behind_the_one_before_it() -> None:
    under_way = replace(waiting(1), phase=RunPhase.EXECUTING)
    line = (waiting(2), waiting(3), waiting(4, joins=at(7200)))

    found = [standing(each, under_way, line, at(60)) for each in line]

    assert [each.place for each in found] == [1, 2, 0]
    assert [each.after.number if each.after else 0 for each in found] == [1, 2, 0]
    assert not any(each.is_up for each in found)
    assert standing(line[0], None, line, at(60)).is_up
    assert not standing(line[0], None, line, at(60), hold="it is locked").is_up


@given(
    st.permutations(range(1, 7)), st.lists(st.sampled_from([0, 90, 9000]), min_size=6, max_size=6)
)
def test_whoever_is_asked_first_the_line_is_the_same_and_nobody_is_in_it_twice(
    order: list[int], joins: list[int]
) -> None:
    runs = [waiting(n, joins=at(joins[n - 1]) if joins[n - 1] else None) for n in order]
    line = in_line(runs, at(100))
    assert line == in_line(runs[::-1], at(100))
    places = [standing(each, None, runs, at(100)).place for each in runs]
    assert sorted(each for each in places if each) == list(range(1, len(line) + 1))


@pytest.mark.parametrize(
    ("stimulus", "phase", "said"),
    [
        (StopAsked(by=PersonName("dev"), reason="no"), RunPhase.TERMINATED, "stopped by dev: no"),
        (
            GaveWay(by=PersonName("dev"), reason="replaced by x"),
            RunPhase.TERMINATED,
            "replaced by x",
        ),
        (Declined(refused=Refused(code="person_gone")), RunPhase.FAILED, ""),
    ],
)
def test_who_leaves_the_line_has_done_nothing(
    stimulus: Stimulus, phase: RunPhase, said: str
) -> None:
    run = waiting(1)

    left = apply(run, stimulus, at(60))

    assert isinstance(left, Transition)
    assert (left.run.phase, left.run.message, left.run.unbegun) == (phase, said, True)
    assert left.effects == ()
    assert left.revision is None
    assert {each.step for each in left.events if isinstance(each, StepSkipped)} == {
        "group",
        "a",
        "b",
        "tell",
    }
    replayed = Replay(run)
    replayed.take(left.events)
    assert replayed.run_phase is phase
    again = apply(left.run, RetryAsked(by=PersonName("dev")), at(70))
    assert isinstance(again, Ignored)
    assert again.why is Why.NEVER_BEGUN
    late = apply(left.run, Began(plan=a_plan(*STEPS)), at(70))
    assert isinstance(late, Ignored)
    assert late.run.plan == run.plan


def test_it_begins_with_the_plan_of_its_turn() -> None:
    run = replace(waiting(1, joins=at(50)), created=NOON)
    assert next_alarm(run) == at(50)
    assert isinstance(apply(run, TimePassed(), at(60)), Ignored)

    begun = apply(run, Began(plan=a_plan(a_step("other", "webhook"), based_on=4)), at(60))

    assert isinstance(begun, Transition)
    assert [each.name for each in begun.run.steps] == ["other"]
    assert (begun.run.plan.based_on, begun.run.began, begun.run.since) == (4, at(60), at(60))
    twice = apply(begun.run, Began(plan=a_plan(a_step("third", "webhook"))), at(61))
    assert isinstance(twice, Ignored)
    assert twice.why is Why.OUTDATED


def test_who_gives_way_is_ruled() -> None:
    under_way = replace(waiting(1), phase=RunPhase.SUSPENDING)
    line = (waiting(2), waiting(3, joins=at(7200)), waiting(4, back=6))
    latest = Latest(run_number=4, revision=None, unfinished=under_way, line=line)
    new, back = waiting(5), waiting(5, back=6)
    later = waiting(5, joins=at(7200))

    assert giving_way(new, latest, Concurrency.QUEUE, at(60)) == ()
    assert giving_way(new, latest, Concurrency.REPLACE, at(60)) == [line[0]]
    assert giving_way(later, latest, Concurrency.REPLACE, at(60)) == ()
    assert giving_way(back, latest, Concurrency.QUEUE, at(60)) == [line[0]]
    assert fits_in(latest, Concurrency.REPLACE, later=False, now=at(60)) is None
    assert fits_in(latest, Concurrency.REFUSE, later=False, now=at(60)) is not None
    assert fits_in(latest, Concurrency.REFUSE, later=True, now=at(60)) is None
