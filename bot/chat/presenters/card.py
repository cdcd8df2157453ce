"""The run card: one message that says what is delivered where, how far it is, and what can be done now.

Read on a phone at a glance: the outcome first, a line a step, nothing that ticks. Long workflows are folded
(`bot.chat.presenters.folding`) and long texts cut, so that a card of any run has room in a message: all of it
stands in the thread.
"""

from dataclasses import replace

from bot.catalog.model import Catalog
from bot.chat.language import _, line, ngettext
from bot.chat.message import (
    Actions,
    Block,
    Bold,
    Button,
    ButtonStyle,
    Confirm,
    Header,
    Icon,
    Line,
    Link,
    Message,
    Preformatted,
    Span,
    Text,
    Time,
)
from bot.chat.presenters import waiting
from bot.chat.presenters.approving import needed, reviews, sign_button
from bot.chat.presenters.kept import ended_by, kept
from bot.chat.presenters.machines import committed
from bot.chat.presenters.refusals import LONGEST_LABEL
from bot.chat.presenters.remedies import differences, remedies
from bot.chat.presenters.steps import step_lines
from bot.chat.presenters.words import (
    approvers,
    brief,
    delivered,
    excerpt,
    gates,
    joined,
    lasted,
    names,
    passed,
    plain,
    short_title,
    title_of,
)
from bot.command.words import quote
from bot.run.line import Standing
from bot.run.model import Run, RunPhase, StepPhase, StepRun
from bot.run.terms import people_in, still_needed, terms_of
from bot.run.timing import restart_at
from bot.wording import Sentence

MOST_NAMES = 3
"""Steps, people and images that are named in one sentence."""
MOST_GATES = 6
"""Gates with buttons on the card, which has room for 25; those of the others stand in the thread."""


def card(
    run: Run,
    catalog: Catalog,
    standing: Standing | None = None,
    *,
    thread_before: str = "",
    threaded: bool = True,
) -> Message:
    """Show a run as it is; `standing` says where one stands that waits, and what holds one that is to begin anew.

    `thread_before` leads to the thread of the card whose place it takes. `threaded`: the chat has threads.
    """
    blocks = _body(run, catalog, standing)
    actions = _actions(run, standing)
    if actions:
        blocks.append(Actions(buttons=actions))
    where = _("more in the thread") if threaded else _("more below")
    last = [_times(run, where, standing)]
    more = len(gates(run)) - MOST_GATES
    if more > 0 and threaded:
        said = ngettext(
            "{n} more waits: answer in the thread", "{n} more wait: answer in the thread", more
        )
        last.append((said,))
    elif more > 0:
        said = ngettext("{n} more waits: answer below", "{n} more wait: answer below", more)
        last.append((said,))
    if thread_before:
        last.append(
            line(
                "This card takes the place of an older one; what was said until then stands {where}",
                where=Link(thread_before, _("in its thread")),
            )
        )
    blocks.append(Text(lines=tuple(last), faint=True))
    return Message(summary=summary(run, catalog, standing), blocks=tuple(blocks))


def snapshot(run: Run, catalog: Catalog, standing: Standing | None = None) -> Message:
    """Show a run as it was at one moment, with why its steps failed; for a message that does not follow it."""
    blocks = _body(run, catalog, standing)
    details = tuple(line for step in run.steps for line in step.details)
    if details:
        blocks.append(Preformatted(text=excerpt(details)))
    blocks.append(Text(lines=(_times(run, _("as it was when you asked"), standing),), faint=True))
    return Message(summary=summary(run, catalog, standing), blocks=tuple(blocks))


def _body(run: Run, catalog: Catalog, standing: Standing | None) -> list[Block]:
    blocks: list[Block] = [
        Header(text=f"{run.application} → {run.environment}"),
        Text(lines=(outcome(run, catalog, standing), _what(run))),
    ]
    if run.reviews:
        blocks.append(Text(lines=reviews(run)))
    return blocks if run.unbegun else [*blocks, Text(lines=step_lines(run))]


def summary(run: Run, catalog: Catalog, standing: Standing | None = None) -> str:
    """Say it all in a sentence, for a notification and a screen reader."""
    said = "".join(plain(each) for each in outcome(run, catalog, standing)).strip()
    version = run.plan.version or _("images as given")
    return _(
        "{run} ({version}, by {who}): {said}",
        run=run.name,
        version=version,
        who=run.origin.person,
        said=said,
    )


