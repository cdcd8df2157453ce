"""Puts what operations answer into the shapes of the API."""

from collections.abc import Sequence
from typing import assert_never

from bot.operations.forecasts import Forecast, LiveShown, PlanShown
from bot.operations.replicas import ReplicaList
from bot.operations.results import (
    ApplicationList,
    AuditShown,
    Change,
    Decided,
    Difference,
    EnvironmentList,
    Examined,
    HelpShown,
    Identity,
    Intervened,
    LockSet,
    LogsShown,
    Place,
    ReasonAsked,
    Result,
    RevisionList,
    RollbackProposed,
    RunList,
    RunShown,
    Signed,
    Started,
    StatusList,
    Unlocked,
    Voted,
    VoteTaken,
)
from bot.policy.holds import Hold
from bot.policy.refusals import Refusal
from bot.run.line import Standing
from bot.web.answers import Sentence, problem_of
from bot.web.problems import Problem
from bot.web.results import (
    ApplicationsAnswer,
    ApplicationShape,
    AuditAnswer,
    AuditShape,
    ChangeShape,
    ComparedAnswer,
    DoctorAnswer,
    EnvironmentsAnswer,
    EnvironmentShape,
    FindingShape,
    HoldShape,
    LockAnswer,
    LogsAnswer,
    PlaceShape,
    ReplicasAnswer,
    ReplicaShape,
    RevisionsAnswer,
    RightShape,
    RunAnswer,
    RunsAnswer,
    StatusAnswer,
    VerbsAnswer,
    VerbShape,
    WhoAnswer,
    WordsShape,
    targets_shape,
)
from bot.web.shapes import Shape, needs_shape, revision_shape, run_shape, vote_shape

OfARun = Started | RunShown | Decided | Voted | VoteTaken | Signed | Intervened
Compared = PlanShown | LiveShown | RollbackProposed | Difference


def reply(result: Result, sentence: Sentence) -> tuple[int, Shape]:
    """Answer a status and a body. Raises Problem for what was refused, or takes a reason."""
    match result:
        case Refusal():
            raise problem_of(result, sentence)
        case ReasonAsked():
            said = f"Say why: {result.action.value} takes a reason."
            raise Problem(400, "reason_missing", said, facts={"run": result.run.name})
        case Started():
            return 200 if result.again else 202, _of_a_run(result)
        case RunShown() | Decided() | Voted() | VoteTaken() | Signed() | Intervened():
            return 200, _of_a_run(result)
        case PlanShown() | LiveShown() | RollbackProposed() | Difference():
            return 200, _compared(result)
        case Examined() | ReplicaList():
            return 200, _of_shipmate(result)
        case _:
            return 200, _listing(result)


def _of_shipmate(result: Examined | ReplicaList) -> Shape:
    """Say how Shipmate itself is."""
    if isinstance(result, Examined):
        return DoctorAnswer(
            findings=[
                FindingShape(
                    subject=each.subject,
                    verdict=each.verdict.value,
                    said=each.said,
                    mend=each.mend,
                )
                for each in result.findings
            ]
        )
    return ReplicasAnswer(
        replicas=[
            ReplicaShape(
                name=each.name,
                version=each.version,
                started=each.started,
                silent=each.silent,
                leads=each.runs is not None,
                runs=each.runs or 0,
            )
            for each in result.replicas
        ]
    )


def _of_a_run(result: OfARun) -> RunAnswer:
    answer = RunAnswer(run=run_shape(result.run))
    match result:
        case Started():
            answer.again, answer.waits = result.again, _waits(result.standing)
        case RunShown():
            answer.waits = _waits(result.standing)
        case Decided():
            answer.step, answer.decision = result.step, vote_shape(result.decision)
        case Voted() | VoteTaken():
            answer.step, answer.needs = result.step, needs_shape(result.needs)
        case Signed() | Intervened():
            answer.step = result.step
        case _:
            assert_never(result)
    return answer


def _waits(standing: Standing | None) -> str:
    """Say why a run has not begun."""
    if standing is None:
        return ""
    if standing.hold:
        return standing.hold
    return f"after {standing.after.name}" if standing.after else "for its moment"


def _compared(result: Compared) -> ComparedAnswer:
    match result:
        case PlanShown():
            plan = result.plan
            answer = _forecast(plan.application.name, plan.environment.name, result.forecast)
            answer.version = plan.version
            answer.older = result.base.number if result.base else None
        case LiveShown():
            answer = _forecast(result.application, result.environment, result.forecast)
            answer.older = result.revision.number if result.revision else None
        case RollbackProposed():
            answer = _forecast(result.application, result.environment, result.ahead.forecast)
            answer.older, answer.newer = result.target.number, result.current.number
            answer.version, answer.confirmed = result.target.plan.version, result.digest
            answer.changes = _changes(result.changes)
            answer.lasting = [
                f"{each.how.value}: {', '.join(each.what)}" for each in result.ahead.lasting
            ]
        case Difference():
            answer = ComparedAnswer(application=result.application, environment=result.environment)
            answer.older, answer.newer = result.older.number, result.newer.number
            answer.changes = _changes(result.changes)
            forecast = Forecast(at=result.newer.at, targets=result.targets)
            answer.targets = targets_shape(forecast)
        case _:
            assert_never(result)
    return answer


