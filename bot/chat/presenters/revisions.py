"""What was delivered to an environment, newest first, each with the way back to it."""

from datetime import timedelta

from bot.chat.language import _
from bot.chat.message import (
    Actions,
    Block,
    Bold,
    Button,
    Code,
    Icon,
    Line,
    Message,
    Span,
    Text,
    Time,
)
from bot.chat.presenters.lists import MOST, listing
from bot.chat.presenters.machines import committed
from bot.chat.presenters.words import delivered, joined, lasted
from bot.operations.results import RevisionList
from bot.run.model import Plan, Revision


def revisions(result: RevisionList) -> Message:
    """List them, the one in force without buttons."""
    title = _(
        "Revisions of {application} in {environment}",
        application=result.application.name,
        environment=result.environment.name,
    )
    if not result.revisions:
        return listing(title, [], _("Nothing was delivered yet."))
    blocks: list[Block] = [Text(lines=((Bold(title),),))]
    newest = result.revisions[0]
    for each in result.revisions[:MOST]:
        blocks.append(Text(lines=_revision(each, newest.number)))
        if each.number != newest.number:
            blocks.append(Actions(buttons=_buttons(each, newest.number)))
    older = len(result.revisions) - MOST
    if older > 0:
        blocks.append(Text(lines=((_("… and {n} older", n=older),),), faint=True))
    summary = _("{title}: the newest is {revision}", title=title, revision=newest.name)
    return Message(summary=summary, blocks=tuple(blocks))


def _revision(revision: Revision, current: int) -> tuple[Line, ...]:
    plan = revision.plan
    in_force = _("in force")
    now: Line = (Icon("done"), f" {in_force}") if revision.number == current else ()
    first = joined((Bold(revision.name),), delivered(plan), now)
    again, origin = f"v{plan.rollback_to}", plan.promoted
    second = joined(
        (_("by {person}", person=revision.by),),
        (Time(revision.at, dated=True),),
        (_("took {time}", time=lasted(timedelta(seconds=revision.duration))),),
        committed(plan),
        (_("{revision} again", revision=again),) if plan.rollback_to else (),
        (_("promoted from {origin}", origin=origin),) if origin else (),
    )
    note: tuple[Line, ...] = ((plan.note,),) if plan.note else ()
    return (first, second, _images(plan), *note)


def _images(plan: Plan) -> Line:
    spans: list[Span] = []
    for name, image in plan.images.items():
        spans += [" · " if spans else "", f"{name} ", Code(image.rpartition("/")[2])]
    return tuple(spans)


def _buttons(revision: Revision, current: int) -> tuple[Button, ...]:
    place = f"{revision.plan.application.name} {revision.plan.environment.name}"
    newest = f"v{current}"
    return (
        Button(
            action=f"diff:v{revision.number}",
            label=_("Diff"),
            command=f"diff {place} v{revision.number} v{current}",
            described=_("What changed from {older} to {newer}", older=revision.name, newer=newest),
        ),
        Button(
            action=f"rollback:v{revision.number}",
            label=_("Roll back"),
            command=f"rollback {place} v{revision.number}",
            described=_("Go back to {revision}", revision=revision.name),
        ),
    )
