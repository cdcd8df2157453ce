"""Answering the gate of a run: yes or no, once, by someone who may, with everyone else told who did.

Which answer counts is the engine's single stored change; what is looked at before only finds the better
words for a refusal.
"""

from dataclasses import replace

from bot.events import PersonName
from bot.operations.admission import readmitted
from bot.operations.desk import Desk, Visitor
from bot.operations.finding import about, governing
from bot.operations.results import Decided, ReasonAsked, Voted
from bot.policy.decisions import Action, may
from bot.policy.refusals import Code, Refusal
from bot.run.model import Run, StepRun
from bot.run.stimuli import Approved, Rejected
from bot.run.transitions import Ignored
from bot.run.why import Why


async def approve(
    desk: Desk, visitor: Visitor, run: Run, *, step: str, attempt: int, reason: str
) -> Decided | Voted | Refusal:
    """Say yes to the gate `step`, or to the one that is open when none is named.

    `attempt` is the one that a button was made for; 0 when a person typed.
    """
    gate = _gate(desk, visitor, run, Action.APPROVE, step=step, attempt=attempt)
    if isinstance(gate, Refusal):
        return gate
    let = await readmitted(desk, visitor, run, by=run.origin.person)
    if isinstance(let, Refusal):
        return about(let, run)
    answer = Approved(
        step=gate.name,
        attempt=gate.attempt,
        by=PersonName(visitor.person.name),
        reason=reason.strip(),
        via=_via(visitor),
        passed=let.passed,
    )
    told = await _tell(desk, run, answer)
    return told if isinstance(told, Refusal) else replace(told, passed=let.passed)


async def reject(
    desk: Desk, visitor: Visitor, run: Run, *, step: str, attempt: int, reason: str
) -> Decided | Voted | ReasonAsked | Refusal:
    """Say no, as `approve` says yes. A reason that is missing is asked for."""
    gate = _gate(desk, visitor, run, Action.REJECT, step=step, attempt=attempt)
    if isinstance(gate, Refusal):
        return gate
    if not reason.strip():
        return ReasonAsked(run=run, step=gate.name, attempt=gate.attempt)
    answer = Rejected(
        step=gate.name,
        attempt=gate.attempt,
        by=PersonName(visitor.person.name),
        reason=reason.strip(),
        via=_via(visitor),
    )
    return await _tell(desk, run, answer)


async def _tell(desk: Desk, run: Run, answer: Approved | Rejected) -> Decided | Voted | Refusal:
    after = await desk.engine.tell(run.id, answer)
    if isinstance(after, Ignored):
        if after.why is Why.ALREADY_VOTED:
            facts = {"run": run.name, "step": answer.step}
            return Refusal(code=Code.ALREADY_VOTED, facts=facts)
        closed = after.run.step(answer.step)
        late = _closed(after.run, closed, answer.attempt) if closed else None
        return late or _nothing_waiting(after.run)
    step = after.step(answer.step)
    assert step is not None, "a run keeps its steps"
    if step.decision is None:
        quorum = step.gate.quorum if step.gate else 1
        return Voted(run=after, step=step.name, votes=len(step.votes), quorum=quorum)
    return Decided(run=after, step=step.name, decision=step.decision)


def _gate(
    desk: Desk, visitor: Visitor, run: Run, action: Action, *, step: str, attempt: int
) -> StepRun | Refusal:
    """Find the step that waits for an answer from this person."""
    found = _subject(run, step)
    if found is None:
        if step:
            return _outdated(run)
        return _ended(run) if run.phase.ended else _nothing_waiting(run)
    if isinstance(found, Refusal):
        return found
    catalog = desk.catalog()
    allowed = may(
        catalog,
        visitor.person,
        action,
        governing(catalog, run),
        application=run.application,
        step_approvers=found.gate.approvers if found.gate else (),
    )
    if isinstance(allowed, Refusal):
        return about(allowed, run)
    return _closed(run, found, attempt) or found


def _subject(run: Run, name: str) -> StepRun | Refusal | None:
    """Answer the step that is meant: the one named, the open gate, or the one that was answered last."""
    if name:
        return run.step(name)
    waiting = [each for each in run.steps if each.at_gate]
    if len(waiting) > 1:
        facts = {"run": run.name, "steps": ", ".join(each.name for each in waiting)}
        return Refusal(code=Code.WHICH_STEP, facts=facts)
    answered = [each for each in run.steps if each.decision is not None]
    return next(iter(waiting + answered[::-1]), None)


def _closed(run: Run, step: StepRun, attempt: int) -> Refusal | None:
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


def _via(visitor: Visitor) -> str:
    return f"{visitor.origin.chat} {visitor.origin.via}"
