"""Plans, differences and the proposal of a rollback: what would change, before anyone decides."""

from dataclasses import replace

from bot.catalog.model import Concurrency
from bot.chat.language import _, line, ngettext
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
from bot.chat.presenters.fields import View, worded
from bot.chat.presenters.forecasts import Looked, Shown, shown
from bot.chat.presenters.locks import place_of
from bot.chat.presenters.waiting import request_of
from bot.chat.presenters.words import delivered, names, phase_of
from bot.command.grammar import unparse
from bot.command.requests import Deploy, Diff, Promote, Rollback
from bot.forecast.excerpts import cut
from bot.forecast.fates import Fate
from bot.forecast.lasting import Lasting, Remains
from bot.forecast.outlook import Unseen
from bot.operations.forecasts import Forecast, LiveShown, PlanShown
from bot.operations.results import Change, Difference, RollbackProposed
from bot.run.model import Plan
from bot.wording import N_

MOST_CHANGES = 24
MOST_BUTTONS = 3
"""Buttons that show a target as a whole."""
MOST_STEPS = 8

MOST_NAMES = 6
"""Things of one kind that a rollback does not undo."""
REMAINS = {
    Remains.RAN: N_("Jobs that ran since then are not run backwards"),
    Remains.NOT_AGAIN: N_("Jobs that have succeeded once are not run again"),
    Remains.DATA: N_("Data stays as it is now"),
    Remains.EMPTY: N_("Was deleted since and comes back empty"),
    Remains.CLOUD_CHANGED: N_(
        "Cloud resources are given their old values, for which they may be replaced, "
        "with all that is in them"
    ),
    Remains.CLOUD_MADE: N_("Cloud resources are made anew, empty"),
    Remains.CLOUD_LEFT: N_("Cloud resources that came since stay as they are"),
}

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
    origin = _(", promoted from {origin}", origin=wanted.promoted) if wanted.promoted else ""
    place = place_of(request.application, request.environment)
    title: Line = (Bold(_("Plan for {place}: ", place=place)), *delivered(wanted), origin)
    forecast = result.forecast
    found = shown(Looked(targets=forecast.targets, at=forecast.at, show=result.show))
    asked: Asked = replace(request, plan=True, show=result.show)
    standing = _standing(result)
    if forecast.targets and not found.differs and not forecast.unseen:
        standing.append((Icon("done"), " ", _("Nothing would change.")))
    blocks: list[Block] = [Text(lines=(title, *standing))]
    blocks += _body(forecast, found, asked)
    blocks.append(Text(lines=(_steps(wanted),), faint=True))
    buttons = _show_buttons(found, asked)
    if result.may_deploy and _would_be_taken(result):
        buttons = (_deploy_button(request, forecast), *buttons)
    if buttons:
        blocks.append(Actions(buttons=buttons))
    return Message(summary=_plan_in_a_sentence(result), blocks=tuple(blocks))


def _would_be_taken(result: PlanShown) -> bool:
    """Say whether a deployment would begin or wait in line: beside another run some environments refuse it."""
    rule = result.plan.environment.concurrency
    return result.under_way is None or rule is not Concurrency.REFUSE


def _standing(result: PlanShown) -> list[Line]:
    """Say that nothing was started, and what is there meanwhile."""
    base: Line = (_("Nothing is started."),)
    if result.base is not None:
        base = line(
            "Nothing is started. In force is {revision}, {what}.",
            revision=result.base.name,
            what=delivered(result.base.plan),
        )
    run = result.under_way
    if run is None:
        return [base]
    said = _(
        "{run} of {who} is {phase}: this is what would come after what is there now.",
        run=run.name,
        who=run.origin.person,
        phase=phase_of(run),
    )
    return [base, (Icon("running"), " ", said)]


def _plan_in_a_sentence(result: PlanShown) -> str:
    place = place_of(result.plan.application.name, result.plan.environment.name)
    objects = [one for each in result.forecast.targets for one in each.objects]
    changing = sum(each.fate not in {Fate.SAME, Fate.STANDS, Fate.READ} for each in objects)
    failing = sum(each.fails for each in objects)
    counts = {"place": place, "changing": changing, "all": len(objects)}
    if not failing:
        return _(
            "Plan for {place}: {changing} of {all} objects would change; nothing was started",
            **counts,
        )
    return _(
        "Plan for {place}: {changing} of {all} objects would change, {failing} would fail; "
        "nothing was started",
        **counts,
        failing=failing,
    )


