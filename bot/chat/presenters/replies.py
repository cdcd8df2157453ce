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
    Divider,
    Icon,
    Line,
    Message,
    Span,
    Text,
    Time,
)
from bot.chat.presenters import approving, audit, locks, plans
from bot.chat.presenters.card import snapshot
from bot.chat.presenters.logs import logs
from bot.chat.presenters.refusals import refusal
from bot.chat.presenters.words import (
    commit_link,
    delivered,
    joined,
    lasted,
    names,
    phase_of,
    title_of,
    with_commands,
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
    Right,
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

ROLLED_BACK = {Action.ROLLBACK: "roll back", Action.AUDIT: "read the audit log"}
"""Actions that people call otherwise."""
NOT_THERE = "If I am not in that channel, type /invite @shipmate there."
UNDELIVERABLE = {
    "not_in_channel": "I was taken out of that channel: type /invite @shipmate there, and the card follows.",
    "is_archived": "That channel is archived: name another one in the environment's file.",
    "restricted_action": "Whoever looks after this workspace lets only some write there.",
}
"""What to do, by Slack's code."""

MOST = 12
"""Rows of a list, which keeps it within a message and a phone's patience."""


def reply(result: Result, catalog: Catalog) -> Message | None:
    """Answer a result; None where the card and the thread say everything already."""
    match result:
        case Refusal():
            return refusal(result)
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
            return snapshot(result.run, catalog)
        case LogsShown():
            return logs(result)
        case _:
            return _listing(result)


def _intervened(result: Intervened) -> Message:
    name, step = result.run.name, title_of(result.run, result.step)
    if result.action is Action.STOP and result.run.phase in {RunPhase.SUCCEEDED, RunPhase.FAILED}:
        return _line("stopped", f"{name} stays over: it does not begin anew.")
    said = {
        Action.STOP: ("stopped", f"{name} is stopped."),
        Action.PAUSE: ("waiting", f"{name} stands still until someone resumes it."),
        Action.RESUME: ("running", f"{name} goes on."),
        Action.RESTART: ("running", f"{name} starts again from its first step."),
        Action.SKIP: ("skipped", f"{step} of {name} is skipped."),
    }
    return _line(*said.get(result.action, ("running", f"{name} goes on from {step}.")))


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
            return _list(
                f"Runs of {result.application} in {result.environment}",
                [_run(each) for each in result.runs],
                "No run yet.",
            )
        case ApplicationList():
            rows: list[Line] = [
                (Bold(each.name), f" · {', '.join(part.name for part in each.components)}")
                for each in result.applications
            ]
            return _list("Applications", rows, "There is none.")
        case EnvironmentList():
            return _environments(result)
        case Identity():
            return _identity(result)
        case HelpShown():
            return _help(result)


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
    return Message(summary=problem.problem, blocks=(Text(lines=tuple(lines)),))


def broken(reference: str) -> Message:
    """Say that we failed, with the reference that the log has too."""
    said = f"Something went wrong on my side. Tell whoever looks after Shipmate: {reference}."
    return _line("failed", said)


def later(reason: str) -> Message:
    """Say that it could not be done now but may be soon."""
    return _line(
        "warning", f"That did not work just now ({reason}). Nothing has happened; try again."
    )


def reason_needed(asked: ReasonAsked) -> Message:
    """Say how to reject or skip where no form can ask for the reason."""
    name = asked.run.name
    if asked.action is Action.SKIP:
        return _line("warning", f"Why? Say it with the request: `skip {name} {asked.step} REASON`.")
    return _line("warning", f"To reject {name}, say why: `reject {name} REASON`.")


def undeliverable(about: str, where: str, error: str, meanwhile: str) -> Message:
    """Tell the requester that a channel cannot be written to, what is the case `meanwhile`, and what to do."""
    said = f"I cannot write about {about} to {where} ({error}). {meanwhile} "
    return _line("warning", said + UNDELIVERABLE.get(error, NOT_THERE))


def _line(icon: str, text: str) -> Message:
    line: Line = (Icon(icon), " ", *with_commands(text))
    return Message(summary=text.replace("`", ""), blocks=(Text(lines=(line,)),))


def _list(title: str, rows: list[Line], empty: str) -> Message:
    lines = tuple(rows[:MOST]) or ((empty,),)
    more: tuple[Line, ...] = ((f"… and {len(rows) - MOST} more",),) if len(rows) > MOST else ()
    return Message(summary=title, blocks=(Text(lines=((Bold(title),), *lines, *more)),))


def _started(result: Started) -> Message | None:
    run = result.run
    wanted = run.plan.environment.slack_channel
    if not wanted:
        return None
    return Message(
        summary=f"{run.name} has started, see #{wanted}",
        blocks=(
            Text(lines=((Icon("ship"), f" {run.name} has started; follow it in #{wanted}."),)),
        ),
    )


def _revisions(result: RevisionList) -> Message:
    title = f"Revisions of {result.application.name} in {result.environment.name}"
    if not result.revisions:
        return _list(title, [], "Nothing was delivered yet.")
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
        (commit_link(plan.application, plan.commit),) if plan.commit else (),
        (f"v{plan.rollback_to} again",) if plan.rollback_to else (),
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
        rows.append(joined((Bold(place),), there, busy))
    shown = _list("What is where", rows, "There is nothing.")
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
        (run.message,) if run.message else (),
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
    shown = _list("Environments", rows, "There is none.")
    return _with_holds(shown, locks.listed(result.holds, result.at))


def _with_holds(shown: Message, holds: tuple[Line, ...]) -> Message:
    """Put what keeps environments from being delivered to below a list of them."""
    return replace(shown, blocks=(*shown.blocks, Text(lines=holds))) if holds else shown


def _identity(result: Identity) -> Message:
    person = result.person
    rows: list[Line] = [
        (f"You are {person.name} ({person.email}), roles: {', '.join(person.roles) or 'none'}.",),
    ]
    rows += [_right(each) for each in result.rights] or [("You may look, and do nothing else.",)]
    return _list("Who you are to me", rows, "")


def _right(right: Right) -> Line:
    """Say all that someone may do in an environment, or otherwise with one application in it."""
    place = right.environment
    if right.application:
        place = f"{right.application} in {place}"
    may = ", ".join(ROLLED_BACK.get(each, each.value) for each in right.actions)
    return (Bold(place), f": {may or 'look only'}")


def _help(result: HelpShown) -> Message:
    if len(result.verbs) == 1:
        verb = result.verbs[0]
        lines: tuple[Line, ...] = (
            (Code(verb.form),),
            (verb.summary,),
            ("For example: ", Code(verb.example)),
        )
        return Message(summary=verb.summary, blocks=(Text(lines=lines),))
    rows: tuple[Line, ...] = tuple(
        (Code(each.example), f" {each.summary}") for each in result.verbs
    )
    how: Line = (
        "Type them after /shipmate or @shipmate; /deploy, /rollback and /revisions work alone.",
    )
    return Message(
        summary="What I can do",
        blocks=(
            Text(lines=((Bold("What I can do"),), *rows)),
            Divider(),
            Text(lines=(how,), faint=True),
        ),
    )
