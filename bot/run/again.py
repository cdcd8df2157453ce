"""What comes again: a run that the clock begins anew, and a request that is answered a second time after a crash."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Restart:
    """When a run that is over is done again by the clock: at a moment, or some seconds after each of its ends."""

    at: datetime | None = None
    every: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """The request behind a change of a run, by its id, with what was answered: the step it was about, and what it passed."""

    request: str
    step: str = ""
    passed: tuple[str, ...] = ()
