"""What people may do to a run that exists: end it, let it stand still and go on, do steps again, pass one over.

Each is one stored change. What does not fit the run as it is then is refused with the reason why.
"""

from dataclasses import replace

from bot.errors import Permanent
from bot.events import PersonName
from bot.operations import approvals
from bot.operations.admission import readmitted
from bot.operations.desk import Desk, Visitor
from bot.operations.finding import about, done_before, governing, unknown
from bot.operations.results import Decided, Intervened, ReasonAsked, Voted
from bot.policy.decisions import Action, may
from bot.policy.holds import Admitted
from bot.policy.queueing import busy, in_the_way
from bot.policy.refusals import Code, Refusal
from bot.run.again import Behind
from bot.run.model import Run, StepPhase
from bot.run.stimuli import (
    RestartAsked,
    ResumeAsked,
    RetryAsked,
    SkipAsked,
    StopAsked,
    SuspendAsked,
)
from bot.run.transitions import Ignored
from bot.run.why import Why

Asked = RestartAsked | ResumeAsked | RetryAsked | SkipAsked | StopAsked | SuspendAsked

CODES = {
    Why.ENDED: Code.RUN_ENDED,
    Why.NOT_ENDED: Code.RUN_UNDER_WAY,
    Why.NOT_FAILED: Code.NOT_FAILED,
    Why.NOTHING_WAITING: Code.NOT_PAUSED,
    Why.ALREADY_SUSPENDED: Code.ALREADY_PAUSED,
    Why.NOT_RUNNING: Code.STEP_NOT_RUNNING,
    Why.AT_GATE: Code.AT_GATE,
    Why.NOT_BEGUN: Code.RUN_WAITS,
    Why.NEVER_BEGUN: Code.NEVER_BEGUN,
}
"""How a change that does not fit is refused; anything else was about an earlier state of the run."""


async def stop(desk: Desk, visitor: Visitor, run: Run, *, reason: str) -> Intervened | Refusal:
    """End `run` now, running steps too."""
    asked = StopAsked(by=_name(visitor), reason=reason.strip())
    return await _ask(desk, visitor, run, Action.STOP, asked)


async def pause(desk: Desk, visitor: Visitor, run: Run, *, reason: str) -> Intervened | Refusal:
    """Let `run` stand still: no step begins, and those that run pause."""
    asked = SuspendAsked(by=_name(visitor), reason=reason.strip())
    return await _ask(desk, visitor, run, Action.PAUSE, asked)


async def resume(
    desk: Desk, visitor: Visitor, run: Run, *, step: str
) -> Intervened | Decided | Voted | Refusal:
    """Let a paused run go on. Where it is no pause that holds it but a gate, that is an approval."""
    again = done_before(run, visitor.request) is not None
    if not again and run.suspended_by is None and any(each.at_gate for each in run.steps):
        return await approvals.approve(desk, visitor, run, step=step, attempt=0, reason="")
    asked = ResumeAsked(by=_name(visitor), gates=False)
    return await _ask(desk, visitor, run, Action.RESUME, asked)


async def retry(desk: Desk, visitor: Visitor, run: Run, *, step: str) -> Intervened | Refusal:
    """Go on from a failed step, or from the one that failed first; or make a step's next attempt now."""
    first = next((each.name for each in run.steps if each.phase is StepPhase.FAILED), "")
    asked = RetryAsked(by=_name(visitor), step=step)
    return await _ask(desk, visitor, run, Action.RETRY, asked, step=step or first)


async def restart(desk: Desk, visitor: Visitor, run: Run) -> Intervened | Refusal:
    """Do all steps of `run` again."""
    return await _ask(desk, visitor, run, Action.RESTART, RestartAsked(by=_name(visitor)))


async def skip(
    desk: Desk, visitor: Visitor, run: Run, *, step: str, reason: str
) -> Intervened | ReasonAsked | Refusal:
    """Pass `step` over, and let what depends on it go on. A reason that is missing is asked for."""
    if not reason.strip():
        return _ask_why(desk, visitor, run, step)
    asked = SkipAsked(by=_name(visitor), step=step, reason=reason.strip())
    return await _ask(desk, visitor, run, Action.SKIP, asked, step=step)


