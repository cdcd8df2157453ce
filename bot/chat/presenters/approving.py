"""What is said of approvals besides the request itself: what is still needed, what became void, reminders, emergencies."""

from collections.abc import Sequence
from datetime import timedelta

from bot.catalog.approving import Requirement
from bot.catalog.model import Catalog
from bot.chat.message import (
    Actions,
    Block,
    Bold,
    Button,
    ButtonStyle,
    Icon,
    Line,
    Mention,
    Message,
    Span,
    Text,
    Time,
)
from bot.chat.presenters.words import approvers, lasted, names, title_of, with_commands
from bot.command.words import quote
from bot.events import (
    ApprovalReminded,
    ApprovalsVoided,
    ApprovalWithdrawn,
    EmergencySigned,
    Event,
)
from bot.operations.results import Signed, Voted, VoteTaken
from bot.run.model import Review, Run, StepRun
from bot.run.terms import still_needed

Told = ApprovalWithdrawn | ApprovalsVoided | ApprovalReminded | EmergencySigned
"""Events that have a message of their own in the thread, made here."""


def is_told(event: Event) -> bool:
    """Say whether `told` has words for an event."""
    return isinstance(event, Told) and not (
        isinstance(event, ApprovalReminded) and event.to == "direct"
    )


def needed(requirements: Sequence[Requirement]) -> str:
    """Write who has to say yes: `1 of sre and 2 of lead or security`."""
    return names(tuple(f"{each.count} of {names(each.roles)}" for each in requirements), "and")


def mentions(catalog: Catalog, people: Sequence[str]) -> list[Span]:
    """Mention people, those apart who do not want it: they are named."""
    spans: list[Span] = []
    for name in people:
        person = catalog.people.get(name)
        notify = person is not None and person.notify
        spans += [" " if spans else "", Mention(name, notify=True) if notify else name]
    return spans


def told(run: Run, event: Told, catalog: Catalog) -> Message:
    """Tell an event below the card."""
    match event:
        case ApprovalWithdrawn():
            title = title_of(run, event.step)
            return _message("waiting", f"{event.by} took their yes to {title} back.")
        case ApprovalsVoided():
            return _voided(run, event, catalog)
        case ApprovalReminded():
            return _reminded(run, event, catalog)
        case EmergencySigned():
            note = f": {event.note}" if event.note else ""
            said = f"{event.by} signed the emergency at {title_of(run, event.step)}{note}."
            return _message("done", said)


def _voided(run: Run, event: ApprovalsVoided, catalog: Catalog) -> Message:
    title = title_of(run, event.step)
    lines: list[Line] = []
    if event.was or event.now:
        was, now = _counted(event.was), _counted(event.now)
        lines.append((f"The rules of {run.environment} have changed: {was} before, now {now}.",))
    if event.self_approval is not None:
        may = "may" if event.self_approval else "may not"
        lines.append((f"Whoever asked for a run {may} approve it now.",))
    if event.locked is not None:
        said = f"locked: {event.locked}" if event.locked else "no longer locked"
        lines.append((f"{run.environment} is {said}.",))
    if not lines:
        lines.append((f"{names(event.people, 'and')} may not approve here any more.",))
    if event.people:
        lines.append((f"What {names(event.people, 'and')} said to {title} is void.",))
    step = run.step(event.step)
    open_ = step is not None and step.at_gate and step.attempt == event.attempt
    if step is not None and open_ and step.gate is not None and step.gate.until is None:
        who = mentions(catalog, approvers(catalog, run, step))
        lines.append((*who, ": please look again, and approve or reject above."))
    first: Line = (Icon("warning"), " ", *lines[0])
    summary = " ".join(line[0] for line in lines if isinstance(line[0], str) and line[0].strip())
    return Message(summary=summary, blocks=(Text(lines=(first, *lines[1:])),))


def _counted(rules: tuple[tuple[int, tuple[str, ...]], ...]) -> str:
    return needed([Requirement(roles=roles, count=count) for count, roles in rules])


def _reminded(run: Run, event: ApprovalReminded, catalog: Catalog) -> Message:
    title, step = title_of(run, event.step), run.step(event.step)
    if step is None or not step.at_gate or step.attempt != event.attempt:
        return _message("done", f"{title} of {run.name} waited here; it has its answer.")
    asked = approvers(catalog, run, step)
    told = tuple(each.name for each in catalog.with_role((event.role,))) if event.role else asked
    took = _waited(step, event)
    ask = "nobody has answered; can you help?" if event.role else "please approve or reject."
    lines: list[Line] = [
        (Icon("waiting"), " ", Bold(title), f" of {run.name} has waited for {took}."),
        (*mentions(catalog, told), f": {ask}"),
        (f"Still needs: {needed(still_needed(run, step))}.",),
    ]
    summary = f"{title} of {run.name} has waited for {took}"
    return Message(summary=summary, blocks=(Text(lines=tuple(lines)),))


