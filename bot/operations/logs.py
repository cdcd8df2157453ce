"""What the steps of a run left to read: their last words and their logs, for everyone whom the catalog knows."""

from bot.events import StepFailed, StepSucceeded
from bot.operations.desk import Desk
from bot.operations.finding import unknown
from bot.operations.results import LogsShown, Words
from bot.policy.refusals import Code, Refusal
from bot.run.model import Run, StepPhase

MOST = 3
"""Steps whose words are shown at once."""


async def logs(desk: Desk, run: Run, *, step: str) -> LogsShown | Refusal:
    """Show what `step` said when it ended last; without a name, the steps that failed, or else those that ended last."""
    if step and run.step(step) is None:
        return unknown(Code.UNKNOWN_STEP, step, [each.name for each in run.steps])
    said: dict[str, Words] = {}
    for recorded in await desk.runs.events(run.id):
        event = recorded.event
        if isinstance(event, StepFailed | StepSucceeded) and (event.details or event.log):
            said.pop(event.step, None)  # the newest stands last
            lines = tuple(event.log.text.splitlines()) if event.log else event.details
            name = event.log.name if event.log else ""
            said[event.step] = Words(step=event.step, lines=lines, attached=name)
    failed = {each.name for each in run.steps if each.phase is StepPhase.FAILED}
    wanted = {step} if step else (failed & said.keys() or said.keys())
    found = tuple(each for name, each in said.items() if name in wanted)
    if not found:
        return Refusal(code=Code.NOTHING_SAID, facts={"run": run.name, "step": step})
    return LogsShown(run=run, words=found[-MOST:], left_out=max(0, len(found) - MOST))
