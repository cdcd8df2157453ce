"""How long what has happened is kept: rules as values, read from what somebody has set. Pure.

A rule says how old something may be, how many of a place (an application in an environment) stay whatever their age, or
both: what is young enough or among the newest stays. What is never removed, whatever a rule says, is the store's business.
"""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from typing_extensions import override

FOREVER: Final = "forever"
UNITS: Final = {"d": 1, "w": 7, "y": 365}
"""Days."""
NEWEST_REVISIONS: Final = 10
"""Revisions of each place that stay whatever is set: a rollback looks back. KubeVela and Argo CD keep as many."""
LAST_DAYS: Final = timedelta(days=2)
"""The shortest time for ids of requests: Slack may bring an event again for a day.
Source: https://docs.slack.dev/apis/events-api/#delayed-events"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """One rule. With neither an age nor a number it keeps everything."""

    age: timedelta | None = None
    newest: int | None = None
    """Of each place."""

    @property
    def forever(self) -> bool:
        """Whether nothing is ever removed."""
        return self.age is None and self.newest is None

    @override
    def __str__(self) -> str:
        """Write it as it is set."""
        if self.forever:
            return FOREVER
        age = "" if self.age is None else f"{self.age.days}d"
        newest = "" if self.newest is None else str(self.newest)
        return ", ".join(each for each in (age, newest) if each)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """The rules of one Shipmate."""

    runs: Keep = field(default_factory=lambda: Keep(age=timedelta(days=365), newest=50))
    """Of runs that are over, with their events, messages and what they have delivered."""
    revisions: Keep = field(default_factory=lambda: Keep(age=timedelta(days=365), newest=50))
    """Of revisions; the run of one stays as long as it does."""
    audit: Keep = field(default_factory=Keep)
    requests: Keep = field(default_factory=lambda: Keep(age=timedelta(days=30)))
    """Of requests that were answered, by whose ids one that comes again is recognised."""


def parse_keep(text: str, *, counted: bool = True, least: int = 1) -> Keep:
    """Read `365d`, `50`, `365d, 50` or `forever`. Raises ValueError with a sentence for a person.

    `counted`: whether a number is allowed, of at least `least`.
    """
    words = text.replace(",", " ").lower().split()
    if words == [FOREVER]:
        return Keep()
    spans = [each for each in words if re.fullmatch(r"[1-9]\d{0,4}[dwy]", each, re.ASCII)]
    numbers = [each for each in words if re.fullmatch(r"[1-9]\d{0,8}", each, re.ASCII)]
    whole = bool(words) and len(spans) + len(numbers) == len(words)
    if not whole or len(spans) > 1 or len(numbers) > (1 if counted else 0):
        examples = "365d, 50, both (365d, 50)" if counted else "a time such as 90d"
        raise ValueError(f"expected {examples} or {FOREVER}")
    if numbers and int(numbers[0]) < least:
        raise ValueError(f"expected at least {least}, for people go back to them")
    days = sum(int(each[:-1]) * UNITS[each[-1]] for each in spans)
    return Keep(
        age=timedelta(days=days) if spans else None,
        newest=int(numbers[0]) if numbers else None,
    )
