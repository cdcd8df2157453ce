"""A run, its steps, and the revision it may raise, as frozen data with KubeVela's phases and reasons.

A run carries its whole plan (what is delivered, where, by which steps), so that neither an edited file
nor a new version of Shipmate changes what a started run does. Changing a run is `transitions`' work.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from bot.catalog.approving import Remind, Reminder, Requirement
from bot.catalog.model import Application, Environment, Workflow
from bot.events import PersonName, RunId
from bot.run.again import Behind
from bot.run.again import Restart as Restart
from bot.run.code import Code
from bot.run.origin import BY_TOKEN
from bot.run.origin import Origin as Origin
from bot.run.waiting import Refused, Wish


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
        return self in {"terminated", "failed", "succeeded"}  # words: a set that is made once


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
        return self in {"succeeded", "failed", "skipped"}  # asked for each step at each change


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
    """It said itself that it failed: trying again would be senseless."""
    RENDERING = "Rendering"
    """Its `if` has no yes or no."""
    PROCESS_PARAMETER = "ProcessParameter"
    """Its properties are not what its type takes."""
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
    quorum: int = 1
    """How many different people have to say yes."""
    then_runs: bool = False
    """Whether the step does its work after the yes, instead of being done by it (`deploy` with `auto: false`)."""
    approvals: tuple[Requirement, ...] = ()
    """Who has to say yes, in place of `approvers` and `quorum`."""
    self_approval: bool | None = None
    """Whether whoever asked for the run may say yes; None: as the environment says."""
    reminders: tuple[Reminder, ...] | None = None
    """None: the environment's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a yes is a yes to: the rules in force when it was asked, and a digest of all that the run does after it."""

    requirements: tuple[Requirement, ...]
    self_approval: bool = True
    locked: str = ""
    """By what the environment is locked, if it is."""
    digest: str = ""

    def same_rules(self, other: "Terms") -> bool:
        """Say whether both stand for the same rules; what a run does never changes."""
        mine = (self.requirements, self.self_approval, self.locked)
        return mine == (other.requirements, other.self_approval, other.locked)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """A moment at which people are reminded of a gate, once."""

    at: datetime
    to: Remind
    role: str = ""
    rung: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A gate that someone opened in an emergency: it is looked at until someone else signs it."""

    step: str
    attempt: int
    by: PersonName
    at: datetime
    reason: str
    roles: tuple[str, ...] = ()
    """Those that could have opened it."""
    signed_by: PersonName | None = None
    signed_at: datetime | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """An answer to a gate."""

    approved: bool
    by: PersonName
    at: datetime
    reason: str = ""
    via: str = ""
    """Where it came from: `slack button`, `slack command`, `clock`."""
    roles: tuple[str, ...] = ()
    """Those that the person had then."""
    emergency: bool = False
    """Whether it opened the gate without those who had to say yes."""
    passed: tuple[str, ...] = ()
    """The locks and freezes that held the place then and let a yes through."""
    request: str = ""
    """The id of the request that it came with, by which that is recognised when it comes again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRun:
    """One step or sub-step of a run. `attempt` counts from 1 once it has started and is part of every key it uses.

    As in KubeVela a step that failed and is tried again is `failed` with the reason `Execute` meanwhile.
    """

    name: str
    parent: str = ""
    """The group that a sub-step is in."""
    group: bool = False
    """Whether it is a group: it has sub-steps and does nothing itself."""
    phase: StepPhase = StepPhase.PENDING
    reason: Reason = Reason.NONE
    message: str = ""
    attempt: int = 0
    round: int = 1
    """Counts up when a person retries: what belongs to one round carries one idempotency key."""
    failures: int = 0
    """Retryable failures of this round."""
    looks: int = 0
    """How often it was looked at in vain, while it waited for something."""
    first_started: datetime | None = None
    started: datetime | None = None
    """Of the present attempt."""
    ended: datetime | None = None
    wake_at: datetime | None = None
    """When the clock has something to say: the next attempt, or the next look."""
    deadline: datetime | None = None
    """When the step's `timeout` is over."""
    progress: tuple[Progress, ...] = ()
    details: tuple[str, ...] = ()
    gate: Gate | None = None
    votes: tuple[Decision, ...] = ()
    """Who has said yes so far, where more than one has to."""
    terms: Terms | None = None
    """What is said yes to, once the gate has asked."""
    alarms: tuple[Alarm, ...] = ()
    """When people are reminded of the gate."""
    decision: Decision | None = None
    skipped_by: PersonName | None = None
    """Who passed it over; what depends on it goes on as if it had succeeded."""
    outputs: Mapping[str, Any] = field(default_factory=dict)

    @property
    def over(self) -> bool:
        """Whether nothing more happens to it by itself."""
        return self.phase.ended and not self.retrying

    @property
    def retrying(self) -> bool:
        """Whether it failed and will be tried again."""
        return self.phase is StepPhase.FAILED and self.reason is Reason.EXECUTE

    @property
    def executing(self) -> bool:
        """Whether its coroutine is to be under way."""
        return self.phase is StepPhase.RUNNING and self.wake_at is None and not self.group

    @property
    def at_gate(self) -> bool:
        """Whether it waits for a person or the clock, and not only because the whole run stands still."""
        return (
            self.phase is StepPhase.SUSPENDING and self.gate is not None and self.decision is None
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that was decided when the run began. Before, it says what was decided when the run was accepted.

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
    repeats: RunId | None = None
    """Of a rollback: the run whose delivery is repeated as it was."""
    passed: tuple[str, ...] = ()
    """The locks and freezes that held its place then and let it through: `lock:dev`, `freeze:weekend`."""
    promoted: str = ""
    """The environment and revision that it was promoted from: `staging v7`."""
    code: Code | None = None
    """What is known of the commit."""

    @property
    def images(self) -> dict[str, str]:
        """The image of each component that has one."""
        return {
            each.name: str(each.properties["image"])
            for each in self.application.components
            if each.has_image
        }


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
    terminated: bool = False
    """Whether it was told to end: what has not begun is passed over, handlers of failures apart."""
    suspended_by: PersonName | None = None
    """Who asked the whole run to stand still."""
    deadline: datetime | None = None
    """When the workflow's own timeout is over."""
    revision: int | None = None
    """What it raised, once it has succeeded."""
    restart: Restart | None = None
    """Whether it is done again by the clock when it is over."""
    restarted: bool = False
    """Whether the clock has begun it anew."""
    reviews: tuple[Review, ...] = ()
    """Of gates that were opened in an emergency, oldest first."""
    wish: Wish | None = None
    """What it delivers is decided from this once more when its turn comes; None: it stays as it was accepted."""
    at: datetime | None = None
    """It joins the line at this moment, and not before."""
    began: datetime | None = None
    """When its turn came."""
    unbegun: bool = False
    """It is over without having begun: it left the line."""
    refused: Refused | None = None
    """Why it was not begun when its turn came."""
    behind: tuple[Behind, ...] = ()
    """The last requests that have changed it, each to be known when it comes again."""
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

    @property
    def committer(self) -> str:
        """Whoever committed what it delivers, where no chat asked for it and a CI system has said so; or nobody."""
        code = self.plan.code
        return code.author if code is not None and self.origin.chat in BY_TOKEN else ""

    @property
    def owners(self) -> tuple[PersonName, ...]:
        """Whose it is, so that their own yes may not count: whoever asked for it, and whoever committed what is delivered."""
        committer = (PersonName(self.committer),) if self.committer else ()
        return (self.origin.person, *committer)

    @property
    def open_reviews(self) -> tuple[Review, ...]:
        """Those that nobody has signed."""
        return tuple(each for each in self.reviews if each.signed_by is None)

    @property
    def waits(self) -> bool:
        """Whether its turn has not come."""
        return self.phase is RunPhase.INITIALIZING

    @property
    def begun(self) -> bool:
        """Whether its turn has come: it is, or was, more than a wish."""
        return not (self.waits or self.unbegun)

    @property
    def since(self) -> datetime:
        """From when on it counts how long it takes: the time in the line is not in it."""
        return self.began or self.created

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
    """Seconds from its begin to success."""

    @property
    def name(self) -> str:
        """`v9`."""
        return f"v{self.number}"
