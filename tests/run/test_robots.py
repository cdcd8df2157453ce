"""A robot of a group is never asked more than DingTalk takes, whoever asks and however late they come back."""

from hypothesis import given
from hypothesis import strategies as st

from bot.run.robots import MOST, STOPPED, WINDOW, Robot, stopped, turn_of

DINGTALKS = 20
"""Messages that it takes in a minute."""


def test_the_first_are_sent_at_once_and_the_others_get_their_places_in_order() -> None:
    robot = Robot()
    turns = []
    for number in range(MOST + 3):
        robot, turn = turn_of(robot, f"run{number}", 1000.0 + number)
        turns.append(turn)

    assert [each.seconds for each in turns[:MOST]] == [0.0] * MOST
    assert [each.seconds for each in turns[MOST:]] == [WINDOW - MOST] * 3
    assert [each.before for each in turns[MOST:]] == [0, 1, 2]
    robot, early = turn_of(robot, "run18", 1010.0 + MOST)
    assert early.seconds == WINDOW - MOST - 10
    robot, due = turn_of(robot, "run18", 1000.0 + WINDOW)
    assert due.seconds == 0


def test_after_an_outage_those_whose_turn_has_passed_do_not_come_all_at_once() -> None:
    robot = Robot()
    for number in range(3 * MOST):
        robot, _ = turn_of(robot, f"run{number}", 1000.0)
    late = 1000.0 + 2 * WINDOW
    sent = 0
    for number in range(MOST, 3 * MOST):
        robot, turn = turn_of(robot, f"run{number}", late)
        sent += turn.seconds == 0
    assert sent == MOST


def test_a_robot_that_was_stopped_is_left_alone_for_ten_minutes() -> None:
    robot, _ = turn_of(Robot(), "a", 1000.0)
    robot = stopped(robot, 1000.0)
    robot, turn = turn_of(robot, "a", 1001.0)
    assert turn.stopped
    assert turn.seconds == STOPPED - 1
    _, turn = turn_of(robot, "a", 1000.0 + STOPPED)
    assert turn.seconds == 0


def test_the_place_of_a_run_that_has_ended_is_given_to_others_with_time() -> None:
    robot = Robot()
    for number in range(MOST + 1):
        robot, _ = turn_of(robot, f"run{number}", 1000.0)
    robot, turn = turn_of(robot, "another", 1000.0 + 2 * WINDOW + 1)
    assert turn.seconds == 0
    assert robot.places == {}


@given(st.lists(st.tuples(st.integers(0, 40), st.floats(0.0, 30.0)), min_size=1, max_size=150))
def test_it_is_never_used_more_often_than_it_may_be(asked: list[tuple[int, float]]) -> None:
    """Each asks for its turn after some seconds, too early, in time or too late."""
    robot, now, sent = Robot(), 1000.0, []
    for key, pause in asked:
        now += pause
        robot, turn = turn_of(robot, str(key), now)
        if turn.seconds == 0:
            sent.append(now)

    for at in sent:
        assert sum(1 for each in sent if at <= each <= at + 60.0) <= MOST < DINGTALKS
