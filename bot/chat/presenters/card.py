"""The run card: one message that says what is delivered where, how far it is, and what can be done now.

Read on a phone at a glance: the outcome first, a line a step, nothing that ticks. Long workflows are folded:
what is over and went well shares a line, so that the card stays within Slack's limits.
"""

from collections.abc import Iterator
from dataclasses import replace

from bot.catalog.model import CLEAN_UP, Catalog
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
    Message,
    Preformatted,
    Span,
    Text,
    Time,
)
from bot.chat.presenters import waiting
from bot.chat.presenters.refusals import LONGEST_LABEL
from bot.chat.presenters.words import (
    PHASE_ICONS,
    answered,
    approvers,
    brief,
    commit_link,
    delivered,
    excerpt,
    gates,
    joined,
    lasted,
    names,
    title_of,
)
from bot.command.words import quote
from bot.run.line import Standing
from bot.run.model import Progress, Reason, Run, RunPhase, StepPhase, StepRun
from bot.run.timing import restart_at

MOST_STEPS = 25
"""Steps with a line of their own; of a longer workflow what went well and what is to come is folded."""
NEXT = 5
"""Steps to come that are shown before those that are over."""
QUIET = frozenset({StepPhase.PENDING, StepPhase.SKIPPED})
INDENT = "    "
"""Before a sub-step."""
MOST_PARTS = 6
"""Parts of a step that are shown, each with how far it is."""
MOST_NAMES = 3
"""Steps that are named in one sentence."""


def card(run: Run, catalog: Catalog, standing: Standing | None = None) -> Message:
    """Show a run as it is; `standing` says where one stands that waits."""
    blocks = _body(run, catalog, standing)
    actions = _actions(run, standing)
    if actions:
        blocks.append(Actions(buttons=actions))
    blocks.append(Text(lines=(_times(run, "more in the thread"),), faint=True))
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
        Text(lines=(_outcome(run, catalog, standing), _what(run))),
    ]
    return blocks if run.unbegun else [*blocks, Text(lines=_steps(run))]


def summary(run: Run, catalog: Catalog, standing: Standing | None = None) -> str:
    """Say it all in a sentence, for a notification and a screen reader."""
    said = "".join(_plain(each) for each in _outcome(run, catalog, standing)).strip()
    version = run.plan.version or "images as given"
    return f"{run.name} ({version}, by {run.origin.person}): {said}"


def _outcome(run: Run, catalog: Catalog, standing: Standing | None) -> Line:
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
    titles = [title_of(run, each.name) for each in started]
    if len(titles) > MOST_NAMES:
        return f"{', '.join(titles[:MOST_NAMES])} and {len(titles) - MOST_NAMES} more"
    return ", ".join(titles) or "starting"


def _suspended(run: Run, catalog: Catalog) -> Line:
    """Say what holds a run: a person who asked for it, or its gates."""
    if run.suspended_by is not None:
        return (Bold("Paused"), f" by {run.suspended_by}")
    line: list[Span] = [Bold("Waiting"), " "]
    for at, each in enumerate(gates(run)[:MOST_NAMES]):
        line += ["; " if at else "", *_waits_for(run, each, catalog)]
    return tuple(line)


def _terminated(run: Run) -> Line:
    verb, _, rest = (run.message or f"stopped by {run.ended_by}").partition(" ")
    return (Bold(verb.capitalize()), f" {rest}")


def _waits_for(run: Run, step: StepRun, catalog: Catalog) -> Line:
    title = title_of(run, step.name)
    if step.gate is not None and step.gate.until is not None:
        return (f"at {title}, goes on by itself ", Time(step.gate.until))
    who = names(approvers(catalog, run, step)) or "someone who may (nobody is)"
    return (f"for {who}: {title}{_votes(step)}",)


def _votes(step: StepRun) -> str:
    """Say how many of several people have said yes."""
    if step.gate is None or step.gate.quorum < 2:
        return ""
    return f" ({len(step.votes)} of {step.gate.quorum} approvals)"


def _what(run: Run) -> Line:
    plan = run.plan
    back: Line = (Icon("back"), f" back to v{plan.rollback_to}") if plan.rollback_to else ()
    commit: Line = (commit_link(plan.application, plan.commit),) if plan.commit else ()
    note: Line = (plan.note,) if plan.note else ()
    by: Line = (f"by {run.origin.person}",)
    origin: Line = (f"promoted from {plan.promoted}",) if plan.promoted else ()
    return joined(delivered(plan), (run.name,), by, back, origin, commit, note)


def _steps(run: Run) -> tuple[Line, ...]:
    shown, done, to_come = _folded(tuple(each for each in run.steps if not _is_silent(each)))
    lines: list[Line] = []
    if done:
        lines.append((Icon("done"), f" {_counted(done)} done"))
    for each in shown:
        lines += _step(run, each)
    if to_come:
        lines.append((Icon("pending"), f" {_counted(to_come)} to come"))
    return tuple(lines)


