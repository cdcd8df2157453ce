"""A run, its steps, and the revision it may raise, as frozen data with KubeVela's phases and reasons.

A run carries its whole plan (what is delivered, where, by which steps), so that neither an edited file
nor a new version of Shipmate changes what a started run does. Changing a run is `transitions`' work.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from bot.catalog.model import Application, Environment, Workflow
from bot.events import PersonName, RunId


class RunPhase(StrEnum):
    """KubeVela's phases of a workflow."""

    INITIALIZING = "initializing"
    EXECUTING = "executing"
    SUSPENDING = "suspending"
    TERMINATED = "terminated"
    FAILED = "failed"
    SUCCEEDED = "succeeded"

    @property
    def ended(self) -> bool:
        """Whether nothing more happens by itself."""
        return self in {RunPhase.TERMINATED, RunPhase.FAILED, RunPhase.SUCCEEDED}


class StepPhase(StrEnum):
    """KubeVela's phases of a step."""

    PENDING = "pending"
    RUNNING = "running"
    SUSPENDING = "suspending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    SKIPPED = "skipped"

    @property
    def ended(self) -> bool:
        """Whether the step is over."""
        return self in {StepPhase.SUCCEEDED, StepPhase.FAILED, StepPhase.SKIPPED}


class Reason(StrEnum):
    """Why a step is where it is, in KubeVela's words."""

    NONE = ""
    WAIT = "Wait"
    EXECUTE = "Execute"
    SUSPEND = "Suspend"
    SKIP = "Skip"
    TERMINATE = "Terminate"
    TIMEOUT = "Timeout"
    FAILED_AFTER_RETRIES = "FailedAfterRetries"
    ACTION = "Action"
    """It failed for good at the first attempt: trying again would be senseless."""
    INPUT = "Input"
    OUTPUT = "Output"


class Progress(NamedTuple):
    """What one part of a running step has reached: `web`, 2 of 3, and why not yet."""

    name: str
    ready: int
    wanted: int
    note: str = ""


class OnTimeout(StrEnum):
    """What becomes of a suspend step that nobody answered in time."""

    FAIL = "fail"
    REJECT = "reject"
    CONTINUE = "continue"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """What a suspending step waits for. Without `approvers` the environment's may answer."""

    message: str = ""
    approvers: tuple[str, ...] = ()
    until: datetime | None = None
    """When the gate opens by itself: KubeVela's `duration`."""
    on_timeout: OnTimeout = OnTimeout.FAIL
    """What the end of the step's `timeout` means."""
    on_reject: RunPhase = RunPhase.TERMINATED
    """`terminated` or `failed`: how the run ends when someone says no."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """An answer to a gate."""

    approved: bool
    by: PersonName
    at: datetime
    reason: str = ""
    via: str = ""
    """Where it came from: `slack button`, `slack command`, `clock`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRun:
    """One step of a run. `attempt` counts from 1 once it has started and is part of every key it uses."""

    name: str
    phase: StepPhase = StepPhase.PENDING
    reason: Reason = Reason.NONE
    message: str = ""
    attempt: int = 0
    round: int = 1
    """Counts up when a person retries: what belongs to one round carries one idempotency key."""
    failures: int = 0
    """Retryable failures of this round."""
    first_started: datetime | None = None
    started: datetime | None = None
    """Of the present attempt."""
    ended: datetime | None = None
    wake_at: datetime | None = None
    """When the clock has something to say: the next attempt, or the end of a gate."""
    deadline: datetime | None = None
    """When the step's `timeout` is over."""
    progress: tuple[Progress, ...] = ()
    details: tuple[str, ...] = ()
    gate: Gate | None = None
    decision: Decision | None = None
    outputs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that was decided when the run was accepted. Never changes.

    `application` has its images complete. `based_on` is the revision in force then (0: none), `rollback_to`
    the revision whose contents this run delivers again.
    """

    application: Application
    environment: Environment
    workflow: Workflow
    version: str = ""
    commit: str = ""
    note: str = ""
    based_on: int = 0
    rollback_to: int | None = None

    @property
    def images(self) -> dict[str, str]:
        """The image of each component that has one."""
        return {
            each.name: str(each.properties["image"])
            for each in self.application.components
            if "image" in each.properties
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Who asked, and where: `channel` is the chat's own id of the conversation."""

    person: PersonName
    chat: str
    channel: str
    via: str
    """`command`, `mention`, `button`, `api` …"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One execution of a workflow. `version` counts its stored changes and guards against lost ones."""

    id: RunId
    number: int
    plan: Plan
    origin: Origin
    created: datetime
    phase: RunPhase = RunPhase.INITIALIZING
    steps: tuple[StepRun, ...] = ()
    ended: datetime | None = None
    message: str = ""
    ended_by: PersonName | None = None
    """Who rejected or stopped it."""
    revision: int | None = None
    """What it raised, once it has succeeded."""
    events: int = 0
    """How many events it has had: the next one's number less one."""
    version: int = 0

    @property
    def application(self) -> str:
        """Name of the application."""
        return self.plan.application.name

    @property
    def environment(self) -> str:
        """Name of the environment."""
        return self.plan.environment.name

    @property
    def name(self) -> str:
        """What people call it: `shop/prod#17`."""
        return f"{self.application}/{self.environment}#{self.number}"

    def step(self, name: str) -> StepRun | None:
        """Find the step called `name`."""
        return next((each for each in self.steps if each.name == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """What a successful run delivered: an immutable snapshot, numbered per (application, environment)."""

    number: int
    run: RunId
    run_number: int
    plan: Plan
    by: PersonName
    at: datetime
    duration: float
    """Seconds from acceptance to success."""

    @property
    def name(self) -> str:
        """`v9`."""
        return f"v{self.number}"
