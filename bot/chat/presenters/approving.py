"""What is said of approvals besides the request itself: what is still needed, what became void, reminders, emergencies."""

from collections.abc import Sequence
from datetime import timedelta

from bot.catalog.approving import Requirement
from bot.catalog.model import Catalog
from bot.chat.language import _, line, ngettext, one_after_the_other
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
    each_one = (
        _("{count} of {roles}", count=each.count, roles=names(each.roles)) for each in requirements
    )
    return names(tuple(each_one), "and")


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
            return _message(
                "waiting", _("{who} took their yes to {step} back.", who=event.by, step=title)
            )
        case ApprovalsVoided():
            return _voided(run, event, catalog)
        case ApprovalReminded():
            return _reminded(run, event, catalog)
        case EmergencySigned():
            who, step = event.by, title_of(run, event.step)
            said = _("{who} signed the emergency at {step}.", who=who, step=step)
            if event.note:
                said = _(
                    "{who} signed the emergency at {step}: {note}.",
                    who=who,
                    step=step,
                    note=event.note,
                )
            return _message("done", said)


def _voided(run: Run, event: ApprovalsVoided, catalog: Catalog) -> Message:
    title = title_of(run, event.step)
    lines: list[Line] = []
    if event.was or event.now:
        was, now = _counted(event.was), _counted(event.now)
        said = _(
            "The rules of {place} have changed: {was} before, now {now}.",
            place=run.environment,
            was=was,
            now=now,
        )
        lines.append((said,))
    if event.self_approval is not None:
        yes = _("Whoever asked for a run may approve it now.")
        no = _("Whoever asked for a run may not approve it now.")
        lines.append((yes if event.self_approval else no,))
    if event.locked is not None:
        said = _("{place} is no longer locked.", place=run.environment)
        if event.locked:
            said = _("{place} is locked: {why}.", place=run.environment, why=event.locked)
        lines.append((said,))
    if not lines:
        who = names(event.people, "and")
        lines.append((_("{who} may not approve here any more.", who=who),))
    if event.people:
        who = names(event.people, "and")
        lines.append((_("What {who} said to {step} is void.", who=who, step=title),))
    step = run.step(event.step)
    open_ = step is not None and step.at_gate and step.attempt == event.attempt
    if step is not None and open_ and step.gate is not None and step.gate.until is None:
        asked = tuple(mentions(catalog, approvers(catalog, run, step)))
        lines.append(line("{who}: please look again, and approve or reject above.", who=asked))
    first: Line = (Icon("warning"), " ", *lines[0])
    texts = (each[0] for each in lines)
    summary = one_after_the_other(*(each for each in texts if isinstance(each, str)))
    return Message(summary=summary, blocks=(Text(lines=(first, *lines[1:])),))


def _counted(rules: tuple[tuple[int, tuple[str, ...]], ...]) -> str:
    return needed([Requirement(roles=roles, count=count) for count, roles in rules])


def _reminded(run: Run, event: ApprovalReminded, catalog: Catalog) -> Message:
    title, step = title_of(run, event.step), run.step(event.step)
    if step is None or not step.at_gate or step.attempt != event.attempt:
        said = _("{step} of {run} waited here; it has its answer.", step=title, run=run.name)
        return _message("done", said)
    asked = approvers(catalog, run, step)
    told = tuple(each.name for each in catalog.with_role((event.role,))) if event.role else asked
    took = _waited(step, event)
    ask = _("nobody has answered; can you help?") if event.role else _("please approve or reject.")
    waited = line(
        "{step} of {run} has waited for {took}.", step=Bold(title), run=run.name, took=took
    )
    lines: list[Line] = [
        (Icon("waiting"), " ", *waited),
        line("{who}: {ask}", who=tuple(mentions(catalog, told)), ask=ask),
        (_still(still_needed(run, step)),),
    ]
    summary = _("{step} of {run} has waited for {took}", step=title, run=run.name, took=took)
    return Message(summary=summary, blocks=(Text(lines=tuple(lines)),))


def _waited(step: StepRun, event: ApprovalReminded) -> str:
    return lasted(event.at - step.started if step.started else timedelta())


