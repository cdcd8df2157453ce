"""What can be done about a run when something went wrong, or when it is over: retry, skip, logs, differences.

Each button is a command that a person could type; which there are depends on the run alone.
"""

from bot.chat.message import Button
from bot.chat.presenters.words import title_of
from bot.command.words import quote
from bot.run.model import Reason, Run, RunPhase, StepPhase, StepRun

MOST = 3
"""Steps that get buttons of their own; others are asked for by name."""


def remedies(run: Run) -> tuple[Button, ...]:
    """Answer what can be done about steps that failed, or that wait for their next try."""
    if run.phase is RunPhase.SUCCEEDED:
        return ()
    found: list[Button] = []
    failed = troubled(run)[:MOST]
    named = len(failed) > 1
    if run.phase.ended and not named:
        found.append(_retry(run))
    else:
        found += [_retry_from(run, each, named=named) for each in failed]
    found += [_skip(run, each, named=named) for each in failed if each.gate is None]
    return (*found, *_logs(run))


def differences(run: Run) -> tuple[Button, ...]:
    """Answer the button that shows what a run has changed, once it has raised a revision."""
    if not run.revision or not run.plan.based_on:
        return ()
    before, now = f"v{run.plan.based_on}", f"v{run.revision}"
    return (
        Button(
            action="diff",
            label="Diff",
            command=f"diff {run.application} {run.environment} {before} {now}",
            described=f"What changed from {before} to {now}",
        ),
    )


def troubled(run: Run) -> tuple[StepRun, ...]:
    """List the steps that failed by themselves: no groups, and nothing that was only told to end."""
    return tuple(
        each
        for each in run.steps
        if each.phase is StepPhase.FAILED and not each.group and each.reason is not Reason.TERMINATE
    )


def _retry(run: Run) -> Button:
    return Button(
        action="retry",
        label="Retry",
        command=f"retry run:{run.id}",
        described=f"Retry {run.name} from the step that failed",
    )


def _retry_from(run: Run, step: StepRun, *, named: bool) -> Button:
    title = title_of(run, step.name)
    if step.retrying:
        label, said = f"Try {title} now" if named else "Try now", f"Make the next try of {title}"
    else:
        label, said = f"Retry from {title}", f"Retry {run.name} from {title}"
    return Button(
        action=f"retry_{step.name}",
        label=label,
        command=f"retry run:{run.id} {quote(step.name)}",
        described=said,
    )


def _skip(run: Run, step: StepRun, *, named: bool) -> Button:
    title = title_of(run, step.name)
    return Button(
        action=f"skip_{step.name}",
        label=f"Skip {title}" if named else "Skip",
        command=f"skip run:{run.id} {quote(step.name)}",
        described=f"Go on without {title}",
    )


def _logs(run: Run) -> tuple[Button, ...]:
    """Answer the button for the last words of steps that failed, where there are any."""
    if not any(each.details for each in run.steps if each.phase is StepPhase.FAILED):
        return ()
    return (
        Button(
            action="logs",
            label="Logs",
            command=f"logs run:{run.id}",
            described=f"The last words of what failed in {run.name}",
        ),
    )
