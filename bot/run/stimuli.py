"""What can happen to a run: everything that may change it, as frozen data.

A stimulus about an attempt names it, so that what a dead attempt still has to say is recognised and ignored.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.catalog.model import Environment
from bot.events import Log, PersonName
from bot.run.again import Behind
from bot.run.model import Gate, Plan, Progress, Reason, Restart
from bot.run.waiting import Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Began:
    """The turn of the run has come. `plan` is what was decided now; None: what it was accepted with stays."""

    plan: Plan | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Declined:
    """The turn of the run has come, and what it asks for can no longer be done."""

    refused: Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class GaveWay:
    """Another run came that takes its place in the line."""

    by: PersonName
    reason: str


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
    details: tuple[str, ...] = ()
    log: Log | None = None
    restart: Restart | None = None
    """When the whole run is to be done again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepSuspended:
    """A step waits for a person or the clock."""

    step: str
    attempt: int
    gate: Gate


@dataclass(frozen=True, slots=True, kw_only=True)
class StepWaiting:
    """What a step waits for is not there yet; it is looked at again `after` seconds (None: as KubeVela does)."""

    step: str
    attempt: int
    message: str = ""
    after: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepErrored:
    """An attempt failed. `reason` is that of a failure for good; a retryable one may be tried again."""

    step: str
    attempt: int
    message: str
    retryable: bool
    reason: Reason = Reason.ACTION
    details: tuple[str, ...] = ()
    log: Log | None = None
    outputs: Mapping[str, Any] = field(default_factory=dict)
    """Of a failure for good: what it left behind all the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimePassed:
    """The time that a step was waiting for may have come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approved:
    """Someone with `roles` said yes to what has the digest `terms` (empty: to what stands there).

    `passed` are the locks and freezes that let it through.
    """

    step: str
    attempt: int
    by: PersonName
    roles: tuple[str, ...]
    reason: str = ""
    via: str = ""
    terms: str = ""
    passed: tuple[str, ...] = ()
    request: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """Someone who may said no."""

    step: str
    attempt: int
    by: PersonName
    reason: str
    via: str = ""
    terms: str = ""
    """The digest of what is said no to; empty: of what stands there."""
    request: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class VoteWithdrawn:
    """Someone takes their yes back."""

    step: str
    attempt: int
    by: PersonName
    behind: Behind | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VotesVoided:
    """The rules of the environment are others than those that a gate was opened under, or it was locked or unlocked.

    `lost` are people who have said yes and may not any more; their votes alone are void when the rules are the same.
    """

    step: str
    attempt: int
    environment: Environment
    locked: str = ""
    lost: tuple[PersonName, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GlassBroken:
    """Someone who may opens a gate alone, in an emergency."""

    step: str
    attempt: int
    by: PersonName
    reason: str
    via: str = ""
    behind: Behind | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewSigned:
    """Someone who may has looked at what was done in an emergency."""

    step: str
    attempt: int
    by: PersonName
    note: str = ""
    behind: Behind | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StopAsked:
    """Someone who may wants the run to end now; with a `step`, only that one."""

    by: PersonName
    reason: str = ""
    step: str = ""
    behind: Behind | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspendAsked:
    """Someone who may wants the run to stand still: no step begins, those that run pause (or only `step`)."""

    by: PersonName
    reason: str = ""
    step: str = ""
    behind: Behind | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeAsked:
    """Someone who may wants what is suspended to go on: all of it, gates too, or only `step`."""

    by: PersonName
    step: str = ""
    reason: str = ""
    via: str = ""
    gates: bool = True
    """Whether gates open, too, and not only what stood still by request."""
    behind: Behind | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryAsked:
    """Someone who may wants to go on from a failed step (empty: the first one), or not to wait for the next try."""

    by: PersonName
    step: str = ""
    behind: Behind | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RestartAsked:
    """Someone who may wants all steps to be done again, whatever became of them."""

    by: PersonName
    behind: Behind | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SkipAsked:
    """Someone who may wants a step to be passed over, and what depends on it to go on."""

    by: PersonName
    step: str
    reason: str = ""
    behind: Behind | None = None


AttemptStimulus = StepProgressed | StepFinished | StepSuspended | StepWaiting | StepErrored
"""What an attempt says."""

Stimulus = (
    Began
    | Declined
    | GaveWay
    | AttemptStimulus
    | TimePassed
    | Approved
    | Rejected
    | VoteWithdrawn
    | VotesVoided
    | GlassBroken
    | ReviewSigned
    | StopAsked
    | SuspendAsked
    | ResumeAsked
    | RetryAsked
    | RestartAsked
    | SkipAsked
)
