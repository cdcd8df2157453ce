"""How often a robot in a DingTalk group may be used, over restarts and for all runs together. Pure but for the port.

DingTalk takes 20 messages a minute from a custom robot and stops one that sends more for ten minutes. So it is not
asked more than `MOST` times in `WINDOW` seconds; who comes later is given a place, and asks again when that has come.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

MOST = 18
"""Messages in a window: two fewer than DingTalk takes, for somebody's test message."""
WINDOW = 62.0
"""Seconds: DingTalk's minute, and two for messages that were longer on their way than others."""
STOPPED = 600.0
"""Seconds for which DingTalk stops a robot that sent too much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Robot:
    """What is known of a robot. Times are Unix times."""

    sent: tuple[float, ...] = ()
    """When it was used, as far as that still counts."""
    places: Mapping[str, float] = field(default_factory=dict)
    """Whose turn comes when."""
    closed: float = 0.0
    """Until when DingTalk has stopped it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """When one message may be sent: in so many `seconds`; 0 means now, and that it counts as sent."""

    seconds: float = 0.0
    before: int = 0
    """How many others wait for an earlier turn."""
    stopped: bool = False
    """Whether DingTalk has stopped the robot meanwhile."""


class Robots(Protocol):
    """Knows how often robots were used. A call returns when its change is durable."""

    async def turn(self, robot: str, key: str) -> Turn:
        """Say when the message `key` may be sent by `robot`, in the order in which they were asked for."""
        ...

    async def stop(self, robot: str) -> None:
        """Take notice that DingTalk has stopped a robot."""
        ...


def turn_of(robot: Robot, key: str, now: float) -> tuple[Robot, Turn]:
    """Let `key` have its turn, or give it a place; one whose run has ended meanwhile loses its own with time."""
    sent = tuple(each for each in robot.sent if each > now - WINDOW)
    places = {name: at for name, at in robot.places.items() if name == key or at > now - WINDOW}
    mine = places.pop(key, None)
    if mine is not None and mine > now:
        at = max(mine, robot.closed)
    else:
        # Whose turn has come waits for nothing but what was really sent: after an outage many come together.
        others = () if mine is not None else places.values()
        at = _earliest((*sent, *others), robot.closed, now)
    if at <= now:
        return replace(robot, sent=(*sent, now), places=places), Turn()
    before = sum(1 for each in places.values() if now < each < at)
    kept = replace(robot, sent=sent, places={**places, key: at})
    return kept, Turn(seconds=at - now, before=before, stopped=robot.closed > now)


def stopped(robot: Robot, now: float) -> Robot:
    """Answer a robot that DingTalk has just stopped."""
    return replace(robot, closed=now + STOPPED)


def _earliest(taken: tuple[float, ...], closed: float, now: float) -> float:
    """Answer the first moment at which one more fits beside what is taken."""
    at = max(now, closed)
    if len(taken) >= MOST:
        at = max(at, sorted(taken)[-MOST] + WINDOW)
    return at
