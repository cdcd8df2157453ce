"""Answering the gate of a run: yes or no, once, by someone who may, with everyone else told who did.

An answer is to exactly what was shown: a button names the digest of it, and before anything counts the rules that
stand at the gate are compared with those of today.

Which answer counts is the engine's single stored change; what is looked at before only finds the better
words for a refusal.
"""

from dataclasses import replace

from bot.events import PersonName
from bot.operations.admission import readmitted
from bot.operations.desk import Desk, Visitor
from bot.operations.finding import about, done_before, governing
from bot.operations.keeping import renewed
from bot.operations.results import Decided, ReasonAsked, Voted, VoteTaken
from bot.policy.decisions import Action, may
from bot.policy.refusals import Code, Refusal
from bot.run.again import Behind
from bot.run.model import Run, StepRun
from bot.run.stimuli import Approved, Rejected, VoteWithdrawn
from bot.run.terms import people_in, roles_in, still_needed, terms_of
from bot.run.transitions import Ignored
from bot.run.why import Why

CODES = {
    Why.ALREADY_VOTED: Code.ALREADY_VOTED,
    Why.OWN_RUN: Code.SELF_APPROVAL,
    Why.TERMS_CHANGED: Code.TERMS_CHANGED,
    Why.NOT_AN_APPROVER: Code.TERMS_CHANGED,
}
"""How an answer that does not count is refused; anything else came too late."""


async def approve(
    desk: Desk,
    visitor: Visitor,
    run: Run,
    *,
    step: str,
    attempt: int,
    reason: str,
    shown: str = "",
) -> Decided | Voted | Refusal:
    """Say yes to the gate `step`, or to the one that is open when none is named.

    `attempt` is the one that a button was made for and `shown` the digest of what it was shown with; a person who
    types gives neither, and means what stands there.
    """
    before = _given_before(run, visitor.request)
    if before is not None:
        return before
    run, gate = await _gate(desk, visitor, run, Action.APPROVE, step, attempt, shown)
    if isinstance(gate, Refusal) and gate.code is not Code.TERMS_CHANGED:
        return gate
    let = await readmitted(desk, visitor, run, by=run.origin.person)
    if isinstance(let, Refusal):
        return about(let, run)  # also where that is what has changed the terms
    if isinstance(gate, Refusal):
        return gate
    answer = Approved(
        step=gate.name,
        attempt=gate.attempt,
        by=PersonName(visitor.person.name),
        roles=visitor.person.roles,
        reason=reason.strip(),
        via=via_of(visitor),
        terms=terms_of(run, gate).digest,
        passed=let.passed,
        request=visitor.request,
    )
    told = await _tell(desk, run, answer)
    return told if isinstance(told, Refusal) else replace(told, passed=let.passed)


async def reject(
    desk: Desk,
    visitor: Visitor,
    run: Run,
    *,
    step: str,
    attempt: int,
    reason: str,
    shown: str = "",
) -> Decided | Voted | ReasonAsked | Refusal:
    """Say no, as `approve` says yes. A reason that is missing is asked for."""
    before = _given_before(run, visitor.request)
    if before is not None:
        return before
    run, gate = await _gate(desk, visitor, run, Action.REJECT, step, attempt, shown)
    if isinstance(gate, Refusal):
        return gate
    terms = terms_of(run, gate).digest
    if not reason.strip():
        return ReasonAsked(run=run, step=gate.name, attempt=gate.attempt, shown=terms)
    answer = Rejected(
        step=gate.name,
        attempt=gate.attempt,
        by=PersonName(visitor.person.name),
        reason=reason.strip(),
        via=via_of(visitor),
        terms=terms,
        request=visitor.request,
    )
    return await _tell(desk, run, answer)


async def withdraw(
    desk: Desk, visitor: Visitor, run: Run, *, step: str, attempt: int
) -> VoteTaken | Refusal:
    """Take one's own yes back, while others still have to say it."""
    before = done_before(run, visitor.request)
    again = run.step(before.step) if before is not None else None
    if again is not None:
        return VoteTaken(run=run, step=again.name, needs=still_needed(run, again))
    found = subject(run, step)
    if found is None or isinstance(found, Refusal):
        return found or _nothing(run, step)
    closed = closed_by(run, found, attempt)
    if closed is not None:
        return closed
    asked = VoteWithdrawn(
        step=found.name,
        attempt=found.attempt,
        by=PersonName(visitor.person.name),
        behind=Behind(request=visitor.request, step=found.name),
    )
    after = await desk.engine.tell(run.id, asked)
    if isinstance(after, Ignored):
        if after.why is Why.NO_VOTE:
            return Refusal(code=Code.NO_VOTE, facts={"run": run.name, "step": found.name})
        return _late(after, found.name, found.attempt)
    now = after.step(found.name)
    assert now is not None, "a run keeps its steps"
    return VoteTaken(run=after, step=now.name, needs=still_needed(after, now))


async def _tell(desk: Desk, run: Run, answer: Approved | Rejected) -> Decided | Voted | Refusal:
    after = await desk.engine.tell(run.id, answer)
    if isinstance(after, Ignored):
        if after.why in CODES:
            facts = {"run": run.name, "step": answer.step}
            if after.why is Why.OWN_RUN:
                facts["environment"] = run.environment
            return Refusal(code=CODES[after.why], facts=facts)
        return _late(after, answer.step, answer.attempt)
    step = after.step(answer.step)
    assert step is not None, "a run keeps its steps"
    if step.decision is None:
        return _voted(after, step)
    return Decided(run=after, step=step.name, decision=step.decision)


