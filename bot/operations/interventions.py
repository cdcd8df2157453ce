"""What people may do to a run that exists: end it now, or go on where it failed."""

from bot.errors import Permanent
from bot.events import PersonName
from bot.operations.desk import Desk, Visitor
from bot.operations.finding import governing
from bot.operations.results import Retried, Stopped
from bot.operations.starting import busy
from bot.policy.decisions import Action, may
from bot.policy.refusals import Code, Refusal
from bot.run.model import Run, StepPhase
from bot.run.stimuli import RetryAsked, StopAsked
from bot.run.transitions import Ignored


async def stop(desk: Desk, visitor: Visitor, run: Run, *, reason: str) -> Stopped | Refusal:
    """End `run` now, running steps too."""
    catalog = desk.catalog()
    answer = may(catalog, visitor.person, Action.STOP, governing(catalog, run))
    if isinstance(answer, Refusal):
        return answer
    asked = StopAsked(by=PersonName(visitor.person.name), reason=reason.strip())
    after = await desk.engine.tell(run.id, asked)
    if isinstance(after, Ignored):
        return ended(after.run)
    return Stopped(run=after)


async def retry(desk: Desk, visitor: Visitor, run: Run, *, step: str) -> Retried | Refusal:
    """Go on with a failed run from `step`, or from the step that failed first."""
    catalog = desk.catalog()
    answer = may(catalog, visitor.person, Action.RETRY, governing(catalog, run))
    if isinstance(answer, Refusal):
        return answer
    overtaken = await _overtaken(desk, run)
    if overtaken is not None:
        return overtaken
    asked = RetryAsked(by=PersonName(visitor.person.name), step=step)
    try:
        after = await desk.engine.tell(run.id, asked)
    except Permanent:
        # The store keeps one unfinished run for a place: another one may have come in between.
        overtaken = await _overtaken(desk, run)
        if overtaken is None:
            raise
        return overtaken
    if isinstance(after, Ignored):
        return Refusal(code=Code.NOT_FAILED, facts={"run": run.name})
    first = next((each.name for each in run.steps if each.phase is StepPhase.FAILED), "")
    return Retried(run=after, step=step or first)


def ended(run: Run) -> Refusal:
    """Refuse because the run is over."""
    return Refusal(code=Code.RUN_ENDED, facts={"run": run.name, "phase": run.phase.value})


async def _overtaken(desk: Desk, run: Run) -> Refusal | None:
    """Refuse to revive a run after which another one came: it would deliver what is out of date."""
    newest = await desk.runs.recent(run.application, run.environment, limit=1)
    if not newest or newest[0].id == run.id:
        return None
    if not newest[0].phase.ended:
        return busy(newest[0])
    return Refusal(code=Code.BUTTON_OUTDATED, facts={"run": run.name})
