"""What an operation answers: values that presenters put into words. Any of them may instead be a Refusal."""

from dataclasses import dataclass
from datetime import datetime

from bot.catalog.approving import Requirement
from bot.catalog.model import Application, Environment, Person
from bot.findings import Finding
from bot.operations.forecasts import LiveShown, PlanShown, Return, TargetForecast
from bot.operations.replicas import ReplicaList
from bot.policy.decisions import Action
from bot.policy.holds import Hold
from bot.policy.refusals import Refusal
from bot.run.line import Standing
from bot.run.locks import Lock
from bot.run.model import Decision, Revision, Run


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
    """What is where, and the runs of these places with something done in an emergency that nobody has signed."""

    places: tuple[Place, ...]
    unsigned: tuple[Run, ...] = ()
    holds: tuple[Hold, ...] = ()
    """The locks and freezes of these places, and the freezes that begin within a day."""
    at: datetime | None = None
    """When it was so."""


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
class Words:
    """What a step left to read. `attached` names the file in the thread that has all of it, where there is one."""

    step: str
    lines: tuple[str, ...]
    attached: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogsShown:
    """The last words of steps of a run, of which `left_out` more have some."""

    run: Run
    words: tuple[Words, ...]
    left_out: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """An answer was taken; card and request show it by themselves."""

    run: Run
    step: str
    decision: Decision
    passed: tuple[str, ...] = ()
    """The locks and freezes that let it through."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Voted:
    """A yes was counted, and others have to say it, too: `votes` of `quorum` have, `needs` says who still has to."""

    run: Run
    step: str
    votes: int
    quorum: int
    attempt: int
    needs: tuple[Requirement, ...]
    passed: tuple[str, ...] = ()
    """The locks and freezes that let it through."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VoteTaken:
    """A yes was taken back; `needs` says who has to say yes now."""

    run: Run
    step: str
    needs: tuple[Requirement, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """What was done in an emergency was signed; `left` more of the run are not."""

    run: Run
    step: str
    left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Intervened:
    """The run was told to end, to stand still, to go on, to do `step` again or to pass it over."""

    run: Run
    action: Action
    step: str = ""
    passed: tuple[str, ...] = ()
    """The locks and freezes that let it through."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonAsked:
    """A rejection or a skip came without its reason, which is to be asked for: in a form where the chat has them."""

    run: Run
    step: str
    attempt: int = 0
    """Of a rejection: the attempt whose gate is meant."""
    action: Action = Action.REJECT
    """`reject` or `skip`."""
    shown: str = ""
    """The digest of what was shown with the button."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationList:
    """The applications."""

    applications: tuple[Application, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentList:
    """The environments, each with the names of the people who may deploy and approve there."""

    environments: tuple[tuple[Environment, tuple[str, ...], tuple[str, ...]], ...]
    rules: tuple[tuple[str, str, tuple[str, ...], tuple[str, ...]], ...] = ()
    """The same for each application that has a rule of its own: environment, application, who deploys, who approves."""
    holds: tuple[Hold, ...] = ()
    """Their locks and freezes, and the freezes that begin within a day."""
    at: datetime | None = None
    """When it was so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LockSet:
    """A lock holds now; `before` is what its holder has changed. The environment's channel is told by itself."""

    lock: Lock
    before: Lock | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlocked:
    """A lock holds no more. The environment's channel is told by itself."""

    lock: Lock


@dataclass(frozen=True, slots=True, kw_only=True)
class Right:
    """What someone may do in an environment, besides looking; with `application` what is otherwise for that one."""

    environment: str
    actions: tuple[Action, ...]
    application: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who the asker is, and what they may do where."""

    person: Person
    rights: tuple[Right, ...] = ()


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
    application: str = ""
    environment: str = ""
    """What it was about; empty where it was about no single one."""
    passed: tuple[str, ...] = ()
    """The locks and freezes that let it through: `lock:dev`, `freeze:weekend`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditShown:
    """Lines of the audit log, newest first. `more`: there are older ones; `about` is what was asked for, in words."""

    lines: tuple[Audited, ...]
    about: str = ""
    more: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """What was found when everything was tried out."""

    findings: tuple[Finding, ...]


Result = (
    Started
    | LockSet
    | Unlocked
    | AuditShown
    | Examined
    | PlanShown
    | LiveShown
    | RollbackProposed
    | RevisionList
    | Difference
    | StatusList
    | RunList
    | RunShown
    | LogsShown
    | Decided
    | Voted
    | VoteTaken
    | Signed
    | Intervened
    | ReasonAsked
    | ApplicationList
    | EnvironmentList
    | ReplicaList
    | Identity
    | HelpShown
    | Refusal
)
