"""What an operation answers: values that presenters put into words. Any of them may instead be a Refusal."""

from dataclasses import dataclass
from datetime import datetime

from bot.catalog.model import Application, Environment, Person
from bot.operations.forecasts import LiveShown, PlanShown, Return, TargetForecast
from bot.policy.decisions import Action
from bot.policy.refusals import Refusal
from bot.run.line import Standing
from bot.run.model import Decision, Plan, Revision, Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A run was accepted; its card follows by itself. `again`: this request had started it before."""

    run: Run
    again: bool = False
    standing: Standing | None = None
    """Where it stands, if it waits."""
    not_in_it: Run | None = None
    """What is under way where it was promoted from, and is not delivered by it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference: `path` inside an object, what it was and what it becomes (empty: not there)."""

    component: str
    path: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RollbackProposed:
    """What a rollback would change, to be confirmed with `digest`. `changes` are those of the application."""

    application: str
    environment: str
    current: Revision
    target: Revision
    changes: tuple[Change, ...]
    ahead: Return
    digest: str
    under_way: Run | None = None
    """The run that it would wait for."""
    waiting: tuple[Run, ...] = ()
    """The deployments in the line, which it would end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionList:
    """Revisions, newest first; `current` is the number in force."""

    application: Application
    environment: Environment
    revisions: tuple[Revision, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What changed from `older` to `newer`: object by object, or of the application where that is all that was kept."""

    application: str
    environment: str
    older: Revision
    newer: Revision
    changes: tuple[Change, ...] = ()
    targets: tuple[TargetForecast, ...] = ()
    show: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What is in one (application, environment): the revision in force and the run under way or last."""

    application: str
    environment: str
    revision: Revision | None
    run: Run | None
    line: tuple[Run, ...] = ()
    """Those that wait for their turn or their moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusList:
    """What is where."""

    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunList:
    """Runs, newest first."""

    application: str
    environment: str
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunShown:
    """One run, and where it stands if it waits."""

    run: Run
    standing: Standing | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """An answer was taken; card and request show it by themselves."""

    run: Run
    step: str
    decision: Decision


@dataclass(frozen=True, slots=True, kw_only=True)
class Voted:
    """A yes was counted, and others have to say it, too: `votes` of `quorum` have."""

    run: Run
    step: str
    votes: int
    quorum: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Intervened:
    """The run was told to end, to stand still, to go on, to do `step` again or to pass it over."""

    run: Run
    action: Action
    step: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonAsked:
    """A rejection came without its reason, which is to be asked for: in a form where the chat has them."""

    run: Run
    step: str
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationList:
    """The applications."""

    applications: tuple[Application, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentList:
    """The environments, each with the names of the people who may deploy and approve there."""

    environments: tuple[tuple[Environment, tuple[str, ...], tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who the asker is, and the environments where they may deploy and approve."""

    person: Person
    may_deploy: tuple[str, ...]
    may_approve: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VerbHelp:
    """One verb: its form, what it does, an example, the heading it stands under."""

    verb: str
    form: str
    summary: str
    example: str
    group: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpShown:
    """Help on the verbs asked for."""

    verbs: tuple[VerbHelp, ...]


Result = (
    Started
    | PlanShown
    | LiveShown
    | RollbackProposed
    | RevisionList
    | Difference
    | StatusList
    | RunList
    | RunShown
    | Decided
    | Voted
    | Intervened
    | ReasonAsked
    | ApplicationList
    | EnvironmentList
    | Identity
    | HelpShown
    | Refusal
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """One line of the audit log: who asked what from where, and what was answered."""

    at: datetime
    person: str
    """The name in workflows/, or the chat's identity of someone unknown."""
    chat: str
    channel: str
    via: str
    request: str
    """The request as text."""
    outcome: str
    """`allowed` or the refusal's code."""
    run: str = ""


def plan_line(plan: Plan) -> str:
    """Name what a plan delivers: the version, or the images when they do not share one."""
    return plan.version or ", ".join(sorted(plan.images.values()))