def emergency(run: Run, step: str, attempt: int, catalog: Catalog, *, loud: bool) -> Message:
    """Say that someone opened a gate alone, and whether someone else has signed it. `loud`: mention who may."""
    review = next(each for each in run.reviews if (each.step, each.attempt) == (step, attempt))
    said = _(
        "{who} approved {step} of {run} alone, in an emergency",
        who=review.by,
        step=title_of(run, step),
        run=run.name,
    )
    first = line(
        "{emergency}: {said}, {when}",
        emergency=Bold(_("Emergency")),
        said=said,
        when=Time(review.at, dated=True),
    )
    lines: list[Line] = [
        (Icon("warning"), " ", *first),
        (_("Why: {reason}", reason=review.reason),),
    ]
    blocks: list[Block] = [Text(lines=tuple(lines))]
    if review.signed_by is not None:
        blocks.append(Text(lines=(_signed(review),)))
    else:
        people = [each.name for each in catalog.with_role(review.roles) if each.name != review.by]
        who: list[Span] = mentions(catalog, people) if loud else [names(tuple(people))]
        ask = line("{who}: please look at it and sign.", who=tuple(who))
        if not people:
            ask = line("Nobody can sign it.")
        blocks += [Text(lines=(ask,)), Actions(buttons=(sign_button(run, review),))]
    summary = _("Emergency: {said}: {reason}", said=said, reason=review.reason)
    return Message(summary=summary, blocks=tuple(blocks))


def _signed(review: Review) -> Line:
    assert review.signed_at is not None, "it is signed"
    note = _(": {reason}", reason=review.note) if review.note else ""
    signed = line("Signed by {who} {when}", who=review.signed_by or "", when=Time(review.signed_at))
    return (Icon("done"), " ", *signed, note)


def reviews(run: Run) -> tuple[Line, ...]:
    """Say on a card what was opened in an emergency, and whether someone else has signed it."""
    lines: list[Line] = []
    for each in run.reviews:
        title = title_of(run, each.step)
        opened = _(
            "{who} approved {step} alone, in an emergency: {reason}",
            who=each.by,
            step=title,
            reason=each.reason,
        )
        lines.append((Icon("warning"), f" {opened}"))
        waits: Line = (f"      {_('Someone else who may approve has to sign it.')}",)
        lines.append(("      ", *_signed(each)) if each.signed_by is not None else waits)
    return tuple(lines)


def sign_button(run: Run, review: Review) -> Button:
    """Answer the button that signs a review."""
    which = f"--step {quote(review.step)} --attempt {review.attempt}"
    return Button(
        action=f"sign_{review.step}_{review.attempt}",
        label=_("Sign"),
        command=f"sign run:{run.id} {which}",
        described=_(
            "Sign the emergency at {step} of {run}",
            step=title_of(run, review.step),
            run=run.name,
        ),
    )


def to_sign(runs: Sequence[Run]) -> tuple[Line, ...]:
    """List what was opened in an emergency and is to be signed."""
    return tuple(
        (
            Icon("warning"),
            " ",
            *with_commands(
                _(
                    "{run}: {step} was approved by {who} alone ({reason}); `sign {run}` by someone else.",
                    run=run.name,
                    step=title_of(run, each.step),
                    who=each.by,
                    reason=each.reason,
                )
            ),
        )
        for run in runs
        for each in run.open_reviews
    )


def answer(result: Voted | VoteTaken | Signed) -> Message:
    """Say privately what became of a yes, or of a signature."""
    step, run = title_of(result.run, result.step), result.run.name
    match result:
        case Voted():
            return _voted(result, step, run)
        case VoteTaken():
            taken = _("Your yes to {step} of {run} is taken back.", step=step, run=run)
            return _message("waiting", one_after_the_other(taken, _still(result.needs)))
        case Signed():
            signed = _("You have signed the emergency at {step} of {run}.", step=step, run=run)
            more = ngettext(
                "{n} more of this run is to be signed.",
                "{n} more of this run are to be signed.",
                result.left,
            )
            return _message("done", one_after_the_other(signed, more if result.left else ""))


def _voted(result: Voted, step: str, run: str) -> Message:
    counts = _(
        "Your yes to {step} of {run} counts: {votes} of {quorum}.",
        step=step,
        run=run,
        votes=result.votes,
        quorum=result.quorum,
    )
    shown = _message("done", one_after_the_other(counts, _still(result.needs)))
    exactly = f"--step {quote(result.step)} --attempt {result.attempt}"
    button = Button(
        action="withdraw",
        label=_("Withdraw"),
        command=f"withdraw run:{result.run.id} {exactly}",
        style=ButtonStyle.PLAIN,
        described=_("Take your yes to {step} of {run} back", step=step, run=run),
    )
    return Message(summary=shown.summary, blocks=(*shown.blocks, Actions(buttons=(button,))))


def _still(requirements: Sequence[Requirement]) -> str:
    return _("Still needs: {needed}.", needed=needed(requirements))


def _message(icon: str, said: str) -> Message:
    return Message(summary=said, blocks=(Text(lines=((Icon(icon), " ", said),)),))
