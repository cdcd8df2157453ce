"""Joins each type of request to the operation that answers it: one row each, and nothing else.

A row takes the request apart, so that operations know no grammar and can be asked by the clock or over HTTP
just as well.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from bot.command.requests import (
    Approve,
    Apps,
    Audit,
    Deploy,
    Diff,
    Doctor,
    Envs,
    Help,
    Lock,
    Logs,
    Pause,
    Promote,
    Reject,
    Replicas,
    Request,
    Restart,
    Resume,
    Retry,
    Revisions,
    Rollback,
    RunName,
    Runs,
    Show,
    Sign,
    Skip,
    Status,
    Stop,
    Unlock,
    WhoAmI,
    Withdraw,
)
from bot.command.spans import parse_since, parse_span
from bot.command.verbs import VERBS
from bot.operations import (
    approvals,
    auditing,
    deploys,
    differences,
    doctoring,
    emergencies,
    interventions,
    locks,
    logs,
    plans,
    queries,
    rollbacks,
)
from bot.operations.desk import Desk, Visitor
from bot.operations.finding import author_called, find_run
from bot.operations.results import HelpShown, Result, RunShown, VerbHelp
from bot.operations.turns import stands
from bot.policy.refusals import Refusal
from bot.run.code import Code
from bot.run.model import Run
from bot.run.waiting import Wish

Operation = Callable[[Desk, Visitor, Any], Awaitable[Result]]
"""Answers one type of request."""


def explain(request: Help) -> HelpShown:
    """Explain the verb asked for, or all: the only answer that strangers get."""
    return HelpShown(
        verbs=tuple(
            VerbHelp(
                verb=each.name,
                form=each.form,
                summary=each.summary,
                example=each.example,
                group=each.group,
            )
            for each in VERBS
            if request.verb in {"", each.name}
        )
    )


async def _deploy(desk: Desk, visitor: Visitor, request: Deploy) -> Result:
    place = {"application": request.application, "environment": request.environment}
    author = author_called(desk.catalog(), request.author)
    code = Code(branch=request.branch, author=author, message=request.message)
    wish = Wish(
        version=request.version,
        images=request.images,
        commit=request.commit,
        note=request.note,
        code=code if code.known else None,
    )
    if request.plan:
        return await plans.plan(desk, visitor, **place, wish=wish, show=request.show)
    return await deploys.deploy(desk, visitor, **place, wish=wish, at=request.at)


async def _promote(desk: Desk, visitor: Visitor, request: Promote) -> Result:
    what = {
        "application": request.application,
        "origin": request.origin,
        "environment": request.environment,
        "note": request.note,
    }
    if not request.plan:
        return await deploys.promote(desk, visitor, **what, at=request.at)
    wish = await deploys.promoted(desk, **what)
    if isinstance(wish, Refusal):
        return wish
    place = {"application": request.application, "environment": request.environment}
    return await plans.plan(desk, visitor, **place, wish=wish, show=request.show)


async def _rollback(desk: Desk, visitor: Visitor, request: Rollback) -> Result:
    return await rollbacks.rollback(
        desk,
        visitor,
        application=request.application,
        environment=request.environment,
        revision=request.revision,
        confirmed=request.confirmed,
        note=request.note,
        show=request.show,
    )


async def _revisions(desk: Desk, visitor: Visitor, request: Revisions) -> Result:
    return await queries.revisions(
        desk, visitor, application=request.application, environment=request.environment
    )


async def _diff(desk: Desk, visitor: Visitor, request: Diff) -> Result:
    place = {"application": request.application, "environment": request.environment}
    if request.live:
        return await differences.live(desk, visitor, **place, show=request.show)
    return await differences.diff(
        desk, visitor, **place, older=request.older, newer=request.newer, show=request.show
    )


async def _status(desk: Desk, _: Visitor, request: Status) -> Result:
    return await queries.status(
        desk, application=request.application, environment=request.environment
    )


async def _runs(desk: Desk, visitor: Visitor, request: Runs) -> Result:
    return await queries.runs(
        desk, visitor, application=request.application, environment=request.environment
    )


async def _show(desk: Desk, _: Visitor, request: Show) -> Result:
    run = await _find(desk, request.run)
    return run if isinstance(run, Refusal) else RunShown(run=run, standing=await stands(desk, run))


async def _logs(desk: Desk, _: Visitor, request: Logs) -> Result:
    run = await _find(desk, request.run)
    return run if isinstance(run, Refusal) else await logs.logs(desk, run, step=request.step)


async def _approve(desk: Desk, visitor: Visitor, request: Approve) -> Result:
    run = await _find(desk, request.run)
    if isinstance(run, Refusal):
        return run
    if request.emergency:
        return await emergencies.break_glass(
            desk, visitor, run, step=request.step, attempt=request.attempt, reason=request.reason
        )
    return await approvals.approve(
        desk,
        visitor,
        run,
        step=request.step,
        attempt=request.attempt,
        reason=request.reason,
        shown=request.shown,
    )


async def _reject(desk: Desk, visitor: Visitor, request: Reject) -> Result:
    run = await _find(desk, request.run)
    if isinstance(run, Refusal):
        return run
    return await approvals.reject(
        desk,
        visitor,
        run,
        step=request.step,
        attempt=request.attempt,
        reason=request.reason,
        shown=request.shown,
    )


async def _withdraw(desk: Desk, visitor: Visitor, request: Withdraw) -> Result:
    run = await _find(desk, request.run)
    if isinstance(run, Refusal):
        return run
    return await approvals.withdraw(desk, visitor, run, step=request.step, attempt=request.attempt)


async def _sign(desk: Desk, visitor: Visitor, request: Sign) -> Result:
    run = await _find(desk, request.run)
    if isinstance(run, Refusal):
        return run
    return await emergencies.sign(
        desk, visitor, run, step=request.step, attempt=request.attempt, note=request.note
    )


async def _stop(desk: Desk, visitor: Visitor, request: Stop) -> Result:
    run = await _find(desk, request.run)
    if isinstance(run, Refusal):
        return run
    return await interventions.stop(desk, visitor, run, reason=request.reason)


async def _retry(desk: Desk, visitor: Visitor, request: Retry) -> Result:
    run = await _find(desk, request.run)
    if isinstance(run, Refusal):
        return run
    return await interventions.retry(desk, visitor, run, step=request.step)


async def _pause(desk: Desk, visitor: Visitor, request: Pause) -> Result:
    run = await _find(desk, request.run)
    if isinstance(run, Refusal):
        return run
    return await interventions.pause(desk, visitor, run, reason=request.reason)


async def _resume(desk: Desk, visitor: Visitor, request: Resume) -> Result:
    run = await _find(desk, request.run)
    if isinstance(run, Refusal):
        return run
    return await interventions.resume(desk, visitor, run, step=request.step)


async def _restart(desk: Desk, visitor: Visitor, request: Restart) -> Result:
    run = await _find(desk, request.run)
    if isinstance(run, Refusal):
        return run
    return await interventions.restart(desk, visitor, run)


async def _skip(desk: Desk, visitor: Visitor, request: Skip) -> Result:
    run = await _find(desk, request.run)
    if isinstance(run, Refusal):
        return run
    return await interventions.skip(desk, visitor, run, step=request.step, reason=request.reason)


async def _lock(desk: Desk, visitor: Visitor, request: Lock) -> Result:
    return await locks.lock(
        desk,
        visitor,
        environment=request.environment,
        application=request.application,
        reason=request.reason,
        lasting=parse_span(request.lasting) if request.lasting else None,
        version=request.version,
    )


async def _unlock(desk: Desk, visitor: Visitor, request: Unlock) -> Result:
    return await locks.unlock(
        desk, visitor, environment=request.environment, application=request.application
    )


async def _audit(desk: Desk, visitor: Visitor, request: Audit) -> Result:
    return await auditing.audit(
        desk,
        visitor,
        application=request.application,
        environment=request.environment,
        person=request.person,
        since=parse_since(request.since, desk.clock.now()) if request.since else None,
    )


async def _doctor(desk: Desk, visitor: Visitor, _: Doctor) -> Result:
    return await doctoring.examine(desk, visitor)


async def _apps(desk: Desk, _: Visitor, __: Apps) -> Result:
    return queries.apps(desk)


async def _envs(desk: Desk, _: Visitor, __: Envs) -> Result:
    return await queries.envs(desk)


async def _replicas(desk: Desk, _: Visitor, __: Replicas) -> Result:
    return await desk.replicas()


async def _whoami(desk: Desk, visitor: Visitor, _: WhoAmI) -> Result:
    return queries.whoami(desk, visitor)


async def _help(_: Desk, __: Visitor, request: Help) -> Result:
    return explain(request)


async def _find(desk: Desk, name: RunName) -> Run | Refusal:
    return await find_run(
        desk,
        run_id=name.id,
        application=name.application,
        environment=name.environment,
        number=name.number,
    )


ROWS: Final[tuple[tuple[type[Request], Operation], ...]] = (
    (Deploy, _deploy),
    (Promote, _promote),
    (Rollback, _rollback),
    (Revisions, _revisions),
    (Diff, _diff),
    (Status, _status),
    (Runs, _runs),
    (Show, _show),
    (Logs, _logs),
    (Approve, _approve),
    (Reject, _reject),
    (Withdraw, _withdraw),
    (Sign, _sign),
    (Stop, _stop),
    (Retry, _retry),
    (Pause, _pause),
    (Resume, _resume),
    (Restart, _restart),
    (Skip, _skip),
    (Lock, _lock),
    (Unlock, _unlock),
    (Audit, _audit),
    (Doctor, _doctor),
    (Apps, _apps),
    (Envs, _envs),
    (Replicas, _replicas),
    (WhoAmI, _whoami),
    (Help, _help),
)
