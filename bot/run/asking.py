"""What happens to a question at a gate besides its answer: a yes taken back, other rules, a reminder, an emergency. Pure.

Each answers why it does not fit the run as it is, or None when it took effect.
"""

from dataclasses import replace

from bot.catalog.approving import Requirement
from bot.events import (
    ApprovalReminded,
    ApprovalsVoided,
    ApprovalWithdrawn,
    EmergencyDeclared,
    EmergencySigned,
    PersonName,
)
from bot.run.draft import Draft
from bot.run.gates import decide
from bot.run.model import Decision, Gate, Review, StepRun, Terms
from bot.run.stimuli import GlassBroken, ReviewSigned, VotesVoided, VoteWithdrawn
from bot.run.terms import alarms_for, roles_in, rules_for, terms_for, terms_of
from bot.run.why import Why


def asked(
    draft: Draft, stimulus: GlassBroken | VotesVoided | VoteWithdrawn | ReviewSigned
) -> Why | None:
    """Do one of these to a gate that is open, or sign what was done to one that was opened in an emergency."""
    if isinstance(stimulus, ReviewSigned):
        return sign(draft, stimulus)
    step = draft.steps.get(stimulus.step)
    if step is None or not step.at_gate:
        return Why.ALREADY_DECIDED if step and step.decision else Why.NOTHING_WAITING
    if step.attempt != stimulus.attempt:
        return Why.OUTDATED
    match stimulus:
        case VoteWithdrawn():
            return _withdraw(draft, step, stimulus)
        case VotesVoided():
            return _void(draft, step, stimulus)
        case GlassBroken():
            _break_glass(draft, step, stimulus)
            return None


def remind(draft: Draft, step: StepRun) -> None:
    """Ring what is due of a gate's alarms."""
    due = [each for each in step.alarms if not each.rung and each.at <= draft.now]
    rung = tuple(replace(each, rung=each.rung or each in due) for each in step.alarms)
    draft.put(replace(step, alarms=rung))
    for each in due:
        draft.tell(
            ApprovalReminded(
                at=draft.now,
                step=step.name,
                attempt=step.attempt,
                to=each.to.value,
                role=each.role,
            )
        )


def sign(draft: Draft, stimulus: ReviewSigned) -> Why | None:
    """Close a review. The run may be over: nothing in it moves by that."""
    meant = [
        each
        for each in draft.run.open_reviews
        if (each.step, each.attempt) == (stimulus.step, stimulus.attempt)
    ]
    if not meant:
        return Why.NOTHING_TO_SIGN
    if meant[0].by == stimulus.by:
        return Why.OWN_EMERGENCY
    signed = replace(meant[0], signed_by=stimulus.by, signed_at=draft.now, note=stimulus.note)
    reviews = tuple(signed if each is meant[0] else each for each in draft.run.reviews)
    draft.run = replace(draft.run, reviews=reviews)
    draft.tell(
        EmergencySigned(
            at=draft.now,
            step=stimulus.step,
            attempt=stimulus.attempt,
            by=stimulus.by,
            note=stimulus.note,
        )
    )
    return None


def _withdraw(draft: Draft, step: StepRun, stimulus: VoteWithdrawn) -> Why | None:
    kept = tuple(each for each in step.votes if each.by != stimulus.by)
    if len(kept) == len(step.votes):
        return Why.NO_VOTE
    draft.put(replace(step, votes=kept))
    draft.tell(
        ApprovalWithdrawn(at=draft.now, step=step.name, attempt=step.attempt, by=stimulus.by)
    )
    return None


def _void(draft: Draft, step: StepRun, stimulus: VotesVoided) -> Why | None:
    """Put today's terms at a gate and forget what was said to the old ones, or only what `lost` people said."""
    gate, old = step.gate or Gate(), terms_of(draft.run, step)
    ruled = stimulus.environment.ruled(draft.run.application)
    changed = not old.same_rules(rules_for(gate, ruled, stimulus.locked))
    void = tuple(each for each in step.votes if changed or each.by in stimulus.lost)
    if not changed and not void:
        return Why.NOTHING_CHANGED
    asked_again = replace(step, votes=tuple(each for each in step.votes if each not in void))
    new = old
    if changed:
        new = terms_for(draft.run.plan, gate, stimulus.environment, stimulus.locked)
        alarms = alarms_for(gate, stimulus.environment, draft.now)
        asked_again = replace(asked_again, terms=new, alarms=alarms)
    draft.put(asked_again)
    draft.tell(_voided(draft, step, tuple(each.by for each in void), old, new))
    return None


def _voided(
    draft: Draft, step: StepRun, people: tuple[PersonName, ...], old: Terms, new: Terms
) -> ApprovalsVoided:
    others = old.requirements != new.requirements
    return ApprovalsVoided(
        at=draft.now,
        step=step.name,
        attempt=step.attempt,
        people=people,
        was=_told(old.requirements) if others else (),
        now=_told(new.requirements) if others else (),
        self_approval=None if old.self_approval == new.self_approval else new.self_approval,
        locked=None if old.locked == new.locked else new.locked,
    )


def _told(requirements: tuple[Requirement, ...]) -> tuple[tuple[int, tuple[str, ...]], ...]:
    return tuple((each.count, each.roles) for each in requirements)


def _break_glass(draft: Draft, step: StepRun, stimulus: GlassBroken) -> None:
    """Open a gate whatever was said so far, and have it looked at afterwards."""
    review = Review(
        step=step.name,
        attempt=step.attempt,
        by=stimulus.by,
        at=draft.now,
        reason=stimulus.reason,
        roles=roles_in(terms_of(draft.run, step).requirements),
    )
    draft.run = replace(draft.run, reviews=(*draft.run.reviews, review))
    draft.tell(
        EmergencyDeclared(
            at=draft.now,
            step=step.name,
            attempt=step.attempt,
            by=stimulus.by,
            reason=stimulus.reason,
        )
    )
    decision = Decision(
        approved=True,
        by=stimulus.by,
        at=draft.now,
        reason=stimulus.reason,
        via=stimulus.via,
        emergency=True,
    )
    decide(draft, step, decision)
