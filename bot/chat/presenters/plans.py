"""Plans, differences and the proposal of a rollback: what would change, before anyone decides."""

from dataclasses import replace

from bot.chat.message import (
    Actions,
    Block,
    Bold,
    Button,
    ButtonStyle,
    Code,
    Icon,
    Line,
    Message,
    Text,
)
from bot.chat.presenters.forecasts import Looked, Shown, View, shown
from bot.chat.presenters.waiting import request_of
from bot.chat.presenters.words import delivered, names, phase_of
from bot.command.grammar import unparse
from bot.command.requests import Deploy, Diff, Promote, Rollback
from bot.forecast.excerpts import cut
from bot.forecast.fates import Fate
from bot.forecast.lasting import Lasting, Remains
from bot.operations.forecasts import Forecast, LiveShown, PlanShown
from bot.operations.results import Change, Difference, RollbackProposed
from bot.run.model import Plan

MOST_CHANGES = 24
MOST_BUTTONS = 3
"""Buttons that show a target as a whole."""
MOST_STEPS = 8

Asked = Deploy | Promote | Diff | Rollback
"""A request whose answer may be too long."""


def compared(result: PlanShown | LiveShown | RollbackProposed | Difference) -> Message:
    """Show what differs, or would."""
    match result:
        case PlanShown():
            return plan(result)
        case LiveShown():
            return live(result)
        case RollbackProposed():
            return proposal(result)
        case Difference():
            return difference(result)


def plan(result: PlanShown) -> Message:
    """Show what a deployment would change, and offer to start it."""
    wanted = result.plan
    request = request_of(wanted.application.name, wanted.environment.name, result.wish)
    origin = f", promoted from {wanted.promoted}" if wanted.promoted else ""
    title: Line = (
        Bold(f"Plan for {request.application} in {request.environment}: "),
        *delivered(wanted),
        origin,
    )
    forecast = result.forecast
    found = shown(Looked(targets=forecast.targets, at=forecast.at, show=result.show))
    asked: Asked = replace(request, plan=True, show=result.show)
    standing = _standing(result)
    if forecast.targets and not found.differs and not forecast.unseen:
        standing.append((Icon("done"), " Nothing would change."))
    blocks: list[Block] = [Text(lines=(title, *standing))]
    blocks += _body(forecast, found, asked)
    blocks.append(Text(lines=(_steps(wanted),), faint=True))
    buttons = _show_buttons(found, asked)
    if result.may_deploy and not result.under_way:
        buttons = (_deploy_button(request, forecast), *buttons)
    if buttons:
        blocks.append(Actions(buttons=buttons))
    return Message(summary=_plan_in_a_sentence(result), blocks=tuple(blocks))


def _standing(result: PlanShown) -> list[Line]:
    """Say that nothing was started, and what is there meanwhile."""
    base: Line = ("Nothing is started.",)
    if result.base is not None:
        base = (*base, f" In force is {result.base.name}, ", *delivered(result.base.plan), ".")
    lines = [base]
    run = result.under_way
    if run is not None:
        lines.append(
            (
                Icon("running"),
                f" {run.name} of {run.origin.person} is {phase_of(run)}: "
                "this is what would come after what is there now.",
            )
        )
    return lines


def _plan_in_a_sentence(result: PlanShown) -> str:
    place = f"{result.plan.application.name} in {result.plan.environment.name}"
    objects = [one for each in result.forecast.targets for one in each.objects]
    changing = sum(each.fate not in {Fate.SAME, Fate.STANDS, Fate.READ} for each in objects)
    failing = sum(each.fails for each in objects)
    fails = f", {failing} would fail" if failing else ""
    return f"Plan for {place}: {changing} of {len(objects)} objects would change{fails}; nothing was started"


def _deploy_button(request: Deploy | Promote, forecast: Forecast) -> Button:
    fails = any(one.fails for each in forecast.targets for one in each.objects)
    return Button(
        action="plan_deploy",
        label="Deploy" if isinstance(request, Deploy) else "Promote",
        command=unparse(request),
        style=ButtonStyle.PLAIN if fails else ButtonStyle.PRIMARY,
        described=f"Deploy {request.application} to {request.environment}",
    )