def _voted(run: Run, step: StepRun) -> Voted:
    return Voted(
        run=run,
        step=step.name,
        votes=len(step.votes),
        quorum=people_in(terms_of(run, step).requirements),
        attempt=step.attempt,
        needs=still_needed(run, step),
    )


def _given_before(run: Run, request: str) -> Decided | Voted | None:
    """Answer again what this very request has done, when a process died before it could say so."""
    for step in run.steps:
        if request and step.decision is not None and step.decision.request == request:
            passed = step.decision.passed
            return Decided(run=run, step=step.name, decision=step.decision, passed=passed)
        for vote in step.votes:
            if request and vote.request == request:
                return replace(_voted(run, step), passed=vote.passed)
    return None


def _late(ignored: Ignored, name: str, attempt: int) -> Refusal:
    """Refuse what came to a gate that closed in between."""
    step = ignored.run.step(name)
    return (step and closed_by(ignored.run, step, attempt)) or _nothing_waiting(ignored.run)


async def _gate(
    desk: Desk, visitor: Visitor, run: Run, action: Action, name: str, attempt: int, shown: str
) -> tuple[Run, StepRun | Refusal]:
    """Find the step that waits for an answer from this person, in the run as the rules of today have it."""
    found = subject(run, name)
    if found is None or isinstance(found, Refusal):
        return run, found or _nothing(run, name)
    run, found, changed = await renewed(desk, run, found)
    terms = terms_of(run, found)
    refused = _who_may(desk, visitor, run, found, action) or closed_by(run, found, attempt)
    if refused is None and (changed or shown not in {"", terms.digest}):
        facts = {"run": run.name, "step": found.name}
        refused = Refusal(code=Code.TERMS_CHANGED, facts=facts)
    return run, refused or found


def _who_may(
    desk: Desk, visitor: Visitor, run: Run, step: StepRun, action: Action
) -> Refusal | None:
    """Refuse who has none of the roles that are asked, and whoever asked for the run where that is the rule."""
    catalog = desk.catalog()
    environment = governing(catalog, run)
    terms = terms_of(run, step)
    roles = roles_in(terms.requirements) if step.gate else ()
    allowed = may(
        catalog,
        visitor.person,
        action,
        environment,
        application=run.application,
        step_approvers=roles,
    )
    if isinstance(allowed, Refusal):
        return about(allowed, run)
    own = visitor.person.name in run.owners
    if action is not Action.APPROVE or terms.self_approval or not own or not step.at_gate:
        return None
    others = [each.name for each in catalog.with_role(roles) if each.name not in run.owners]
    facts = {"run": run.name, "step": step.name, "environment": environment.name}
    if visitor.person.name == run.committer:
        facts["committed"] = "yes"
    return Refusal(code=Code.SELF_APPROVAL, facts=facts, who=tuple(others))


def _nothing(run: Run, name: str) -> Refusal:
    """Refuse an answer to which there is no gate."""
    if name:
        return _outdated(run)
    return _ended(run) if run.phase.ended else _nothing_waiting(run)


def subject(run: Run, name: str) -> StepRun | Refusal | None:
    """Answer the step that is meant: the one named, the open gate, or the one that was answered last."""
    if name:
        return run.step(name)
    waiting = [each for each in run.steps if each.at_gate]
    if len(waiting) > 1:
        facts = {"run": run.name, "steps": ", ".join(each.name for each in waiting)}
        return Refusal(code=Code.WHICH_STEP, facts=facts)
    answered = [each for each in run.steps if each.decision is not None]
    return next(iter(waiting + answered[::-1]), None)


def closed_by(run: Run, step: StepRun, attempt: int) -> Refusal | None:
    """Answer why the gate takes no answer any more, if so."""
    if attempt and attempt != step.attempt:
        return _outdated(run)
    if step.decision is not None:
        return _already_decided(run, step)
    if run.phase.ended:
        return _ended(run)
    if not step.at_gate:
        return _outdated(run) if attempt else _nothing_waiting(run)
    return None


def _already_decided(run: Run, step: StepRun) -> Refusal:
    decision = step.decision
    assert decision is not None, "asked only for a step with an answer"
    return Refusal(
        code=Code.ALREADY_DECIDED,
        facts={
            "run": run.name,
            "step": step.name,
            "verdict": "approved" if decision.approved else "rejected",
            "by": decision.by,
            "at": decision.at.isoformat(),
            "reason": decision.reason,
        },
    )


def _outdated(run: Run) -> Refusal:
    return Refusal(code=Code.BUTTON_OUTDATED, facts={"run": run.name})


def _ended(run: Run) -> Refusal:
    return Refusal(code=Code.RUN_ENDED, facts={"run": run.name, "phase": run.phase.value})


def _nothing_waiting(run: Run) -> Refusal:
    return Refusal(code=Code.NOTHING_WAITING, facts={"run": run.name})


def via_of(visitor: Visitor) -> str:
    """Answer where an answer comes from: `slack button`."""
    return f"{visitor.origin.chat} {visitor.origin.via}"
