"""What has happened in a run: frozen facts in the past tense, numbered per run, never changed.

Events carry ids, times, enums' values and text only, so that whoever listens needs nothing else. They are
stored in the transaction that makes them true and chat announces them from there, which is why none is lost
or told twice. They are no commands: nothing that listens can change the run.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NewType

RunId = NewType("RunId", str)
"""Identifies a run for ever and everywhere: random, so that an old button never meets another run."""

PersonName = NewType("PersonName", str)
"""A person's name in workflows/ (`sre`), or `shipmate` for what the clock or a rule did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """What a container said, too long for a message: a file's `name` and its text, without secrets."""

    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted:
    """A run was accepted. It begins when its turn comes."""

    at: datetime
    kind: Literal["run_started"] = "run_started"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepStarted:
    """A step began its first attempt, or another one."""

    at: datetime
    step: str
    attempt: int
    kind: Literal["step_started"] = "step_started"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepHeld:
    """A step waits for the clock: it goes on by itself at `until`."""

    at: datetime
    step: str
    attempt: int
    until: datetime
    kind: Literal["step_held"] = "step_held"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRequested:
    """A suspend step waits for a person."""

    at: datetime
    step: str
    attempt: int
    message: str
    kind: Literal["approval_requested"] = "approval_requested"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalGiven:
    """One of several people who have to say yes to a suspend step did."""

    at: datetime
    step: str
    attempt: int
    by: PersonName
    reason: str
    kind: Literal["approval_given"] = "approval_given"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalWithdrawn:
    """Someone who had said yes to a suspend step took it back."""

    at: datetime
    step: str
    attempt: int
    by: PersonName
    kind: Literal["approval_withdrawn"] = "approval_withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalsVoided:
    """The rules of an approval changed while it was asked for: what `people` had said counts no more.

    `was` and `now` are who has to say yes: how many, and of which roles any. What is None has not changed.
    """

    at: datetime
    step: str
    attempt: int
    people: tuple[PersonName, ...]
    was: tuple[tuple[int, tuple[str, ...]], ...] = ()
    now: tuple[tuple[int, tuple[str, ...]], ...] = ()
    self_approval: bool | None = None
    locked: str | None = None
    """By what the environment is locked now; empty: it was unlocked."""
    kind: Literal["approvals_voided"] = "approvals_voided"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalReminded:
    """Nobody has given an approval for so long that people are reminded: in the thread, each directly, or a role."""

    at: datetime
    step: str
    attempt: int
    to: str
    role: str = ""
    kind: Literal["approval_reminded"] = "approval_reminded"


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyDeclared:
    """Someone opened a suspend step alone, in an emergency."""

    at: datetime
    step: str
    attempt: int
    by: PersonName
    reason: str
    kind: Literal["emergency_declared"] = "emergency_declared"


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencySigned:
    """Someone else has looked at what was done in an emergency."""

    at: datetime
    step: str
    attempt: int
    by: PersonName
    note: str
    kind: Literal["emergency_signed"] = "emergency_signed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalDecided:
    """A suspend step got its answer, from a person or (by = `shipmate`) from the clock."""

    at: datetime
    step: str
    attempt: int
    approved: bool
    by: PersonName
    reason: str
    stops: bool = False
    """The run is ended by it, also when it was paused."""
    kind: Literal["approval_decided"] = "approval_decided"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepSucceeded:
    """A step did what it was to do. `details` are lines worth reading in the thread: the last words of a job."""

    at: datetime
    step: str
    attempt: int
    details: tuple[str, ...] = ()
    log: Log | None = None
    kind: Literal["step_succeeded"] = "step_succeeded"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRetrying:
    """An attempt failed in a way that may pass; the next one comes at `again_at`."""

    at: datetime
    step: str
    attempt: int
    message: str
    again_at: datetime
    kind: Literal["step_retrying"] = "step_retrying"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFailed:
    """A step failed for good. `details` are lines that show why: events, last log lines."""

    at: datetime
    step: str
    attempt: int
    reason: str
    message: str
    details: tuple[str, ...] = ()
    group: bool = False
    """Whether it is a group, which fails because one of its sub-steps did."""
    log: Log | None = None
    kind: Literal["step_failed"] = "step_failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepSkipped:
    """A step was passed over; by a person, where one asked for it."""

    at: datetime
    step: str
    message: str
    by: PersonName | None = None
    kind: Literal["step_skipped"] = "step_skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStopped:
    """A person asked the run to stop; what ran was told to end."""

    at: datetime
    by: PersonName
    reason: str
    kind: Literal["run_stopped"] = "run_stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSuspended:
    """A person asked the run to stand still; `steps` were running and pause."""

    at: datetime
    by: PersonName
    reason: str
    steps: tuple[str, ...] = ()
    kind: Literal["run_suspended"] = "run_suspended"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResumed:
    """A person let a run go on that stood still; `steps` run again."""

    at: datetime
    by: PersonName
    reason: str = ""
    steps: tuple[str, ...] = ()
    kind: Literal["run_resumed"] = "run_resumed"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRetried:
    """A person let a run go on from a step that had failed (empty: all steps anew). `steps` are done again."""

    at: datetime
    by: PersonName
    step: str
    steps: tuple[str, ...] = ()
    kind: Literal["run_retried"] = "run_retried"


@dataclass(frozen=True, slots=True, kw_only=True)
class RestartCancelled:
    """A run that is over, and that the clock was to begin anew, stays over: a person wants it, or another run came after it."""

    at: datetime
    by: PersonName
    reason: str
    kind: Literal["restart_cancelled"] = "restart_cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSucceeded:
    """Every step succeeded or was skipped on purpose; `revision` is what the run raised."""

    at: datetime
    revision: int
    kind: Literal["run_succeeded"] = "run_succeeded"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFailed:
    """The run ended because `step` failed."""

    at: datetime
    step: str
    message: str
    kind: Literal["run_failed"] = "run_failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunTerminated:
    """The run ended because a person rejected or stopped it."""

    at: datetime
    by: PersonName
    reason: str
    kind: Literal["run_terminated"] = "run_terminated"


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnRefused:
    """The turn of a run came and it was not begun: a refusal's code, its facts and who could."""

    at: datetime
    code: str
    facts: dict[str, str]
    who: tuple[str, ...] = ()
    kind: Literal["turn_refused"] = "turn_refused"


Event = (
    RunStarted
    | StepStarted
    | StepHeld
    | ApprovalRequested
    | ApprovalGiven
    | ApprovalWithdrawn
    | ApprovalsVoided
    | ApprovalReminded
    | EmergencyDeclared
    | EmergencySigned
    | ApprovalDecided
    | StepSucceeded
    | StepRetrying
    | StepFailed
    | StepSkipped
    | RunStopped
    | RunSuspended
    | RunResumed
    | RunRetried
    | RestartCancelled
    | RunSucceeded
    | RunFailed
    | RunTerminated
    | TurnRefused
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """An event with its place: the `number`-th of its run, `sequence`-th of the whole store."""

    sequence: int
    run: RunId
    number: int
    event: Event
