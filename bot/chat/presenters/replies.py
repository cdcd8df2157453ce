"""Answers that only the asker sees: lists, differences, proposals, and what was not understood."""

from dataclasses import replace
from datetime import timedelta

from bot.catalog.model import Catalog
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
from bot.chat.presenters import approving, audit, introductions, locks, plans
from bot.chat.presenters.card import snapshot
from bot.chat.presenters.lists import MOST, listing, sentence
from bot.chat.presenters.logs import logs
from bot.chat.presenters.machines import committed
from bot.chat.presenters.refusals import corrected_button, refusal
from bot.chat.presenters.waiting import where, why_not
from bot.chat.presenters.words import (
    delivered,
    joined,
    lasted,
    names,
    phase_of,
    title_of,
)
from bot.command.requests import Misunderstood
from bot.operations.forecasts import LiveShown, PlanShown
from bot.operations.results import (
    ApplicationList,
    AuditShown,
    Decided,
    Difference,
    EnvironmentList,
    HelpShown,
    Identity,
    Intervened,
    LockSet,
    LogsShown,
    ReasonAsked,
    Result,
    RevisionList,
    RollbackProposed,
    RunList,
    RunShown,
    Signed,
    Started,
    StatusList,
    Unlocked,
    Voted,
    VoteTaken,
)
from bot.policy.decisions import Action
from bot.policy.refusals import Refusal
from bot.run.model import Plan, Revision, Run, RunPhase

NOT_THERE = "If I am not in that channel, type /invite @shipmate there."
UNDELIVERABLE = {
    "not_in_channel": "I was taken out of that channel: type /invite @shipmate there, and the card follows.",
    "is_archived": "That channel is archived: name another one in the environment's file.",
    "restricted_action": "Whoever looks after this workspace lets only some write there.",
}
"""What to do, by Slack's code."""


def reply(result: Result, catalog: Catalog, corrected: str = "") -> Message | None:
    """Answer a result; None where the card and the thread say everything already.

    `corrected` is the request that a refused one becomes with the one name that comes near.
    """
    match result:
        case Refusal():
            return refusal(result, corrected)
        case Started():
            return _started(result)
        case Decided() | ReasonAsked():
            return None
        case Voted() | VoteTaken() | Signed():
            return approving.answer(result)
        case Intervened():
            return _intervened(result)
        case RevisionList():
            return _revisions(result)
        case PlanShown() | LiveShown() | RollbackProposed() | Difference():
            return plans.compared(result)
        case RunShown():
            return snapshot(result.run, catalog, result.standing)
        case LogsShown():
            return logs(result)
        case _:
            return _listing(result)


def _intervened(result: Intervened) -> Message:
    name, step = result.run.name, title_of(result.run, result.step)
    if result.action is Action.STOP and result.run.phase in {RunPhase.SUCCEEDED, RunPhase.FAILED}:
        return sentence("stopped", f"{name} stays over: it does not begin anew.")
    said = {
        Action.STOP: ("stopped", f"{name} is stopped."),
        Action.PAUSE: ("waiting", f"{name} stands still until someone resumes it."),
        Action.RESUME: ("running", f"{name} goes on."),
        Action.RESTART: ("running", f"{name} starts again from its first step."),
        Action.SKIP: ("skipped", f"{step} of {name} is skipped."),
    }
    return sentence(*said.get(result.action, ("running", f"{name} goes on from {step}.")))


def _listing(
    result: StatusList
    | RunList
    | ApplicationList
    | EnvironmentList
    | Identity
    | HelpShown
    | LockSet
    | Unlocked
    | AuditShown,
) -> Message:
    match result:
        case LockSet() | Unlocked():
            return locks.done(result)
        case AuditShown():
            return audit.shown(result)
        case StatusList():
            return _status(result)
        case RunList():
            return listing(
                f"Runs of {result.application} in {result.environment}",
                [_run(each) for each in result.runs],
                "No run yet.",
            )
        case ApplicationList():
            rows: list[Line] = [
                (Bold(each.name), f" · {', '.join(part.name for part in each.components)}")
                for each in result.applications
            ]
            return listing("Applications", rows, "There is none.")
        case EnvironmentList():
            return _environments(result)
        case Identity():
            return introductions.identity(result)
        case HelpShown():
            return introductions.explained(result)