def _steps(wanted: Plan) -> Line:
    titles = [each.title for each in wanted.workflow.steps]
    more = f" → {len(titles) - MOST_STEPS} more" if len(titles) > MOST_STEPS else ""
    return (f"A run would take: {' → '.join(titles[:MOST_STEPS])}{more}",)


def live(result: LiveShown) -> Message:
    """Show what others have changed since the last delivery."""
    place = f"{result.application} in {result.environment}"
    in_force = result.revision.name if result.revision else "what was sent"
    title = f"{place}: {in_force} against the clusters"
    lines: list[Line] = [(Bold(title),)]
    if result.newest is not None:
        run = result.newest
        lines.append((f"{run.name} came after that ({phase_of(run)}); what it sent is looked at.",))
    forecast = result.forecast
    asked = Diff(
        application=result.application,
        environment=result.environment,
        live=True,
        show=result.show,
    )
    found = shown(
        Looked(targets=forecast.targets, at=forecast.at, view=View.LIVE, show=result.show)
    )
    if not forecast.targets:
        lines.append(("Nothing was delivered yet that could differ.",))
    elif not any(one.drifted or one.stays for each in forecast.targets for one in each.objects):
        lines.append(
            (
                Icon("done"),
                " Nobody has changed what can be seen.",
            )
        )
    hint: Line = (
        "What is put back by a delivery, and where it would fail: ",
        Code(f"deploy {result.application} {result.environment} --plan"),
    )
    blocks: list[Block] = [Text(lines=tuple(lines)), *_body(forecast, found, asked)]
    blocks.append(Text(lines=(hint,), faint=True))
    buttons = _show_buttons(found, asked)
    if buttons:
        blocks.append(Actions(buttons=buttons))
    return Message(summary=title, blocks=tuple(blocks))


def _before(result: RollbackProposed) -> tuple[Line, ...]:
    """Say what the rollback would wait for, and who would give way to it."""
    lines: list[Line] = []
    run = result.under_way
    if run is not None:
        said = (
            f" {run.name} of {run.origin.person} is {phase_of(run)}: the rollback is next after it."
        )
        lines.append((Icon("running"), f"{said} The rollback's card can stop that one."))
    if result.waiting:
        who = names(tuple(f"{each.name} of {each.origin.person}" for each in result.waiting), "and")
        lines.append((Icon("warning"), f" It ends what waits in line: {who}."))
    return tuple(lines)


def proposal(result: RollbackProposed) -> Message:
    """Show what a rollback would change and what it does not undo, and ask for a yes."""
    title = f"Roll back {result.application} in {result.environment} from {result.current.name} to {result.target.name}?"
    ahead = result.ahead
    asked = Rollback(
        application=result.application,
        environment=result.environment,
        revision=result.target.number,
        show=ahead.show,
    )
    forecast = ahead.forecast
    found = shown(Looked(targets=forecast.targets, at=forecast.at, show=ahead.show))
    lines: list[Line] = [(Icon("back"), " ", Bold(title))]
    if not forecast.targets or any(each.unknown for each in forecast.targets):
        same = (
            f"{result.target.name} says the same as {result.current.name}; it is delivered again."
        )
        lines += change_lines(result.changes) or ((same,),)
    blocks: list[Block] = [Text(lines=tuple(lines)), *_body(forecast, found, asked)]
    if ahead.lasting:
        what = tuple(_lasting(each) for each in ahead.lasting)
        blocks.append(Text(lines=((Icon("warning"), " ", Bold("Not undone by it")), *what)))
    before = _before(result)
    if before:
        blocks.append(Text(lines=before))
    how: Line = ("It runs today's workflow, with its approvals, and ends in a new revision.",)
    blocks.append(Text(lines=(how,), faint=True))
    confirmed = unparse(replace(asked, show="", confirmed=result.digest))
    buttons = (
        Button(
            action="rollback_confirm",
            label="Roll back",
            command=confirmed,
            style=ButtonStyle.DANGER,
            described=f"Roll back to {result.target.name}",
        ),
        Button(
            action="cancel", label="Cancel", command="cancel", described="Leave everything as it is"
        ),
        *_show_buttons(found, asked),
    )
    return Message(summary=title, blocks=(*blocks, Actions(buttons=buttons)))


