"""The run card: one message that says what is delivered where, how far it is, and what can be done now.

Read on a phone at a glance: the outcome first, a line a step, nothing that ticks. Long workflows are folded:
what is over and went well shares a line, so that the card stays within Slack's limits.
"""

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
    Message,
    Preformatted,
    Span,
    Text,
    Time,
)
from bot.chat.presenters.words import (
    PHASE_ICONS,
    approvers,
    brief,
    commit_link,
    delivered,
    joined,
    lasted,
    names,
    title_of,
    waiting_step,
)
from bot.run.model import Reason, Run, RunPhase, StepPhase, StepRun

MOST_STEPS = 25
"""Lines of steps; of a longer workflow those that went well are folded."""


def card(run: Run, catalog: Catalog) -> Message:
    """Show a run as it is."""
    blocks = _body(run, catalog)
    actions = _actions(run)
    if actions:
        blocks.append(Actions(buttons=actions))
    blocks.append(Text(lines=(_times(run, "more in the thread"),), faint=True))
    return Message(summary=summary(run, catalog), blocks=tuple(blocks))


def snapshot(run: Run, catalog: Catalog) -> Message:
    """Show a run as it was at one moment, with why its steps failed; for a message that does not follow it."""
    blocks = _body(run, catalog)
    details = [line for step in run.steps for line in step.details]
    if details:
        blocks.append(Preformatted(text="\n".join(details)))
    blocks.append(Text(lines=(_times(run, "as it was when you asked"),), faint=True))
    return Message(summary=summary(run, catalog), blocks=tuple(blocks))


def _body(run: Run, catalog: Catalog) -> list[Block]:
    return [
        Header(text=f"{run.application} → {run.environment}"),
        Text(lines=(_outcome(run, catalog), _what(run))),
        Text(lines=_steps(run)),
    ]


def summary(run: Run, catalog: Catalog) -> str:
    """Say it all in a sentence, for a notification and a screen reader."""
    said = "".join(_plain(each) for each in _outcome(run, catalog)).strip()
    version = run.plan.version or "images as given"
    return f"{run.name} ({version}, by {run.origin.person}): {said}"


def _outcome(run: Run, catalog: Catalog) -> Line:
    match run.phase:
        case RunPhase.SUCCEEDED:
            took = lasted((run.ended or run.created) - run.created)
            back = f", which is v{run.plan.rollback_to} again" if run.plan.rollback_to else ""
            return (
                Icon("done"),
                " ",
                Bold("Delivered"),
                f" in {took}: revision v{run.revision}{back}",
            )
        case RunPhase.FAILED:
            took = lasted((run.ended or run.created) - run.created)
            return (Icon("failed"), " ", Bold("Failed"), f" after {took}: {brief(run.message)}")
        case RunPhase.TERMINATED:
            return (Icon("stopped"), " ", *_terminated(run))
        case RunPhase.SUSPENDING:
            step = waiting_step(run)
            assert step is not None
            return (Icon("waiting"), " ", Bold("Waiting"), " ", *_waits_for(run, step, catalog))
        case _:
            now = next((each for each in run.steps if not each.phase.ended), None)
            doing = title_of(run, now.name) if now else "starting"
            return (Icon("running"), " ", Bold("Running"), f": {doing}")


def _terminated(run: Run) -> Line:
    verb, _, rest = (run.message or f"stopped by {run.ended_by}").partition(" ")
    return (Bold(verb.capitalize()), f" {rest}")


def _waits_for(run: Run, step: StepRun, catalog: Catalog) -> Line:
    title = title_of(run, step.name)
    if step.gate is not None and step.gate.until is not None:
        return (f"at {title}, goes on by itself ", Time(step.gate.until))
    who = names(approvers(catalog, run, step)) or "someone who may (nobody is)"
    return (f"for {who}: {title}",)


