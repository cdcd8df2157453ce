"""The run card: one message that says what is delivered where, how far it is, and what can be done now.

Read on a phone at a glance: the outcome first, a line a step, nothing that ticks. Long workflows are folded
(`bot.chat.presenters.folding`) and long texts cut, so that a card of any run has room in a message: all of it
stands in the thread.
"""

from dataclasses import replace

from bot.catalog.model import Catalog
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

MOST_NAMES = 3
"""Steps, people and images that are named in one sentence."""
MOST_GATES = 6
"""Gates with buttons on the card, which has room for 25; those of the others stand in the thread."""


def card(
    run: Run, catalog: Catalog, standing: Standing | None = None, *, thread_before: str = ""
) -> Message:
    """Show a run as it is; `standing` says where one stands that waits.

    `thread_before` leads to the thread of the card whose place it takes.
    """
    blocks = _body(run, catalog, standing)
    actions = _actions(run, standing)
    if actions:
        blocks.append(Actions(buttons=actions))
    last = [_times(run, "more in the thread")]
    if len(gates(run)) > MOST_GATES:
        more = len(gates(run)) - MOST_GATES
        last.append((f"{more} more {'waits' if more == 1 else 'wait'}: answer in the thread",))
    if thread_before:
        where = Link(thread_before, "in its thread")
        last.append(
            ("This card takes the place of an older one; what was said until then stands ", where)
        )
    blocks.append(Text(lines=tuple(last), faint=True))
    return Message(summary=summary(run, catalog, standing), blocks=tuple(blocks))


def snapshot(run: Run, catalog: Catalog, standing: Standing | None = None) -> Message:
    """Show a run as it was at one moment, with why its steps failed; for a message that does not follow it."""
    blocks = _body(run, catalog, standing)
    details = tuple(line for step in run.steps for line in step.details)
    if details:
        blocks.append(Preformatted(text=excerpt(details)))
    blocks.append(Text(lines=(_times(run, "as it was when you asked"),), faint=True))
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
    version = run.plan.version or "images as given"
    return f"{run.name} ({version}, by {run.origin.person}): {said}"


def outcome(run: Run, catalog: Catalog, standing: Standing | None = None) -> Line:
    """Say in a line where a run is, and what holds it or what became of it."""
    if run.refused is not None:
        return (Icon("failed"), " ", Bold("Not begun"), f": {waiting.why_not(run)}")
    took = lasted((run.ended or run.since) - run.since)
    match run.phase:
        case RunPhase.SUCCEEDED:
            back = f", which is v{run.plan.rollback_to} again" if run.plan.rollback_to else ""
            return (
                Icon("done"),
                " ",
                Bold("Delivered"),
                f" in {took}: revision v{run.revision}{back}",
            )
        case RunPhase.FAILED:
            return (Icon("failed"), " ", Bold("Failed"), f" after {took}: {brief(run.message)}")
        case RunPhase.TERMINATED:
            return (Icon("stopped"), " ", *_terminated(run))
        case RunPhase.SUSPENDING:
            return (Icon("waiting"), " ", *_suspended(run, catalog))
        case _:
            in_line = waiting.outcome(run, standing) if run.waits else None
            return in_line or (Icon("running"), " ", Bold("Running"), f": {_doing(run)}")


def _doing(run: Run) -> str:
    """Name what is under way: the steps that run, and not the groups that they are in."""
    running = [each for each in run.steps if not each.over and not each.group]
    started = [each for each in running if each.phase is not StepPhase.PENDING] or running[:1]
    return _some([short_title(run, each) for each in started]) or "starting"


def _some(names_: list[str]) -> str:
    """Name a few of many: `a, b, c and 4 more`."""
    if len(names_) > MOST_NAMES:
        return f"{', '.join(names_[:MOST_NAMES])} and {len(names_) - MOST_NAMES} more"
    return ", ".join(names_)


def _suspended(run: Run, catalog: Catalog) -> Line:
    """Say what holds a run: a person who asked for it, or its gates."""
    if run.suspended_by is not None:
        return (Bold("Paused"), f" by {run.suspended_by}")
    line: list[Span] = [Bold("Waiting"), " "]
    waiting = gates(run)
    for at, each in enumerate(waiting[:MOST_NAMES]):
        line += ["; " if at else "", *_waits_for(run, each, catalog)]
    if len(waiting) > MOST_NAMES:
        line.append(f"; and at {len(waiting) - MOST_NAMES} more steps")
    return tuple(line)


