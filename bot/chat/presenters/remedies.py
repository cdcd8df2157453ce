"""What can be done about a run when something went wrong, or when it is over: retry, skip, logs, differences.

Each button is a command that a person could type; which there are depends on the run alone.
"""

from bot.chat.language import _
from bot.chat.message import Button
from bot.chat.presenters.words import title_of
from bot.command.grammar import LONGEST_COMMAND, unparse
from bot.command.requests import Deploy, Diff
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
    """Answer the button that shows what a run has changed, or what it will when someone says yes."""
    plan, changes = run.plan, _("What {run} changes", run=run.name)
    if run.revision and plan.based_on:
        changed = _("What {run} changed", run=run.name)
        return _diff(_between(run, plan.based_on, run.revision), changed)
    if not any(each.at_gate for each in run.steps):
        return ()
    if plan.rollback_to:
        there = plan.based_on and plan.based_on != plan.rollback_to
        return _diff(_between(run, plan.based_on, plan.rollback_to), changes) if there else ()
    return _diff(_planned(run), changes)


def _between(run: Run, older: int, newer: int) -> str:
    """Write the command that shows what differs between two revisions."""
    return unparse(
        Diff(application=run.application, environment=run.environment, older=older, newer=newer)
    )


def _planned(run: Run) -> str:
    """Write the command that shows what a run changes in the clusters, as it would be if it began now."""
    version = run.plan.version
    tag = f":{version}"
    return unparse(
        Deploy(
            application=run.application,
            environment=run.environment,
            version=version,
            images={
                name: image
                for name, image in run.plan.images.items()
                if not (version and image.endswith(tag))
            },
            commit=run.plan.commit,
            plan=True,
        )
    )


def _diff(command: str, said: str) -> tuple[Button, ...]:
    """Answer the button, unless the command is too long for one."""
    if len(command) > LONGEST_COMMAND:
        return ()
    return (Button(action="diff", label=_("Diff"), command=command, described=said),)


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
        label=_("Retry"),
        command=f"retry run:{run.id}",
        described=_("Retry {run} from the step that failed", run=run.name),
    )


def _retry_from(run: Run, step: StepRun, *, named: bool) -> Button:
    title = title_of(run, step.name)
    if step.retrying:
        label = _("Try {step} now", step=title) if named else _("Try now")
        said = _("Make the next try of {step}", step=title)
    else:
        label = _("Retry from {step}", step=title)
        said = _("Retry {run} from {step}", run=run.name, step=title)
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
        label=_("Skip {step}", step=title) if named else _("Skip"),
        command=f"skip run:{run.id} {quote(step.name)}",
        described=_("Go on without {step}", step=title),
    )


def _logs(run: Run) -> tuple[Button, ...]:
    """Answer the button for the last words of steps that failed, where there are any."""
    if not any(each.details for each in run.steps if each.phase is StepPhase.FAILED):
        return ()
    return (
        Button(
            action="logs",
            label=_("Logs"),
            command=f"logs run:{run.id}",
            described=_("The last words of what failed in {run}", run=run.name),
        ),
    )