def _waited(step: StepRun, event: ApprovalReminded) -> str:
    return lasted(event.at - step.started if step.started else timedelta())


def emergency(run: Run, step: str, attempt: int, catalog: Catalog, *, loud: bool) -> Message:
    """Say that someone opened a gate alone, and whether someone else has signed it. `loud`: mention who may."""
    review = next(each for each in run.reviews if (each.step, each.attempt) == (step, attempt))
    said = f"{review.by} approved {title_of(run, step)} of {run.name} alone, in an emergency"
    lines: list[Line] = [
        (Icon("warning"), " ", Bold("Emergency"), f": {said}, ", Time(review.at, dated=True)),
        (f"Why: {review.reason}",),
    ]
    blocks: list[Block] = [Text(lines=tuple(lines))]
    if review.signed_by is not None:
        blocks.append(Text(lines=(_signed(review),)))
    else:
        people = [each.name for each in catalog.with_role(review.roles) if each.name != review.by]
        who: list[Span] = mentions(catalog, people) if loud else [names(tuple(people))]
        ask: Line = (*who, ": please look at it and sign.") if people else ("Nobody can sign it.",)
        blocks += [Text(lines=(ask,)), Actions(buttons=(sign_button(run, review),))]
    return Message(summary=f"Emergency: {said}: {review.reason}", blocks=tuple(blocks))


def _signed(review: Review) -> Line:
    assert review.signed_at is not None, "it is signed"
    note = f": {review.note}" if review.note else ""
    return (Icon("done"), f" Signed by {review.signed_by} ", Time(review.signed_at), note)


def reviews(run: Run) -> tuple[Line, ...]:
    """Say on a card what was opened in an emergency, and whether someone else has signed it."""
    lines: list[Line] = []
    for each in run.reviews:
        title = title_of(run, each.step)
        opened = f" {each.by} approved {title} alone, in an emergency: {each.reason}"
        lines.append((Icon("warning"), opened))
        waits: Line = ("      Someone else who may approve has to sign it.",)
        lines.append(("      ", *_signed(each)) if each.signed_by is not None else waits)
    return tuple(lines)


def sign_button(run: Run, review: Review) -> Button:
    """Answer the button that signs a review."""
    which = f"--step {quote(review.step)} --attempt {review.attempt}"
    return Button(
        action=f"sign_{review.step}_{review.attempt}",
        label="Sign",
        command=f"sign run:{run.id} {which}",
        described=f"Sign the emergency at {title_of(run, review.step)} of {run.name}",
    )


def to_sign(runs: Sequence[Run]) -> tuple[Line, ...]:
    """List what was opened in an emergency and is to be signed."""
    return tuple(
        (
            Icon("warning"),
            f" {run.name}: {title_of(run, each.step)} was approved by {each.by} alone ({each.reason}); ",
            *with_commands(f"`sign {run.name}` by someone else."),
        )
        for run in runs
        for each in run.open_reviews
    )


def answer(result: Voted | VoteTaken | Signed) -> Message:
    """Say privately what became of a yes, or of a signature."""
    name = f"{title_of(result.run, result.step)} of {result.run.name}"
    match result:
        case Voted():
            still = f"Still needs: {needed(result.needs)}."
            said = f"Your yes to {name} counts: {result.votes} of {result.quorum}. {still}"
            shown = _message("done", said)
            button = Button(
                action="withdraw",
                label="Withdraw",
                command=f"withdraw run:{result.run.id} --step {quote(result.step)}"
                f" --attempt {result.attempt}",
                style=ButtonStyle.PLAIN,
                described=f"Take your yes to {name} back",
            )
            return Message(
                summary=shown.summary, blocks=(*shown.blocks, Actions(buttons=(button,)))
            )
        case VoteTaken():
            still = f"Still needs: {needed(result.needs)}."
            return _message("waiting", f"Your yes to {name} is taken back. {still}")
        case Signed():
            more = f" {result.left} more of this run are to be signed." if result.left else ""
            return _message("done", f"You have signed the emergency at {name}.{more}")


def _message(icon: str, said: str) -> Message:
    return Message(summary=said, blocks=(Text(lines=((Icon(icon), " ", said),)),))