def misunderstood(problem: Misunderstood) -> Message:
    """Say what could be read of a request, and the right form."""
    lines: list[Line] = [(Icon("warning"), f" {problem.problem}")]
    if problem.nearest:
        lines.append((f"Did you mean {names(problem.nearest)}?",))
    if problem.understood:
        lines.append(("Understood so far: ", Code(problem.understood)))
    if problem.form:
        lines.append(("The form: ", Code(problem.form)))
    if problem.example:
        lines.append(("For example: ", Code(problem.example)))
    blocks: list[Block] = [Text(lines=tuple(lines))]
    if problem.corrected:
        blocks.append(Actions(buttons=(corrected_button(problem.corrected),)))
    return Message(summary=problem.problem, blocks=tuple(blocks))


def broken(reference: str) -> Message:
    """Say that we failed, with the reference that the log has too."""
    said = f"Something went wrong on my side. Tell whoever looks after Shipmate: {reference}."
    return sentence("failed", said)


def later(reason: str) -> Message:
    """Say that it could not be done now but may be soon."""
    return sentence(
        "warning", f"That did not work just now ({reason}). Nothing has happened; try again."
    )


def reason_needed(asked: ReasonAsked) -> Message:
    """Say how to reject or skip where no form can ask for the reason."""
    name = asked.run.name
    if asked.action is Action.SKIP:
        return sentence(
            "warning", f"Why? Say it with the request: `skip {name} {asked.step} REASON`."
        )
    return sentence("warning", f"To reject {name}, say why: `reject {name} REASON`.")


def undeliverable(about: str, where: str, error: str, meanwhile: str) -> Message:
    """Tell the requester that a channel cannot be written to, what is the case `meanwhile`, and what to do."""
    said = f"I cannot write about {about} to {where} ({error}). {meanwhile} "
    return sentence("warning", said + UNDELIVERABLE.get(error, NOT_THERE))


def _started(result: Started) -> Message | None:
    """Say in another channel where the card stands, and what can be said to nobody else."""
    run, wanted = result.run, result.run.plan.environment.slack_channel
    if not wanted:
        return beside(result)
    said: Line = (" has started",)
    if run.waits and result.standing is not None and not result.standing.is_up:
        said = (": ", *where(run, result.standing))
    line: Line = (Icon("ship"), f" {run.name}", *said, f"; follow it in #{wanted}.")
    warned = beside(result)
    more = warned.blocks if warned is not None else ()
    return Message(
        summary=f"{run.name} is accepted, see #{wanted}", blocks=(Text(lines=(line,)), *more)
    )


def beside(result: Started) -> Message | None:
    """Say what the card does not: what is under way where something was promoted from."""
    other = result.not_in_it
    if other is None:
        return None
    plan = result.run.plan
    return sentence(
        "warning",
        f"{other.name} of {other.origin.person} is under way in {other.environment} and not in it: "
        f"{plan.promoted} is promoted, which is in force there.",
    )


def _revisions(result: RevisionList) -> Message:
    title = f"Revisions of {result.application.name} in {result.environment.name}"
    if not result.revisions:
        return listing(title, [], "Nothing was delivered yet.")
    blocks: list[Block] = [Text(lines=((Bold(title),),))]
    current = result.revisions[0].number
    for each in result.revisions[:MOST]:
        blocks.append(Text(lines=_revision(each, current)))
        if each.number != current:
            blocks.append(Actions(buttons=_revision_buttons(each, current)))
    if len(result.revisions) > MOST:
        blocks.append(Text(lines=((f"… and {len(result.revisions) - MOST} older",),), faint=True))
    newest = result.revisions[0]
    return Message(summary=f"{title}: the newest is {newest.name}", blocks=tuple(blocks))


