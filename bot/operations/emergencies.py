"""Opening a gate alone in an emergency, and the review of it that stays open until someone else signs it."""

from bot.events import PersonName
from bot.operations.approvals import closed_by, subject, via_of
from bot.operations.desk import Desk, Visitor
from bot.operations.finding import done_before, governing
from bot.operations.results import Decided, Signed
from bot.policy.decisions import Action, may
from bot.policy.refusals import Code, Refusal
from bot.run.again import Behind
from bot.run.model import Review, Run
from bot.run.stimuli import GlassBroken, ReviewSigned
from bot.run.transitions import Ignored
from bot.run.why import Why


async def break_glass(
    desk: Desk, visitor: Visitor, run: Run, *, step: str, attempt: int, reason: str
) -> Decided | Refusal:
    """Open a gate without those who have to say yes. It takes a role of the environment's `breakGlass`, and a reason."""
    before = done_before(run, visitor.request)
    again = run.step(before.step) if before is not None else None
    if again is not None and again.decision is not None:
        return Decided(run=run, step=again.name, decision=again.decision)
    catalog = desk.catalog()
    allowed = may(catalog, visitor.person, Action.BREAK_GLASS, governing(catalog, run))
    if isinstance(allowed, Refusal):
        return allowed
    if not reason.strip():
        return Refusal(code=Code.EMERGENCY_REASON, facts={"run": run.name})
    found = subject(run, step)
    if found is None or isinstance(found, Refusal):
        return found or _nothing_waiting(run)
    closed = closed_by(run, found, attempt)
    if closed is not None:
        return closed
    asked = GlassBroken(
        step=found.name,
        attempt=found.attempt,
        by=PersonName(visitor.person.name),
        reason=reason.strip(),
        via=via_of(visitor),
        behind=Behind(request=visitor.request, step=found.name),
    )
    after = await desk.engine.tell(run.id, asked)
    if isinstance(after, Ignored):
        late = after.run.step(found.name)
        closed = closed_by(after.run, late, found.attempt) if late else None
        return closed or _nothing_waiting(after.run)
    opened = after.step(found.name)
    assert opened is not None, "a run keeps its steps"
    assert opened.decision is not None, "it was opened"
    return Decided(run=after, step=opened.name, decision=opened.decision)


async def sign(
    desk: Desk, visitor: Visitor, run: Run, *, step: str, attempt: int, note: str
) -> Signed | Refusal:
    """Say that one has looked at what was done in an emergency: the oldest of a run, or the one that is named."""
    before = done_before(run, visitor.request)
    if before is not None:
        return Signed(run=run, step=before.step, left=len(run.open_reviews))
    review = _review(run, visitor, step, attempt)
    if review is None:
        return Refusal(code=Code.NOTHING_TO_SIGN, facts={"run": run.name})
    catalog = desk.catalog()
    allowed = may(
        catalog, visitor.person, Action.SIGN, governing(catalog, run), step_approvers=review.roles
    )
    if isinstance(allowed, Refusal):
        return allowed
    asked = ReviewSigned(
        step=review.step,
        attempt=review.attempt,
        by=PersonName(visitor.person.name),
        note=note.strip(),
        behind=Behind(request=visitor.request, step=review.step),
    )
    after = await desk.engine.tell(run.id, asked)
    if isinstance(after, Ignored):
        own = after.why is Why.OWN_EMERGENCY
        code = Code.OWN_EMERGENCY if own else Code.NOTHING_TO_SIGN
        return Refusal(code=code, facts={"run": run.name, "step": review.step})
    return Signed(run=after, step=review.step, left=len(after.open_reviews))


def _review(run: Run, visitor: Visitor, step: str, attempt: int) -> Review | None:
    """Find the open review that is meant; among several, one that this person may sign."""
    meant = [
        each
        for each in run.open_reviews
        if step in {"", each.step} and attempt in {0, each.attempt}
    ]
    others = [each for each in meant if each.by != visitor.person.name]
    return next(iter(others + meant), None)


def _nothing_waiting(run: Run) -> Refusal:
    return Refusal(code=Code.NOTHING_WAITING, facts={"run": run.name})