def _terminated(run: Run) -> Line:
    verb, _, rest = (run.message or f"stopped by {run.ended_by}").partition(" ")
    return (Bold(verb.capitalize()), f" {brief(rest)}")


def _waits_for(run: Run, step: StepRun, catalog: Catalog) -> Line:
    title = short_title(run, step)
    if step.gate is not None and step.gate.until is not None:
        return (f"at {title}, goes on by itself ", Time(step.gate.until))
    able = approvers(catalog, run, step)
    who = names(able) if len(able) <= MOST_NAMES else _some(list(able))
    who = who or "someone who may (nobody is)"
    return (f"for {who}: {title}{_votes(run, step)}",)


def _votes(run: Run, step: StepRun) -> str:
    """Say how many of several people have said yes, and of which roles it still takes whom."""
    people = people_in(terms_of(run, step).requirements)
    if people < 2:
        return ""
    still = needed(still_needed(run, step))
    return f" ({len(step.votes)} of {people} approvals; still needs {still})"


def _what(run: Run) -> Line:
    plan = run.plan
    back: Line = (Icon("back"), f" back to v{plan.rollback_to}") if plan.rollback_to else ()
    commit = committed(plan)
    note: Line = (brief(plan.note),) if plan.note else ()
    through: Line = (passed(plan.passed),) if plan.passed else ()
    origin: Line = (f"promoted from {plan.promoted}",) if plan.promoted else ()
    return joined(
        delivered(plan, most=MOST_NAMES),
        (run.name,),
        (f"by {run.origin.person}",),
        back,
        origin,
        commit,
        through,
        note,
    )


def _times(run: Run, last: str) -> Line:
    verb = "Started" if run.begun else "Asked for"
    started: Line = (f"{verb} ", Time(run.since, dated=True))
    ended: Line = ("ended ", Time(run.ended, dated=True)) if run.ended else ()
    at = restart_at(run)
    anew: Line = ("begins anew ", Time(at, dated=True)) if at else ()
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
    return (replace(button, action="stop_before", label=f"Stop {before.name}"[:LONGEST_LABEL]),)


def answer_buttons(run: Run, step: StepRun, *, named: bool = False) -> tuple[Button, Button]:
    """Answer Approve and Reject of a gate: each carries what it is shown with. `named` says which gate, too."""
    gate = f"run:{run.id} {_exactly(run, step)}"
    title = title_of(run, step.name)
    which = f" {title}" if named else ""
    return (
        Button(
            action=f"approve_{step.name}" if named else "approve",
            label=f"Approve{which}",
            command=f"approve {gate}",
            style=ButtonStyle.PRIMARY,
            described=f"Approve {title} of {run.name}",
        ),
        Button(
            action=f"reject_{step.name}" if named else "reject",
            label=f"Reject{which}",
            command=f"reject {gate}",
            style=ButtonStyle.DANGER,
            described=f"Reject {title} of {run.name}",
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
        label="Resume",
        command=f"resume run:{run.id}",
        style=ButtonStyle.PRIMARY,
        described=f"Let {run.name} go on",
    )


def continue_button(run: Run, step: StepRun, *, named: bool = False) -> Button:
    """Answer the button that ends a wait before its time. `named` says which wait, too."""
    return Button(
        action=f"approve_{step.name}" if named else "approve",
        label=f"Continue {title_of(run, step.name)} now" if named else "Continue now",
        command=f"approve run:{run.id} {_exactly(run, step)}",
        described=f"Continue {run.name} without waiting any longer",
    )


def stop_button(run: Run) -> Button:
    """Answer the button that ends a run."""
    return Button(
        action="stop",
        label="Stop",
        command=f"stop run:{run.id}",
        confirm=Confirm(
            title="Stop this run?",
            text=f"{run.name} ends now. What it has already delivered stays.",
            yes="Stop",
            no="Let it run",
        ),
        described=f"Stop {run.name}",
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
                label="Do not begin anew",
                command=f"stop run:{run.id}",
                described=f"Let {run.name} stay over",
            )
        )
    buttons += remedies(run)
    if run.plan.based_on:
        buttons.append(
            Button(
                action="rollback",
                label="Roll back",
                command=f"rollback {run.application} {run.environment} v{run.plan.based_on}",
                described=f"Go back to v{run.plan.based_on}",
            )
        )
    return (*buttons, *differences(run))