def _revision(revision: Revision, current: int) -> tuple[Line, ...]:
    plan = revision.plan
    now: Line = (Icon("done"), " in force") if revision.number == current else ()
    first = joined((Bold(revision.name),), delivered(plan), now)
    second = joined(
        (f"by {revision.by}",),
        (Time(revision.at, dated=True),),
        (f"took {lasted(timedelta(seconds=revision.duration))}",),
        committed(plan),
        (f"v{plan.rollback_to} again",) if plan.rollback_to else (),
        (f"promoted from {plan.promoted}",) if plan.promoted else (),
    )
    note: tuple[Line, ...] = ((plan.note,),) if plan.note else ()
    return (first, second, _images(plan), *note)


def _images(plan: Plan) -> Line:
    spans: list[Span] = []
    for name, image in plan.images.items():
        spans += [" · " if spans else "", f"{name} ", Code(image.rpartition("/")[2])]
    return tuple(spans)


def _revision_buttons(revision: Revision, current: int) -> tuple[Button, ...]:
    place = f"{revision.plan.application.name} {revision.plan.environment.name}"
    return (
        Button(
            action=f"diff:v{revision.number}",
            label="Diff",
            command=f"diff {place} v{revision.number} v{current}",
            described=f"What changed from {revision.name} to v{current}",
        ),
        Button(
            action=f"rollback:v{revision.number}",
            label="Roll back",
            command=f"rollback {place} v{revision.number}",
            described=f"Go back to {revision.name}",
        ),
    )


def _status(result: StatusList) -> Message:
    rows: list[Line] = []
    for each in result.places:
        place = f"{each.application} in {each.environment}"
        there: Line = (
            (f"{each.revision.name} ", *delivered(each.revision.plan))
            if each.revision
            else ("nothing yet",)
        )
        under_way = each.run is not None and not each.run.phase.ended
        busy: Line = (_run(each.run)) if each.run is not None and under_way else ()
        line: Line = (f"{len(each.line)} in line",) if each.line else ()
        rows.append(joined((Bold(place),), there, busy, line))
    shown = listing("What is where", rows, "There is nothing.")
    shown = _with_holds(shown, locks.listed(result.holds, result.at))
    if not result.unsigned:
        return shown
    to_sign = Text(lines=approving.to_sign(result.unsigned)[:MOST])
    return Message(summary=shown.summary, blocks=(*shown.blocks, to_sign))


def _run(run: Run) -> Line:
    end: Line = (f"v{run.revision}",) if run.revision else ()
    return joined(
        (Bold(run.name),),
        delivered(run.plan),
        (phase_of(run),),
        end,
        (f"by {run.origin.person} ", Time(run.created, dated=True)),
        ("begins ", Time(run.at, dated=True)) if run.waits and run.at else (),
        (run.message or why_not(run),) if run.message or run.refused else (),
    )


def _environments(result: EnvironmentList) -> Message:
    rows: list[Line] = [
        joined(
            (Bold(environment.name),),
            (" → ".join(each.name for each in environment.targets),),
            (f"deploy: {', '.join(deployers) or 'nobody'}",),
            (f"approve: {', '.join(approving) or 'nobody'}",),
        )
        for environment, deployers, approving in result.environments
    ]
    rows += [
        joined(
            (Bold(f"{application} in {environment}"),),
            (f"deploy: {', '.join(deployers) or 'nobody'}",),
            (f"approve: {', '.join(approving) or 'nobody'}",),
        )
        for environment, application, deployers, approving in result.rules
    ]
    shown = listing("Environments", rows, "There is none.")
    return _with_holds(shown, locks.listed(result.holds, result.at))


def _with_holds(shown: Message, holds: tuple[Line, ...]) -> Message:
    """Put what keeps environments from being delivered to below a list of them."""
    return replace(shown, blocks=(*shown.blocks, Text(lines=holds))) if holds else shown