def outcome(run: Run, catalog: Catalog, standing: Standing | None = None) -> Line:
    """Say in a line where a run is, and what holds it or what became of it."""
    if run.refused is not None:
        not_begun = Bold(_("Not begun"))
        return (
            Icon("failed"),
            " ",
            *line("{what}: {why}", what=not_begun, why=waiting.why_not(run)),
        )
    took = lasted((run.ended or run.since) - run.since)
    match run.phase:
        case RunPhase.SUCCEEDED:
            return (Icon("done"), " ", *_succeeded(run, took))
        case RunPhase.FAILED:
            what, why = Bold(_("Failed")), brief(kept(run.message))
            failed = line("{what} after {took}: {why}", what=what, took=took, why=why)
            return (Icon("failed"), " ", *failed)
        case RunPhase.TERMINATED:
            return (Icon("stopped"), " ", *_terminated(run))
        case RunPhase.SUSPENDING:
            return (Icon("waiting"), " ", *_suspended(run, catalog))
        case _running:
            in_line = waiting.outcome(run, standing) if run.waits else None
            doing = line("{what}: {doing}", what=Bold(_("Running")), doing=_doing(run))
            return in_line or (Icon("running"), " ", *doing)


def _succeeded(run: Run, took: str) -> Line:
    what, revision = Bold(_("Delivered")), f"v{run.revision}"
    if run.plan.rollback_to:
        return line(
            "{what} in {took}: revision {revision}, which is {older} again",
            what=what,
            took=took,
            revision=revision,
            older=f"v{run.plan.rollback_to}",
        )
    return line("{what} in {took}: revision {revision}", what=what, took=took, revision=revision)


def _doing(run: Run) -> str:
    """Name what is under way: the steps that run, and not the groups that they are in."""
    running = [each for each in run.steps if not each.over and not each.group]
    started = [each for each in running if each.phase is not StepPhase.PENDING] or running[:1]
    return _some([short_title(run, each) for each in started]) or _("starting")


def _some(names_: list[str]) -> str:
    """Name a few of many: `a, b, c and 4 more`."""
    few = _(", ").join(names_[:MOST_NAMES])
    if len(names_) > MOST_NAMES:
        return _("{few} and {more} more", few=few, more=len(names_) - MOST_NAMES)
    return few


def _suspended(run: Run, catalog: Catalog) -> Line:
    """Say what holds a run: a person who asked for it, or its gates."""
    if run.suspended_by is not None:
        return line("{what} by {who}", what=Bold(_("Paused")), who=run.suspended_by)
    said: list[Span] = [Bold(_("Waiting")), " "]
    waiting = gates(run)
    for at, each in enumerate(waiting[:MOST_NAMES]):
        said += [_("; ") if at else "", *_waits_for(run, each, catalog)]
    if len(waiting) > MOST_NAMES:
        said.append(_("; and at {more} more steps", more=len(waiting) - MOST_NAMES))
    return tuple(said)


def _terminated(run: Run) -> Line:
    message = run.message or Sentence("stopped by {by}", by=run.ended_by)
    ended = ended_by(message)
    if ended is not None:
        verb, who = ended
        return line("{what} by {who}", what=Bold(verb), who=brief(who))
    verb, __, rest = kept(message).partition(" ")
    return (Bold(verb.capitalize()), f" {brief(rest)}")


def _waits_for(run: Run, step: StepRun, catalog: Catalog) -> Line:
    title = short_title(run, step)
    if step.gate is not None and step.gate.until is not None:
        return line("at {title}, goes on by itself {when}", title=title, when=Time(step.gate.until))
    able = approvers(catalog, run, step)
    who = names(able) if len(able) <= MOST_NAMES else _some(list(able))
    who = who or _("someone who may (nobody is)")
    return line("for {who}: {title}{votes}", who=who, title=title, votes=_votes(run, step))


def _votes(run: Run, step: StepRun) -> str:
    """Say how many of several people have said yes, and of which roles it still takes whom."""
    people = people_in(terms_of(run, step).requirements)
    if people < 2:
        return ""
    return _(
        " ({given} of {people} approvals; still needs {needed})",
        given=len(step.votes),
        people=people,
        needed=needed(still_needed(run, step)),
    )


def _what(run: Run) -> Line:
    plan = run.plan
    back: Line = ()
    if plan.rollback_to:
        back = (Icon("back"), " ", _("back to {revision}", revision=f"v{plan.rollback_to}"))
    commit = committed(plan)
    note: Line = (brief(plan.note),) if plan.note else ()
    through: Line = (passed(plan.passed),) if plan.passed else ()
    origin: Line = (_("promoted from {origin}", origin=plan.promoted),) if plan.promoted else ()
    return joined(
        delivered(plan, most=MOST_NAMES),
        (run.name,),
        (_("by {who}", who=run.origin.person),),
        back,
        origin,
        commit,
        through,
        note,
    )


