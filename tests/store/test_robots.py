"""How often a robot was used is known after a restart, too, on both databases."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.run.robots import MOST, STOPPED, WINDOW
from bot.store.database import open_store
from tests.builders import NOON


@dataclass
class Hands:
    """A clock that is set by hand."""

    time: datetime = NOON

    def now(self) -> datetime:
        return self.time


async def test_turns_are_kept_over_a_restart(url: str) -> None:
    clock = Hands()
    store = open_store(url, clock)
    for number in range(MOST):
        assert (await store.robots.turn("r1", f"run{number}")).seconds == 0
    assert (await store.robots.turn("r2", "run0")).seconds == 0
    await store.close()

    store = open_store(url, clock)
    waits = await store.robots.turn("r1", "late")
    assert waits.seconds == WINDOW
    clock.time += timedelta(seconds=WINDOW)
    assert (await store.robots.turn("r1", "late")).seconds == 0
    await store.robots.stop("r1")
    assert (await store.robots.turn("r1", "later")).seconds == STOPPED
    assert (await store.robots.turn("r2", "later")).seconds == 0
    await store.close()