def _lasting(lasting: Lasting) -> Line:
    said = {
        Remains.RAN: "Jobs that ran since then are not run backwards",
        Remains.NOT_AGAIN: "Jobs that have succeeded once are not run again",
        Remains.DATA: "Data stays as it is now",
        Remains.EMPTY: "Was deleted since and comes back empty",
        Remains.CLOUD_CHANGED: "Cloud resources are given their old values, for which they may be replaced, "
        "with all that is in them",
        Remains.CLOUD_MADE: "Cloud resources are made anew, empty",
        Remains.CLOUD_LEFT: "Cloud resources that came since stay as they are",
    }
    names = list(lasting.what[:6])
    more = len(lasting.what) - len(names)
    return (f"• {said[lasting.how]}: {', '.join(names)}{f' and {more} more' if more else ''}",)


def difference(result: Difference) -> Message:
    """Show what changed from one revision to another."""
    title = (
        f"{result.application} in {result.environment}: {result.older.name} → {result.newer.name}"
    )
    if not result.targets:
        lines = change_lines(result.changes) or (("Nothing differs.",),)
        return Message(summary=title, blocks=(Text(lines=((Bold(title),), *lines)),))
    asked = Diff(
        application=result.application,
        environment=result.environment,
        older=result.older.number,
        newer=result.newer.number,
        show=result.show,
    )
    found = shown(
        Looked(targets=result.targets, at=result.newer.at, view=View.REVISIONS, show=result.show)
    )
    what: Line = (*delivered(result.older.plan), " → ", *delivered(result.newer.plan))
    lines = ((Bold(title),), what) if found.differs else ((Bold(title),), ("Nothing differs.",))
    blocks: list[Block] = [Text(lines=lines)]
    blocks += [*found.blocks, *_rest(found, asked)]
    buttons = _show_buttons(found, asked)
    if buttons:
        blocks.append(Actions(buttons=buttons))
    return Message(summary=title, blocks=tuple(blocks))


def change_lines(changes: tuple[Change, ...]) -> tuple[Line, ...]:
    """Write down what changes of an application."""
    lines: list[Line] = []
    for each in changes[:MOST_CHANGES]:
        where = f"{each.component} {each.path}".strip()
        if not each.before:
            lines.append((f"{where}: new, ", Code(cut(each.after))))
        elif not each.after:
            lines.append((f"{where}: goes away, was ", Code(cut(each.before))))
        else:
            lines.append((f"{where}: ", Code(cut(each.before)), " → ", Code(cut(each.after))))
    if len(changes) > MOST_CHANGES:
        lines.append((f"… and {len(changes) - MOST_CHANGES} more",))
    return tuple(lines)


def _body(forecast: Forecast, found: Shown, asked: Asked) -> list[Block]:
    """Put together what is shown of a forecast, what is left out, and of what nothing can be said yet."""
    blocks = [*found.blocks, *_rest(found, asked)]
    if found.fails and not isinstance(asked, Diff):
        said = (
            "A delivery fails where others own a field: leave the field out of the file and it stays theirs, "
            "or take it over by a take-over policy."
        )
        blocks.append(Text(lines=((said,),), faint=True))
    unseen: list[Line] = [
        (Icon("warning"), f" {each.what} would fail: {each.why}")
        if each.fails
        else (f"Not shown: {each.what}; {each.why}.",)
        for each in forecast.unseen[:MOST_STEPS]
    ]
    if len(forecast.unseen) > MOST_STEPS:
        unseen.append((f"… and {len(forecast.unseen) - MOST_STEPS} more",))
    return [*blocks, Text(lines=tuple(unseen))] if unseen else blocks


def _rest(found: Shown, asked: Asked) -> list[Block]:
    if not found.where:
        return []
    example = unparse(replace(asked, show="NAME"))
    count = found.left_out
    more = f"… and {count} more object{'s' * (count > 1)}. " if count else ""
    how: Line = (more, "All of a target, component or object: ", Code(example))
    return [Text(lines=(how,))]


def _show_buttons(found: Shown, asked: Asked) -> tuple[Button, ...]:
    """Offer the targets of which something is left out, where that is not what is looked at."""
    if asked.show:
        return ()
    return tuple(
        Button(
            action=f"show:{name}",
            label=f"All of {name}",
            command=unparse(replace(asked, show=name)),
            described=f"Show everything in {name}",
        )
        for name in found.where[:MOST_BUTTONS]
    )
