"""Answers that only the asker sees: lists, differences, proposals, and what was not understood."""

from dataclasses import replace

from bot.catalog.approving import Requirement
from bot.catalog.model import Catalog
from bot.chat.language import _, line, one_after_the_other
from bot.chat.message import (
    Actions,
    Block,
    Bold,
    Code,
    Icon,
    Line,
    Message,
    Text,
    Time,
)
from bot.chat.presenters import approving, audit, doctor, introductions, locks, plans, replicas
from bot.chat.presenters.card import snapshot
from bot.chat.presenters.kept import kept
from bot.chat.presenters.lists import MOST, listed, listing, sentence
from bot.chat.presenters.logs import logs
from bot.chat.presenters.refusals import corrected_button, refusal
from bot.chat.presenters.revisions import revisions
from bot.chat.presenters.waiting import where, why_not
from bot.chat.presenters.words import (
    delivered,
    joined,
    names,
    phase_of,
    title_of,
)
from bot.command.requests import Misunderstood
from bot.operations.forecasts import LiveShown, PlanShown
from bot.operations.replicas import ReplicaList
from bot.operations.results import (
    ApplicationList,
    AuditShown,
    Decided,
    Difference,
    EnvironmentList,
    Examined,
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
from bot.run.model import Run, RunPhase
from bot.run.terms import people_in
from bot.wording import N_

NOT_THERE = N_("If I am not in that channel, type /invite @shipmate there.")
UNDELIVERABLE = {
    "not_in_channel": N_(
        "I was taken out of that channel: type /invite @shipmate there, and the card follows."
    ),
    "is_archived": N_("That channel is archived: name another one in the environment's file."),
    "restricted_action": N_("Whoever looks after this workspace lets only some write there."),
}
"""What to do, by Slack's code."""
INTERVENED = {
    Action.STOP: ("stopped", N_("{run} is stopped.")),
    Action.PAUSE: ("waiting", N_("{run} stands still until someone resumes it.")),
    Action.RESUME: ("running", N_("{run} goes on.")),
    Action.RESTART: ("running", N_("{run} starts again from its first step.")),
    Action.RETRY: ("running", N_("{run} goes on from {step}.")),
    Action.SKIP: ("skipped", N_("{step} of {run} is skipped.")),
}
"""What became of a run that was told something, each with its symbol."""
PLACE = N_("{application} in {environment}")


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
            return revisions(result)
        case PlanShown() | LiveShown() | RollbackProposed() | Difference():
            return plans.compared(result)
        case RunShown() | LogsShown():
            return _of_a_run(result, catalog)
        case Examined() | ReplicaList():
            return _of_shipmate(result)
        case _:
            return _listing(result)


def _of_a_run(result: RunShown | LogsShown, catalog: Catalog) -> Message:
    """Show a run, or what its steps said."""
    if isinstance(result, LogsShown):
        return logs(result)
    return snapshot(result.run, catalog, result.standing)


def _of_shipmate(result: Examined | ReplicaList) -> Message:
    """Say how Shipmate itself is."""
    return doctor.examined(result) if isinstance(result, Examined) else replicas.shown(result)


def _intervened(result: Intervened) -> Message:
    name, step = result.run.name, title_of(result.run, result.step)
    if result.action is Action.STOP and result.run.phase in {RunPhase.SUCCEEDED, RunPhase.FAILED}:
        said = _("{run} stays over: it does not begin anew.", run=name)
        return sentence("stopped", said)
    icon, text = INTERVENED[result.action]
    return sentence(icon, _(text, run=name, step=step))


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
            return _runs(result)
        case ApplicationList():
            rows: list[Line] = [
                joined((Bold(each.name),), (listed(part.name for part in each.components),))
                for each in result.applications
            ]
            return listing(_("Applications"), rows, _("There is none."))
        case EnvironmentList():
            return _environments(result)
        case Identity():
            return introductions.identity(result)
        case HelpShown():
            return introductions.explained(result)


def misunderstood(problem: Misunderstood) -> Message:
    """Say what could be read of a request, and the right form."""
    said = _(problem.problem)
    lines: list[Line] = [(Icon("warning"), f" {said}")]
    if problem.nearest:
        lines.append((_("Did you mean {names}?", names=names(problem.nearest)),))
    if problem.understood:
        lines.append(line("Understood so far: {command}", command=Code(problem.understood)))
    if problem.form:
        lines.append(line("The form: {form}", form=Code(problem.form)))
    if problem.example:
        lines.append(line("For example: {example}", example=Code(problem.example)))
    blocks: list[Block] = [Text(lines=tuple(lines))]
    if problem.corrected:
        blocks.append(Actions(buttons=(corrected_button(problem.corrected),)))
    return Message(summary=said, blocks=tuple(blocks))


def broken(reference: str) -> Message:
    """Say that we failed, with the reference that the log has too."""
    said = _(
        "Something went wrong on my side. Tell whoever looks after Shipmate: {reference}.",
        reference=reference,
    )
    return sentence("failed", said)


def later(reason: str) -> Message:
    """Say that it could not be done now but may be soon."""
    said = _(
        "That did not work just now ({reason}). Nothing has happened; try again.", reason=reason
    )
    return sentence("warning", said)


def reason_needed(asked: ReasonAsked) -> Message:
    """Say how to reject or skip where no form can ask for the reason."""
    name = asked.run.name
    said = _("To reject {run}, say why: `reject {run} REASON`.", run=name)
    if asked.action is Action.SKIP:
        said = _(
            "Why? Say it with the request: `skip {run} {step} REASON`.", run=name, step=asked.step
        )
    return sentence("warning", said)


def undeliverable(about: str, where: str, error: str, meanwhile: str) -> Message:
    """Tell the requester that a channel cannot be written to, what is the case `meanwhile`, and what to do."""
    said = _(
        "I cannot write about {about} to {where} ({error}).", about=about, where=where, error=error
    )
    what_to_do = _(UNDELIVERABLE.get(error, NOT_THERE))
    return sentence("warning", one_after_the_other(said, meanwhile, what_to_do))


def _started(result: Started) -> Message | None:
    """Say in another channel where the card stands, and what can be said to nobody else."""
    wanted = result.run.plan.environment.slack_channel
    return accepted(result, f"#{wanted}") if wanted else beside(result)


def accepted(result: Started, channel: str) -> Message:
    """Say where the card of a run stands, and what can be said to nobody else; `channel` as it is called there."""
    run = result.run
    said = line("{run} has started; follow it in {channel}.", run=run.name, channel=channel)
    if run.waits and result.standing is not None and not result.standing.is_up:
        stands = where(run, result.standing)
        said = line(
            "{run}: {stands}; follow it in {channel}.",
            run=run.name,
            stands=stands,
            channel=channel,
        )
    warned = beside(result)
    more = warned.blocks if warned is not None else ()
    return Message(
        summary=_("{run} is accepted, see {channel}", run=run.name, channel=channel),
        blocks=(Text(lines=((Icon("ship"), " ", *said),)), *more),
    )


def beside(result: Started) -> Message | None:
    """Say what the card does not: what is under way where something was promoted from."""
    other = result.not_in_it
    if other is None:
        return None
    said = _(
        "{run} of {person} is under way in {environment} and not in it: "
        "{revision} is promoted, which is in force there.",
        run=other.name,
        person=other.origin.person,
        environment=other.environment,
        revision=result.run.plan.promoted,
    )
    return sentence("warning", said)


def _status(result: StatusList) -> Message:
    rows: list[Line] = []
    for each in result.places:
        place = _(PLACE, application=each.application, environment=each.environment)
        there: Line = (
            (f"{each.revision.name} ", *delivered(each.revision.plan))
            if each.revision
            else (_("nothing yet"),)
        )
        under_way = each.run is not None and not each.run.phase.ended
        busy: Line = (_run(each.run)) if each.run is not None and under_way else ()
        waiting: Line = (_("{n} in line", n=len(each.line)),) if each.line else ()
        rows.append(joined((Bold(place),), there, busy, waiting))
    shown = listing(_("What is where"), rows, _("There is nothing."))
    shown = _with_holds(shown, locks.listed(result.holds, result.at))
    if not result.unsigned:
        return shown
    to_sign = Text(lines=approving.to_sign(result.unsigned)[:MOST])
    return Message(summary=shown.summary, blocks=(*shown.blocks, to_sign))


def _runs(result: RunList) -> Message:
    title = _(
        "Runs of {application} in {environment}",
        application=result.application,
        environment=result.environment,
    )
    return listing(title, [_run(each) for each in result.runs], _("No run yet."))


def _run(run: Run) -> Line:
    end: Line = (f"v{run.revision}",) if run.revision else ()
    asked = Time(run.created, dated=True)
    begins: Line = ()
    if run.waits and run.at:
        begins = line("begins {time}", time=Time(run.at, dated=True))
    return joined(
        (Bold(run.name),),
        delivered(run.plan),
        (phase_of(run),),
        end,
        line("by {person} {time}", person=run.origin.person, time=asked),
        begins,
        (kept(run.message) or why_not(run),) if run.message or run.refused else (),
    )


def _environments(result: EnvironmentList) -> Message:
    rows = [
        _who(
            environment.name,
            deployers,
            approvers,
            " → ".join(target.name for target in environment.targets),
            environment.approvals,
        )
        for environment, deployers, approvers in result.environments
    ]
    rows += [
        _who(_(PLACE, application=application, environment=environment), deployers, approvers)
        for environment, application, deployers, approvers in result.rules
    ]
    shown = listing(_("Environments"), rows, _("There is none."))
    return _with_holds(shown, locks.listed(result.holds, result.at))


def _who(
    place: str,
    deployers: tuple[str, ...],
    approvers: tuple[str, ...],
    targets: str = "",
    approvals: tuple[Requirement, ...] = (),
) -> Line:
    """Say who deploys to a place and who approves there, and how many it takes where that is more than one."""
    nobody = _("nobody")
    approve = _("approve: {people}", people=listed(approvers) or nobody)
    if people_in(approvals) > 1:
        needed = approving.needed(approvals)
        approve = _("approve: {needed} ({people})", needed=needed, people=listed(approvers))
    return joined(
        (Bold(place),),
        (targets,) if targets else (),
        (_("deploy: {people}", people=listed(deployers) or nobody),),
        (approve,),
    )


def _with_holds(shown: Message, holds: tuple[Line, ...]) -> Message:
    """Put what keeps environments from being delivered to below a list of them."""
    return replace(shown, blocks=(*shown.blocks, Text(lines=holds))) if holds else shown
