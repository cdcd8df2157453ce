"""What an answer to a suspend step does, whoever gave it: a person, or the clock on nobody's behalf."""

from dataclasses import replace

from bot.events import ApprovalDecided, PersonName
from bot.run.draft import Draft, end_badly, succeed
from bot.run.model import Decision, Reason, RunPhase, StepRun


def answer(
    draft: Draft, step: StepRun, *, approved: bool, by: PersonName, reason: str, via: str
) -> None:
    """Record the decision and let it take effect: the step succeeds, or fails as its author intends."""
    decision = Decision(approved=approved, by=by, at=draft.now, reason=reason, via=via)
    decided = replace(step, decision=decision)
    draft.tell(
        ApprovalDecided(
            at=draft.now,
            step=step.name,
            attempt=step.attempt,
            approved=approved,
            by=by,
            reason=reason,
        )
    )
    if approved:
        succeed(draft, decided, message=f"approved by {by}", outputs={})
        return
    message = f"rejected by {by}" + (f": {reason}" if reason else "")
    if step.gate is not None and step.gate.on_reject is RunPhase.FAILED:
        end_badly(draft, decided, Reason.ACTION, message)
        return
    end_badly(draft, decided, Reason.TERMINATE, message)
    draft.run = replace(draft.run, ended_by=by, message=message)
