"""What an answer to a suspend step does, whoever gave it: a person, or the clock on nobody's behalf."""

from dataclasses import replace

from bot.events import ApprovalDecided, ApprovalGiven, PersonName
from bot.run.draft import Draft, end_badly, start, succeed
from bot.run.ending import terminate
from bot.run.model import Decision, Reason, RunPhase, StepRun


def answer(
    draft: Draft,
    step: StepRun,
    *,
    approved: bool,
    by: PersonName,
    reason: str,
    via: str,
    passed: tuple[str, ...] = (),
) -> None:
    """Record an answer and let it take effect, once enough people have said yes or one has said no."""
    decision = Decision(
        approved=approved, by=by, at=draft.now, reason=reason, via=via, passed=passed
    )
    votes = (*step.votes, decision) if approved else step.votes
    if approved and step.gate is not None and len(votes) < step.gate.quorum and via != "clock":
        draft.put(replace(step, votes=votes))
        draft.tell(
            ApprovalGiven(at=draft.now, step=step.name, attempt=step.attempt, by=by, reason=reason)
        )
        return
    decide(draft, replace(step, votes=votes), decision)


def decide(draft: Draft, step: StepRun, decision: Decision) -> None:
    """Let a gate's answer take effect: the step succeeds or does its work, or fails as its author intends."""
    decided = replace(step, decision=decision)
    fails = step.gate is not None and step.gate.on_reject is RunPhase.FAILED
    draft.tell(
        ApprovalDecided(
            at=draft.now,
            step=step.name,
            attempt=step.attempt,
            approved=decision.approved,
            by=decision.by,
            reason=decision.reason,
            stops=not decision.approved and not fails,
        )
    )
    if decision.approved:
        if step.gate is not None and step.gate.then_runs:
            start(draft, decided)
            return
        names = [each.by for each in step.votes] or [decision.by]
        said = f"approved by {' and '.join(names)}"
        succeed(draft, decided, message=decision.reason if decision.via == "clock" else said)
        return
    message = f"rejected by {decision.by}" + (f": {decision.reason}" if decision.reason else "")
    if fails:
        end_badly(draft, decided, Reason.ACTION, message)
        return
    end_badly(draft, decided, Reason.TERMINATE, message)
    terminate(draft, f"ended because {step.name} was {message}")
    draft.run = replace(draft.run, ended_by=decision.by, message=message)
