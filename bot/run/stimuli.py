"""What can happen to a run: everything that may change it, as frozen data.

A stimulus about an attempt names it, so that what a dead attempt still has to say is recognised and ignored.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.events import PersonName
from bot.run.model import Gate, Progress, Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Began:
    """The run was stored and may move."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepProgressed:
    """A running step has got further."""

    step: str
    attempt: int
    progress: tuple[Progress, ...]
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFinished:
    """A step has done what it was to do. `outputs` are the named values of its `outputs`."""

    step: str
    attempt: int
    message: str = ""
    outputs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepSuspended:
    """A step waits for a person or the clock."""

    step: str
    attempt: int
    gate: Gate


@dataclass(frozen=True, slots=True, kw_only=True)
class StepErrored:
    """An attempt failed. `reason` is that of a failure for good; a retryable one may be tried again."""

    step: str
    attempt: int
    message: str
    retryable: bool
    reason: Reason = Reason.ACTION
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TimePassed:
    """The time that a step was waiting for may have come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approved:
    """Someone who may said yes."""

    step: str
    attempt: int
    by: PersonName
    reason: str = ""
    via: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """Someone who may said no."""

    step: str
    attempt: int
    by: PersonName
    reason: str
    via: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StopAsked:
    """Someone who may wants the run to end now."""

    by: PersonName
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryAsked:
    """Someone who may wants a failed run to go on from a failed step (empty: the first one)."""

    by: PersonName
    step: str = ""


Stimulus = (
    Began
    | StepProgressed
    | StepFinished
    | StepSuspended
    | StepErrored
    | TimePassed
    | Approved
    | Rejected
    | StopAsked
    | RetryAsked
)