def _what(run: Run) -> Line:
    plan = run.plan
    back: Line = (Icon("back"), f" back to v{plan.rollback_to}") if plan.rollback_to else ()
    commit: Line = (commit_link(plan.application, plan.commit),) if plan.commit else ()
    note: Line = (plan.note,) if plan.note else ()
    return joined(delivered(plan), (run.name,), (f"by {run.origin.person}",), back, commit, note)


def _steps(run: Run) -> tuple[Line, ...]:
    shown = list(run.steps)
    folded = 0
    while len(shown) > MOST_STEPS and shown[0].phase is StepPhase.SUCCEEDED:
        shown.pop(0)
        folded += 1
    left_out = max(0, len(shown) - MOST_STEPS)
    lines: list[Line] = []
    if folded:
        lines.append((Icon("done"), f" {folded} steps before these"))
    for each in shown[:MOST_STEPS]:
        lines += _step(run, each)
    if left_out:
        lines.append((Icon("pending"), f" {left_out} more steps"))
    return tuple(lines)


def _step(run: Run, step: StepRun) -> list[Line]:
    icon = PHASE_ICONS[step.phase]
    if step.reason is Reason.TERMINATE:
        icon = "stopped"
    line: list[Span] = [Icon(icon), " ", title_of(run, step.name)]
    if step.phase in {StepPhase.SUCCEEDED, StepPhase.FAILED} and step.ended and step.first_started:
        line.append(f" · {lasted(step.ended - step.first_started)}")
    if step.decision is not None:
        verb = "approved" if step.decision.approved else "rejected"
        line += [f" · {verb} by {step.decision.by} ", Time(step.decision.at)]
    if step.phase is StepPhase.SKIPPED:
        line.append(" · skipped")
    return [tuple(line), *_below(step)]


def _below(step: StepRun) -> list[Line]:
    """Say under a step how far it is, or why it is not."""
    lines: list[Line] = []
    if step.phase is StepPhase.RUNNING:
        for each in step.progress:
            note = f" · {each.note}" if each.note else ""
            lines.append((f"      {each.name} {each.ready}/{each.wanted} ready{note}",))
        if step.reason is Reason.EXECUTE and step.wake_at:
            lines.append((f"      {brief(step.message)}; next try ", Time(step.wake_at)))
        elif step.message:
            lines.append((f"      {brief(step.message)}",))
    elif step.phase is StepPhase.FAILED and step.decision is None and step.message:
        lines.append((f"      {brief(step.message)}",))
    return lines


def _times(run: Run, last: str) -> Line:
    started: Line = ("Started ", Time(run.created, dated=True))
    ended: Line = ("ended ", Time(run.ended, dated=True)) if run.ended else ()
    return joined(started, ended, (last,))


def _actions(run: Run) -> tuple[Button, ...]:
    buttons: list[Button] = []
    step = waiting_step(run)
    if step is not None and step.gate is not None and step.gate.until is not None:
        buttons.append(continue_button(run, step))
    elif step is not None:
        buttons += answer_buttons(run, step)
    if not run.phase.ended:
        buttons.append(stop_button(run))
    else:
        buttons += after_buttons(run)
    return tuple(buttons)


def answer_buttons(run: Run, step: StepRun) -> tuple[Button, Button]:
    """Answer Approve and Reject of a gate: each carries the attempt it is for."""
    gate = f"run:{run.id} --step {step.name} --attempt {step.attempt}"
    title = title_of(run, step.name)
    return (
        Button(
            action="approve",
            label="Approve",
            command=f"approve {gate}",
            style=ButtonStyle.PRIMARY,
            described=f"Approve {title} of {run.name}",
        ),
        Button(
            action="reject",
            label="Reject",
            command=f"reject {gate}",
            style=ButtonStyle.DANGER,
            described=f"Reject {title} of {run.name}",
        ),
    )


def continue_button(run: Run, step: StepRun) -> Button:
    """Answer the button that ends a wait before its time."""
    return Button(
        action="approve",
        label="Continue now",
        command=f"approve run:{run.id} --step {step.name} --attempt {step.attempt}",
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
    buttons: list[Button] = []
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