def _forecast(application: str, environment: str, forecast: Forecast) -> ComparedAnswer:
    return ComparedAnswer(
        application=application,
        environment=environment,
        targets=targets_shape(forecast),
        unseen=[f"{each.what}: {each.why}" for each in forecast.unseen],
    )


def _changes(changes: Sequence[Change]) -> list[ChangeShape]:
    return [
        ChangeShape(component=each.component, path=each.path, before=each.before, after=each.after)
        for each in changes
    ]


def _listing(
    result: RevisionList
    | RunList
    | LogsShown
    | StatusList
    | ApplicationList
    | EnvironmentList
    | Identity
    | HelpShown
    | LockSet
    | Unlocked
    | AuditShown,
) -> Shape:
    match result:
        case RevisionList():
            return RevisionsAnswer(revisions=[revision_shape(each) for each in result.revisions])
        case RunList():
            return RunsAnswer(runs=[run_shape(each) for each in result.runs])
        case LogsShown():
            logs = [WordsShape(step=each.step, lines=list(each.lines)) for each in result.words]
            return LogsAnswer(run=run_shape(result.run), logs=logs, left_out=result.left_out)
        case StatusList():
            return StatusAnswer(
                places=[_place(each) for each in result.places],
                holds=_holds(result.holds),
                unsigned=[each.name for each in result.unsigned],
            )
        case LockSet() | Unlocked():
            return _lock(result)
        case AuditShown():
            return _audit(result)
        case _:
            return _about(result)


def _about(result: ApplicationList | EnvironmentList | Identity | HelpShown) -> Shape:
    match result:
        case ApplicationList():
            return ApplicationsAnswer(
                applications=[
                    ApplicationShape(
                        name=each.name,
                        description=each.description,
                        repository=each.repository,
                        components=[one.name for one in each.components],
                    )
                    for each in result.applications
                ]
            )
        case EnvironmentList():
            return _environments(result)
        case Identity():
            return _who(result)
        case HelpShown():
            return VerbsAnswer(
                verbs=[
                    VerbShape(
                        verb=each.verb,
                        form=each.form,
                        summary=each.summary,
                        example=each.example,
                    )
                    for each in result.verbs
                ]
            )


def _environments(result: EnvironmentList) -> EnvironmentsAnswer:
    return EnvironmentsAnswer(
        environments=[
            EnvironmentShape(
                name=each.name,
                description=each.description,
                targets=[one.name for one in each.targets],
                deployers=list(deployers),
                approvers=list(approvers),
            )
            for each, deployers, approvers in result.environments
        ],
        holds=_holds(result.holds),
    )


def _who(result: Identity) -> WhoAnswer:
    return WhoAnswer(
        name=result.person.name,
        machine=result.person.machine,
        roles=list(result.person.roles),
        rights=[
            RightShape(
                environment=each.environment,
                application=each.application,
                actions=[one.value for one in each.actions],
            )
            for each in result.rights
        ],
    )


def _place(place: Place) -> PlaceShape:
    return PlaceShape(
        application=place.application,
        environment=place.environment,
        revision=revision_shape(place.revision) if place.revision else None,
        run=run_shape(place.run) if place.run else None,
        line=[run_shape(each) for each in place.line],
    )


def _holds(holds: Sequence[Hold]) -> list[HoldShape]:
    return [
        HoldShape(
            kind=each.kind.value,
            environment=each.environment,
            application=each.application,
            name=each.name,
            by=each.by,
            reason=each.reason,
            since=each.since,
            until=each.until,
        )
        for each in holds
    ]


def _lock(result: LockSet | Unlocked) -> LockAnswer:
    lock = result.lock
    return LockAnswer(
        environment=lock.environment,
        application=lock.application,
        by=lock.by,
        reason=lock.reason,
        until=lock.until,
        holds=isinstance(result, LockSet),
    )


def _audit(result: AuditShown) -> AuditAnswer:
    return AuditAnswer(
        lines=[
            AuditShape(
                at=each.at,
                person=each.person,
                chat=each.chat,
                via=each.via,
                request=each.request,
                outcome=each.outcome,
                run=each.run,
                passed=list(each.passed),
            )
            for each in result.lines
        ],
        more=result.more,
    )
