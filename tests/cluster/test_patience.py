"""Our own deadline: what counts as progress, what as waiting, and what not at all."""

import pytest

from bot.cluster.patience import Patience
from bot.cluster.port import Applied, Health

WEB = Applied(
    api_version="apps/v1",
    kind="Deployment",
    namespace="shop",
    name="web",
    generation=1,
    component="",
)


def health(ready: int = 0, note: str = "", *, done: bool = False) -> Health:
    return Health(ready=ready, wanted=3, done=done, note=note)


class Watch:
    """Looks at one object, at times of its own."""

    def __init__(self, seconds: float = 600) -> None:
        self.patience = Patience(seconds)

    def at(self, at: float, now: Health, *, connected: bool = True, at_work: bool = False) -> str:
        return self.patience.judged(WEB, now, at=at, connected=connected, at_work=at_work).failed


def test_what_gets_no_further_fails_with_what_it_waits_for() -> None:
    watch = Watch()
    assert watch.at(0, health(1)) == ""
    assert watch.at(599, health(1)) == ""
    assert watch.at(600, health(1)) == "no progress for 10 min: 1 of 3 ready"
    named = Watch(90)
    named.at(0, health(note="ImagePullBackOff"))
    assert named.at(90, health(note="ImagePullBackOff")) == "no progress for 90 s: ImagePullBackOff"


def test_each_pod_more_is_progress() -> None:
    watch = Watch()
    for number in range(4):
        assert watch.at(500 * number, health(number)) == ""


def test_to_be_again_what_one_was_is_none() -> None:
    watch = Watch()
    states = [health(1), health(1, "CrashLoopBackOff")]
    said = [watch.at(50 * turn, states[turn % 2]) for turn in range(14)]

    assert said[12] == ""
    assert said[13] == "no progress for 10 min: CrashLoopBackOff"


def test_the_time_in_which_nobody_tells_does_not_count() -> None:
    watch = Watch()
    watch.at(0, health(1))
    watch.at(100, health(1), connected=False)
    watch.at(5000, health(1), connected=False)
    assert watch.at(5100, health(1)) == ""  # connected again: it begins to count from here
    assert watch.at(5599, health(1)) == ""
    assert watch.at(5600, health(1)) != ""


def test_who_is_at_work_may_take_what_it_takes() -> None:
    watch = Watch()
    for hour in range(10):
        assert watch.at(3600 * hour, health(), at_work=True) == ""
    assert watch.at(3600 * 9 + 600, health()) != ""


def test_what_is_done_is_not_waited_for() -> None:
    watch = Watch()
    watch.at(0, health(3, done=True))
    assert watch.at(5000, health(3, done=True)) == ""
    assert watch.patience.left() is None
    assert watch.at(5001, health(2)) == ""
    assert watch.patience.left() == pytest.approx(600)


def test_it_says_when_to_look_again() -> None:
    watch = Watch()
    watch.at(0, health())
    watch.at(100, health())
    assert watch.patience.left() == pytest.approx(500)
    watch.at(200, health(), connected=False)
    assert watch.patience.left() is None