def _deploy_button(request: Deploy | Promote, forecast: Forecast) -> Button:
    fails = any(one.fails for each in forecast.targets for one in each.objects)
    return Button(
        action="plan_deploy",
        label=_("Deploy") if isinstance(request, Deploy) else _("Promote"),
        command=unparse(request),
        style=ButtonStyle.PLAIN if fails else ButtonStyle.PRIMARY,
        described=_(
            "Deploy {application} to {environment}",
            application=request.application,
            environment=request.environment,
        ),
    )


def _steps(wanted: Plan) -> Line:
    titles = [each.title for each in wanted.workflow.steps]
    first = " → ".join(titles[:MOST_STEPS])
    more = len(titles) - MOST_STEPS
    if more > 0:
        return (_("A run would take: {steps} → {more} more", steps=first, more=more),)
    return (_("A run would take: {steps}", steps=first),)


def live(result: LiveShown) -> Message:
    """Show what others have changed since the last delivery."""
    place = place_of(result.application, result.environment)
    title = (
        _("{place}: {revision} against the clusters", place=place, revision=result.revision.name)
        if result.revision
        else _("{place}: what was sent against the clusters", place=place)
    )
    lines: list[Line] = [(Bold(title),)]
    if result.newest is not None:
        run = result.newest
        said = _(
            "{run} came after that ({phase}); what it sent is looked at.",
            run=run.name,
            phase=phase_of(run),
        )
        lines.append((said,))
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
        lines.append((_("Nothing was delivered yet that could differ."),))
    elif not any(one.drifted or one.stays for each in forecast.targets for one in each.objects):
        lines.append((Icon("done"), " ", _("Nobody has changed what can be seen.")))
    planned = Deploy(application=result.application, environment=result.environment, plan=True)
    hint = line(
        "What is put back by a delivery, and where it would fail: {command}",
        command=Code(unparse(planned)),
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
        said = _(
            "{run} of {who} is {phase}: the rollback is next after it. "
            "The rollback's card can stop that one.",
            run=run.name,
            who=run.origin.person,
            phase=phase_of(run),
        )
        lines.append((Icon("running"), " ", said))
    if result.waiting:
        runs = tuple(
            _("{run} of {who}", run=each.name, who=each.origin.person) for each in result.waiting
        )
        said = _("It ends what waits in line: {runs}.", runs=names(runs, "and"))
        lines.append((Icon("warning"), " ", said))
    return tuple(lines)


def _going_back(result: RollbackProposed) -> str:
    """Say from where to where; the one in force is gone back to while a run delivers another that is no revision yet."""
    place = {"application": result.application, "environment": result.environment}
    target = result.target.name
    if result.target.number == result.current.number:
        return _("Roll back {application} in {environment} to {target}?", **place, target=target)
    return _(
        "Roll back {application} in {environment} from {current} to {target}?",
        **place,
        current=result.current.name,
        target=target,
    )


def proposal(result: RollbackProposed) -> Message:
    """Show what a rollback would change and what it does not undo, and ask for a yes."""
    title = _going_back(result)
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
        same = _(
            "{target} says the same as {current}; it is delivered again.",
            target=result.target.name,
            current=result.current.name,
        )
        lines += change_lines(result.changes) or ((same,),)
    blocks: list[Block] = [Text(lines=tuple(lines)), *_body(forecast, found, asked)]
    if ahead.lasting:
        what = tuple(_lasting(each) for each in ahead.lasting)
        blocks.append(Text(lines=((Icon("warning"), " ", Bold(_("Not undone by it"))), *what)))
    before = _before(result)
    if before:
        blocks.append(Text(lines=before))
    how = _("It runs today's workflow, with its approvals, and ends in a new revision.")
    blocks.append(Text(lines=((how,),), faint=True))
    confirmed = unparse(replace(asked, show="", confirmed=result.digest))
    buttons = (*_yes_or_no(result.target.name, confirmed), *_show_buttons(found, asked))
    return Message(summary=title, blocks=(*blocks, Actions(buttons=buttons)))


def _yes_or_no(target: str, confirmed: str) -> tuple[Button, ...]:
    return (
        Button(
            action="rollback_confirm",
            label=_("Roll back"),
            command=confirmed,
            style=ButtonStyle.DANGER,
            described=_("Roll back to {revision}", revision=target),
        ),
        Button(
            action="cancel",
            label=_("Cancel"),
            command="cancel",
            described=_("Leave everything as it is"),
        ),
    )


def _lasting(lasting: Lasting) -> Line:
    how = _(REMAINS[lasting.how])
    few = _(", ").join(map(worded, lasting.what[:MOST_NAMES]))
    more = len(lasting.what) - MOST_NAMES
    if more > 0:
        return (_("• {how}: {few} and {more} more", how=how, few=few, more=more),)
    return (_("• {how}: {all}", how=how, all=few),)


def difference(result: Difference) -> Message:
    """Show what changed from one revision to another."""
    place = place_of(result.application, result.environment)
    older, newer = result.older.name, result.newer.name
    title = _("{place}: {older} → {newer}", place=place, older=older, newer=newer)
    same: Line = (_("Nothing differs."),)
    if not result.targets:
        lines = change_lines(result.changes) or (same,)
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
    lines = ((Bold(title),), what if found.differs else same)
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
        where = f"{each.component} {worded(each.path)}".strip()
        before, after = Code(cut(worded(each.before))), Code(cut(worded(each.after)))
        if not each.before:
            lines.append(line("{field}: new, {value}", field=where, value=after))
        elif not each.after:
            lines.append(line("{field}: goes away, was {value}", field=where, value=before))
        else:
            said = line("{field}: {before} → {after}", field=where, before=before, after=after)
            lines.append(said)
    if len(changes) > MOST_CHANGES:
        lines.append((_("… and {n} more", n=len(changes) - MOST_CHANGES),))
    return tuple(lines)


def _body(forecast: Forecast, found: Shown, asked: Asked) -> list[Block]:
    """Put together what is shown of a forecast, what is left out, and of what nothing can be said yet."""
    blocks = [*found.blocks, *_rest(found, asked)]
    if found.fails and not isinstance(asked, Diff):
        said = _(
            "A delivery fails where others own a field: leave the field out of the file and it stays theirs, "
            "or take it over by a take-over policy."
        )
        blocks.append(Text(lines=((said,),), faint=True))
    unseen = [_unseen(each) for each in forecast.unseen[:MOST_STEPS]]
    if len(forecast.unseen) > MOST_STEPS:
        unseen.append((_("… and {n} more", n=len(forecast.unseen) - MOST_STEPS),))
    return [*blocks, Text(lines=tuple(unseen))] if unseen else blocks


def _unseen(found: Unseen) -> Line:
    """Say of what nothing can be said yet, or that it would fail."""
    what, why = found.what, found.why
    if found.fails:
        return (Icon("warning"), " ", _("{what} would fail: {why}", what=what, why=why))
    return (_("Not shown: {what}; {why}.", what=what, why=why),)


def _rest(found: Shown, asked: Asked) -> list[Block]:
    if not found.where:
        return []
    example = Code(unparse(replace(asked, show=_("NAME"))))
    how = line("All of a target, component or object: {command}", command=example)
    count = found.left_out
    more = ngettext("… and {n} more object. ", "… and {n} more objects. ", count) if count else ""
    return [Text(lines=((more, *how),))]


def _show_buttons(found: Shown, asked: Asked) -> tuple[Button, ...]:
    """Offer the targets of which something is left out, where that is not what is looked at."""
    if asked.show:
        return ()
    return tuple(
        Button(
            action=f"show:{name}",
            label=_("All of {name}", name=name),
            command=unparse(replace(asked, show=name)),
            described=_("Show everything in {name}", name=name),
        )
        for name in found.where[:MOST_BUTTONS]
    )