def _ask_why(desk: Desk, visitor: Visitor, run: Run, step: str) -> ReasonAsked | Refusal:
    """Ask why a step is to be skipped, of someone who may skip it."""
    catalog = desk.catalog()
    allowed = may(
        catalog,
        visitor.person,
        Action.SKIP,
        governing(catalog, run),
        application=run.application,
    )
    if isinstance(allowed, Refusal):
        return about(allowed, run)
    found = run.step(step)
    if found is None:
        return unknown(Code.UNKNOWN_STEP, step, [each.name for each in run.steps])
    if found.at_gate:
        return Refusal(code=Code.AT_GATE, facts={"run": run.name, "step": step})
    return ReasonAsked(run=run, step=step, action=Action.SKIP)


async def _ask(
    desk: Desk, visitor: Visitor, run: Run, action: Action, asked: Asked, *, step: str = ""
) -> Intervened | Refusal:
    """Ask for one change of a run, by someone who may. An ended run may come to life, unless it was overtaken."""
    before = done_before(run, visitor.request)
    if before is not None:
        return Intervened(run=run, action=action, step=before.step, passed=before.passed)
    catalog = desk.catalog()
    environment = governing(catalog, run)
    allowed = may(catalog, visitor.person, action, environment, application=run.application)
    if isinstance(allowed, Refusal):
        return about(allowed, run)
    revived = await _revived(desk, visitor, run, asked)
    if isinstance(revived, Refusal):
        return revived
    behind = Behind(request=visitor.request, step=step, passed=revived.passed)
    try:
        after = await desk.engine.tell(run.id, replace(asked, behind=behind))
    except Permanent:
        # The store keeps one run under way for a place: another one may have come in between.
        overtaken = await _overtaken(desk, run)
        if overtaken is None:
            raise
        return overtaken
    if isinstance(after, Ignored):
        return _refused(after, step or getattr(asked, "step", ""))
    return Intervened(run=after, action=action, step=step, passed=revived.passed)


async def _revived(desk: Desk, visitor: Visitor, run: Run, asked: Asked) -> Admitted | Refusal:
    """Let a run that is over come to life again: unless it was overtaken, and past what holds its place."""
    ended = run.phase.ended and not run.unbegun
    if not ended or isinstance(asked, StopAsked | SuspendAsked | ResumeAsked):
        return Admitted()
    overtaken = await _overtaken(desk, run)
    if overtaken is not None:
        return overtaken
    let = await readmitted(desk, visitor, run, by=visitor.person.name)
    return about(let, run) if isinstance(let, Refusal) else let


def _refused(ignored: Ignored, step: str) -> Refusal:
    run = ignored.run
    if ignored.why is Why.NO_SUCH_STEP:
        return unknown(Code.UNKNOWN_STEP, step, [each.name for each in run.steps])
    code = CODES.get(ignored.why, Code.BUTTON_OUTDATED)
    facts = {"run": run.name}
    if code is Code.RUN_ENDED:
        facts["phase"] = run.phase.value
    elif step:
        facts["step"] = step
    return Refusal(code=code, facts=facts)


async def _overtaken(desk: Desk, run: Run) -> Refusal | None:
    """Refuse to revive a run after which another one came, or is next: it would deliver what is out of date."""
    latest = await desk.runs.latest(run.application, run.environment)
    other = in_the_way(latest, desk.clock.now())
    if other is not None and other.id != run.id:
        return busy(other)
    newest = await desk.runs.recent(run.application, run.environment, limit=1, begun=True)
    if not newest or newest[0].id == run.id:
        return None
    return Refusal(code=Code.BUTTON_OUTDATED, facts={"run": run.name})


def _name(visitor: Visitor) -> PersonName:
    return PersonName(visitor.person.name)