def _folded(steps: tuple[StepRun, ...]) -> tuple[list[StepRun], int, int]:
    """Choose the steps that get a line, and count the others: those that are over, those to come.

    What runs, waits or failed is shown first of all, then what comes next, then what was last.
    """
    if len(steps) <= MOST_STEPS:
        return list(steps), 0, 0
    quiet = {StepPhase.SUCCEEDED, StepPhase.SKIPPED, StepPhase.PENDING}
    loud = [at for at, each in enumerate(steps) if each.phase not in quiet]
    coming = [at for at, each in enumerate(steps) if each.phase is StepPhase.PENDING]
    over = [at for at, each in enumerate(steps) if each.phase in quiet - {StepPhase.PENDING}]
    chosen = {*[*loud, *coming[:NEXT], *over[::-1], *coming[NEXT:]][:MOST_STEPS]}
    hidden = [each for at, each in enumerate(steps) if at not in chosen]
    to_come = sum(each.phase is StepPhase.PENDING for each in hidden)
    return [steps[at] for at in sorted(chosen)], len(hidden) - to_come, to_come


def _is_silent(step: StepRun) -> bool:
    """Say whether a step is the one that ends every run, and has nothing to tell."""
    told = step.retrying or step.phase is StepPhase.FAILED or bool(step.message)
    return step.name == CLEAN_UP and (step.phase in QUIET or not told)


def _counted(steps: int) -> str:
    return f"{steps} more {'step' if steps == 1 else 'steps'}"


def _step(run: Run, step: StepRun) -> list[Line]:
    icon = PHASE_ICONS[step.phase]
    if step.reason is Reason.TERMINATE:
        icon = "stopped"
    if step.retrying:
        icon = "warning"
    line: list[Span] = [INDENT if step.parent else "", Icon(icon), " ", title_of(run, step.name)]
    if step.phase in {StepPhase.SUCCEEDED, StepPhase.FAILED} and step.ended and step.first_started:
        line.append(f" · {lasted(step.ended - step.first_started)}")
    if step.decision is not None:
        verb, by = answered(step)
        line += [f" · {verb.lower()}{by} ", Time(step.decision.at)]
    if step.phase is StepPhase.SKIPPED:
        line.append(f" · skipped by {step.skipped_by}" if step.skipped_by else " · skipped")
    return [tuple(line), *_below(step)]


def _below(step: StepRun) -> list[Line]:
    """Say under a step how far it is, what it said, or why it is not done."""
    space = f"{INDENT if step.parent else ''}      "
    if step.phase in {StepPhase.PENDING, StepPhase.SKIPPED} or step.group:
        return []
    lines: list[Line] = []
    if step.phase is StepPhase.RUNNING:
        lines += [(f"{space}{each}",) for each in _progress(step.progress)]
    if step.retrying and step.wake_at:
        lines.append((f"{space}{brief(step.message)}; next try ", Time(step.wake_at)))
    elif (step.message and step.gate is None) or (
        step.message and step.phase is StepPhase.FAILED and step.decision is None
    ):
        lines.append((f"{space}{brief(step.message)}",))
    return lines


def _progress(progress: tuple[Progress, ...]) -> Iterator[str]:
    """Say how far each part is; of many those that are not there yet, and how many are."""
    waiting = [each for each in progress if each.ready < each.wanted]
    shown = progress if len(progress) <= MOST_PARTS else tuple(waiting[:MOST_PARTS])
    for each in shown:
        note = f" · {each.note}" if each.note else ""
        yield f"{each.name} {each.ready}/{each.wanted} ready{note}"
    if len(shown) < len(progress):
        yield f"{len(progress) - len(waiting)} of {len(progress)} are ready"


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
    buttons: list[Button] = []
    open_gates = gates(run)
    for step in open_gates[:MOST_NAMES]:
        if step.gate is not None and step.gate.until is not None:
            buttons.append(continue_button(run, step))
        else:
            buttons += answer_buttons(run, step, named=len(open_gates) > 1)
    if run.suspended_by is not None:
        buttons.append(resume_button(run))
    if not run.phase.ended:
        buttons.append(stop_button(run))
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
    """Answer Approve and Reject of a gate: each carries the attempt it is for. `named` says which gate, too."""
    gate = f"run:{run.id} --step {quote(step.name)} --attempt {step.attempt}"
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


def resume_button(run: Run) -> Button:
    """Answer the button that lets a paused run go on."""
    return Button(
        action="resume",
        label="Resume",
        command=f"resume run:{run.id}",
        style=ButtonStyle.PRIMARY,
        described=f"Let {run.name} go on",
    )


def continue_button(run: Run, step: StepRun) -> Button:
    """Answer the button that ends a wait before its time."""
    return Button(
        action="approve",
        label="Continue now",
        command=f"approve run:{run.id} --step {quote(step.name)} --attempt {step.attempt}",
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
    if run.phase is not RunPhase.SUCCEEDED:
        buttons.append(
            Button(
                action="retry",
                label="Retry",
                command=f"retry run:{run.id}",
                described=f"Retry {run.name} from the step that failed",
            )
        )
    if run.plan.based_on:
        buttons.append(
            Button(
                action="rollback",
                label="Roll back",
                command=f"rollback {run.application} {run.environment} v{run.plan.based_on}",
                described=f"Go back to v{run.plan.based_on}",
            )
        )
    return tuple(buttons)


def _plain(span: Span) -> str:
    if isinstance(span, str):
        return span
    if isinstance(span, Time):
        return f"{span.at:%Y-%m-%d %H:%M} UTC"
    return getattr(span, "text", "")
