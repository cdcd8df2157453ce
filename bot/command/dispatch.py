"""Joins each type of request to the operation that answers it: one row each, and nothing else.

A row takes the request apart, so that operations know no grammar and can be asked by the clock or over HTTP
just as well.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from bot.command.requests import (
    Approve,
    Apps,
    Deploy,
    Diff,
    Envs,
    Help,
    Pause,
    Promote,
    Reject,
    Request,
    Restart,
    Resume,
    Retry,
    Revisions,
    Rollback,
    RunName,
    Runs,
    Show,
    Skip,
    Status,
    Stop,
    WhoAmI,
)
from bot.command.verbs import VERBS
from bot.operations import (
    approvals,
    deploys,
    differences,
    interventions,
    plans,
    queries,
    rollbacks,
)
from bot.operations.desk import Desk, Visitor
from bot.operations.finding import find_run
from bot.operations.results import HelpShown, Result, RunShown, VerbHelp
from bot.operations.turns import stands
from bot.policy.refusals import Refusal
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
    wish = Wish(
        version=request.version,
        images=request.images,
        commit=request.commit,
        note=request.note,
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
        return await deploys.promote(desk, visitor, **what)
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


async def _approve(desk: Desk, visitor: Visitor, request: Approve) -> Result:
    run = await _find(desk, request.run)
    if isinstance(run, Refusal):
        return run
    return await approvals.approve(
        desk,
        visitor,
        run,
        step=request.step,
        attempt=request.attempt,
        reason=request.reason,
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


async def _apps(desk: Desk, _: Visitor, __: Apps) -> Result:
    return queries.apps(desk)


async def _envs(desk: Desk, _: Visitor, __: Envs) -> Result:
    return queries.envs(desk)


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
    (Approve, _approve),
    (Reject, _reject),
    (Stop, _stop),
    (Retry, _retry),
    (Pause, _pause),
    (Resume, _resume),
    (Restart, _restart),
    (Skip, _skip),
    (Apps, _apps),
    (Envs, _envs),
    (WhoAmI, _whoami),
    (Help, _help),
)
