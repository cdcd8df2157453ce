"""What an answer to a suspend step does, whoever gave it: a person, or the clock on nobody's behalf."""

from dataclasses import replace

from bot.events import ApprovalDecided, ApprovalGiven
from bot.run.draft import Draft, end_badly, start, succeed
from bot.run.ending import terminate
from bot.run.model import Decision, Reason, RunPhase, StepRun
from bot.run.stimuli import Approved, Rejected
from bot.run.terms import roles_in, still_needed, terms_of
from bot.run.why import Why


def answer(draft: Draft, step: StepRun, stimulus: Approved | Rejected) -> Why | None:
    """Record an answer and let it take effect, once enough people have said yes or one has said no.

    Answer why it does not count, if so.
    """
    terms = terms_of(draft.run, step)
    if stimulus.terms not in {"", terms.digest}:
        return Why.TERMS_CHANGED
    decision = Decision(
        approved=isinstance(stimulus, Approved),
        by=stimulus.by,
        at=draft.now,
        reason=stimulus.reason,
        via=stimulus.via,
        roles=stimulus.roles if isinstance(stimulus, Approved) else (),
        passed=stimulus.passed if isinstance(stimulus, Approved) else (),
        request=stimulus.request,
    )
    if not decision.approved:
        decide(draft, step, decision)
        return None
    if decision.by in {each.by for each in step.votes}:
        return Why.ALREADY_VOTED
    if not terms.self_approval and decision.by in draft.run.owners:
        return Why.OWN_RUN
    if not set(decision.roles) & set(roles_in(terms.requirements)):
        return Why.NOT_AN_APPROVER
    _vote(draft, replace(step, votes=(*step.votes, decision)), decision)
    return None


def _vote(draft: Draft, step: StepRun, decision: Decision) -> None:
    if not still_needed(draft.run, step):
        decide(draft, step, decision)
        return
    draft.put(step)
    draft.tell(
        ApprovalGiven(
            at=draft.now,
            step=step.name,
            attempt=step.attempt,
            by=decision.by,
            reason=decision.reason,
        )
    )


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
        if decision.emergency:
            said = f"approved in an emergency by {decision.by}: {decision.reason}"
        succeed(draft, decided, message=decision.reason if decision.via == "clock" else said)
        return
    message = f"rejected by {decision.by}" + (f": {decision.reason}" if decision.reason else "")
    if fails:
        end_badly(draft, decided, Reason.ACTION, message)
        return
    end_badly(draft, decided, Reason.TERMINATE, message)
    terminate(draft, f"ended because {step.name} was {message}")
    draft.run = replace(draft.run, ended_by=decision.by, message=message)