def _times(run: Run, last: str, standing: Standing | None) -> Line:
    since = Time(run.since, dated=True)
    started = line("Started {when}", when=since)
    if not run.begun:
        started = line("Asked for {when}", when=since)
    ended = line("ended {when}", when=Time(run.ended, dated=True)) if run.ended else ()
    at = restart_at(run)
    anew = line("begins anew {when}", when=Time(at, dated=True)) if at else ()
    if at and standing is not None and standing.hold:
        anew = line("begins anew when that is over: {hold}", hold=_(standing.hold))
    return joined(started, ended, anew, (last,))


def _actions(run: Run, standing: Standing | None) -> tuple[Button, ...]:
    if run.waits:
        return (*_stop_before(run, standing), waiting.leave_button(run))
    buttons: list[Button] = [sign_button(run, each) for each in run.open_reviews[:1]]
    open_gates = gates(run)
    for step in open_gates[:MOST_GATES]:
        if step.gate is not None and step.gate.until is not None:
            buttons.append(continue_button(run, step, named=len(open_gates) > 1))
        else:
            buttons += answer_buttons(run, step, named=len(open_gates) > 1)
    if run.suspended_by is not None:
        buttons.append(resume_button(run))
    if not run.phase.ended:
        buttons += (*remedies(run), stop_button(run), *differences(run))
    else:
        buttons += after_buttons(run)
    return tuple(buttons)


def _stop_before(run: Run, standing: Standing | None) -> tuple[Button, ...]:
    """Answer the button that ends the run which a rollback waits for: there may be no time to lose."""
    before = standing.after if standing is not None and standing.place == 1 else None
    if run.plan.rollback_to is None or before is None or before.waits:
        return ()
    button = stop_button(before)
    return (
        replace(
            button, action="stop_before", label=_("Stop {run}", run=before.name)[:LONGEST_LABEL]
        ),
    )


def answer_buttons(run: Run, step: StepRun, *, named: bool = False) -> tuple[Button, Button]:
    """Answer Approve and Reject of a gate: each carries what it is shown with. `named` says which gate, too."""
    gate = f"run:{run.id} {_exactly(run, step)}"
    title = title_of(run, step.name)
    return (
        Button(
            action=f"approve_{step.name}" if named else "approve",
            label=_("Approve {step}", step=title) if named else _("Approve"),
            command=f"approve {gate}",
            style=ButtonStyle.PRIMARY,
            described=_("Approve {step} of {run}", step=title, run=run.name),
        ),
        Button(
            action=f"reject_{step.name}" if named else "reject",
            label=_("Reject {step}", step=title) if named else _("Reject"),
            command=f"reject {gate}",
            style=ButtonStyle.DANGER,
            described=_("Reject {step} of {run}", step=title, run=run.name),
        ),
    )


def _exactly(run: Run, step: StepRun) -> str:
    """Write what an answer by a button is to: the attempt, and the terms as they are shown."""
    shown = terms_of(run, step).digest
    return f"--step {quote(step.name)} --attempt {step.attempt} --shown {shown}"


def resume_button(run: Run) -> Button:
    """Answer the button that lets a paused run go on."""
    return Button(
        action="resume",
        label=_("Resume"),
        command=f"resume run:{run.id}",
        style=ButtonStyle.PRIMARY,
        described=_("Let {run} go on", run=run.name),
    )


def continue_button(run: Run, step: StepRun, *, named: bool = False) -> Button:
    """Answer the button that ends a wait before its time. `named` says which wait, too."""
    return Button(
        action=f"approve_{step.name}" if named else "approve",
        label=_("Continue {step} now", step=title_of(run, step.name))
        if named
        else _("Continue now"),
        command=f"approve run:{run.id} {_exactly(run, step)}",
        described=_("Continue {run} without waiting any longer", run=run.name),
    )


def stop_button(run: Run) -> Button:
    """Answer the button that ends a run."""
    return Button(
        action="stop",
        label=_("Stop"),
        command=f"stop run:{run.id}",
        confirm=Confirm(
            title=_("Stop this run?"),
            text=_("{run} ends now. What it has already delivered stays.", run=run.name),
            yes=_("Stop"),
            no=_("Let it run"),
        ),
        described=_("Stop {run}", run=run.name),
    )


def after_buttons(run: Run) -> tuple[Button, ...]:
    """Answer what can be done about a run that has ended."""
    if run.unbegun:
        return waiting.again_buttons(run)
    buttons: list[Button] = []
    if restart_at(run) is not None:
        buttons.append(
            Button(
                action="stop",
                label=_("Do not begin anew"),
                command=f"stop run:{run.id}",
                described=_("Let {run} stay over", run=run.name),
            )
        )
    buttons += remedies(run)
    if run.plan.based_on:
        buttons.append(
            Button(
                action="rollback",
                label=_("Roll back"),
                command=f"rollback {run.application} {run.environment} v{run.plan.based_on}",
                described=_("Go back to {revision}", revision=f"v{run.plan.based_on}"),
            )
        )
    return (*buttons, *differences(run))
