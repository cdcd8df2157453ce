"""What stands in the thread below a run card: approval requests, last words, failures, retries, and the end."""

import re
from dataclasses import dataclass

from bot.catalog.model import CLEAN_UP, Catalog
from bot.chat.language import _, line, one_after_the_other
from bot.chat.message import (
    Actions,
    Block,
    Bold,
    Button,
    Icon,
    Line,
    Markup,
    Mention,
    Message,
    Preformatted,
    Text,
    Time,
)
from bot.chat.presenters import approving, machines
from bot.chat.presenters.card import answer_buttons
from bot.chat.presenters.kept import kept
from bot.chat.presenters.waiting import declined
from bot.chat.presenters.words import (
    STEP_PHASES,
    answered,
    approvers,
    brief,
    delivered,
    excerpt,
    joined,
    lasted,
    names,
    title_of,
)
from bot.events import (
    Event,
    Log,
    RestartCancelled,
    RunFailed,
    RunResumed,
    RunRetried,
    RunSucceeded,
    RunSuspended,
    RunTerminated,
    StepFailed,
    StepRetrying,
    StepSkipped,
    StepSucceeded,
    TurnRefused,
)
from bot.run.ending import SHIPMATE
from bot.run.model import OnTimeout, Run, StepRun
from bot.run.terms import people_in, still_needed, terms_of
from bot.wording import N_, Sentence

WITHOUT_AN_ANSWER = {
    OnTimeout.FAIL: N_("Without an answer it fails {when}"),
    OnTimeout.REJECT: N_("Without an answer it is rejected {when}"),
    OnTimeout.CONTINUE: N_("Without an answer it goes on {when}"),
}
LONGEST_NAME = 180
"""Characters of a file's name before its ending."""
NOT_IN_NAMES = re.compile(r"[^\w.-]+")
"""What would be odd in the name of a file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file below the message that tells an event. `name` is like no other run's or event's."""

    name: str
    title: str
    text: str


def is_told(event: Event) -> bool:
    """Say whether an event gets a message of its own in the thread; the card shows the others."""
    if approving.is_told(event):
        return True
    match event:
        case StepRetrying():
            return event.attempt == 1
        case StepFailed():
            # A group fails by one of its steps, which has told why.
            said = bool(event.details) or log_of(event) is not None
            return not event.group and (said or event.reason != "Terminate")
        case StepSucceeded():
            return bool(event.details) or log_of(event) is not None
        case StepSkipped():
            return event.by is not None
        case RunSucceeded() | RunFailed() | RunTerminated() | RunSuspended() | RunResumed():
            return True
        case RestartCancelled() | TurnRefused():
            return True
        case RunRetried():
            return not event.step
        case _:
            return False


def log_of(event: Event) -> Log | None:
    """Answer the log that stands below an event's message as a file, if there is one with something in it."""
    match event:
        case StepFailed() | StepSucceeded():
            return event.log if event.log is not None and event.log.text else None
        case _:
            return None


def attachment(run: Run, event: Event) -> Attachment:
    """Make the file of an event. Only for those with a `log_of`."""
    log = log_of(event)
    assert log is not None, "only an event with a log has a file"
    assert isinstance(event, StepFailed | StepSucceeded)
    said = f"{run.application}-{run.environment}-{run.number}-{event.step}"
    name = f"{NOT_IN_NAMES.sub('-', said)[:LONGEST_NAME]}-{event.attempt}.log"
    return Attachment(name=name, title=log.name or name, text=log.text)


def approval(run: Run, step: StepRun, attempt: int, catalog: Catalog) -> Message:
    """Ask for an answer, mentioning who may give it; or say what the answer was."""
    title = title_of(run, step.name)
    if step.attempt != attempt:
        later = N_("{step}: this request is no longer open; a later attempt took its place.")
        return _said("skipped", _(later, step=title))
    if step.decision is not None:
        return _answered(run, step, title)
    if not step.at_gate:
        why = kept(step.message) or _(STEP_PHASES[step.phase])
        return _said(
            "skipped", _("{step}: no answer is needed any more ({why}).", step=title, why=why)
        )
    return _asked(run, step, title, catalog)


def _asked(run: Run, step: StepRun, title: str, catalog: Catalog) -> Message:
    people = approvers(catalog, run, step)
    who = approving.mentions(catalog, people)
    message = step.gate.message if step.gate else ""
    lines: list[Line] = [
        (Icon("waiting"), " ", *line("{step} of {run}", step=Bold(title), run=run.name)),
        line("{who}: please approve or reject.", who=tuple(who))
        if who
        else line("Nobody may answer this request."),
    ]
    if message:
        lines.insert(1, (message,))
    lines += _rules(run, step)
    if step.deadline is not None and step.gate is not None:
        at = Time(step.deadline, dated=True)
        lines.append(line(WITHOUT_AN_ANSWER[step.gate.on_timeout], when=at))
    about = message or title
    return Message(
        summary=_("{run} waits for {who}: {what}", run=run.name, who=names(people), what=about),
        blocks=(Text(lines=tuple(lines)), Actions(buttons=answer_buttons(run, step))),
    )


def _rules(run: Run, step: StepRun) -> list[Line]:
    """Say by which rules a gate asks, where it takes more than the yes of anyone who is mentioned."""
    terms = terms_of(run, step)
    people = people_in(terms.requirements)
    lines: list[Line] = []
    if people > 1:
        given = names(tuple(each.by for each in step.votes), "and")
        needed = approving.needed(still_needed(run, step))
        none_yet = N_("{people} people have to say yes; nobody did yet. Still needs: {needed}.")
        some = N_("{people} people have to say yes; {given} did. Still needs: {needed}.")
        said = _(none_yet, people=people, needed=needed)
        if given:
            said = _(some, people=people, given=given, needed=needed)
        lines.append((said,))
    if not terms.self_approval:
        who = run.origin.person
        lines.append((_("{who} asked for this run and may not approve it.", who=who),))
        lines += machines.not_the_committer(run)
    if terms.locked:
        lines.append((_("{place} is locked: {why}", place=run.environment, why=terms.locked),))
    return lines


def direct(run: Run, step: StepRun, attempt: int, catalog: Catalog) -> Message:
    """Remind one of the people who are asked, in a direct message; or say what the answer was."""
    shown = approval(run, step, attempt, catalog)
    if step.attempt != attempt or not step.at_gate:
        return shown
    title = title_of(run, step.name)
    message = step.gate.message if step.gate else ""
    place = run.plan.environment.slack_channel
    lines: list[Line] = [
        (
            Icon("waiting"),
            " ",
            *line("{step} of {run} waits for your answer.", step=Bold(title), run=run.name),
        ),
        joined(delivered(run.plan), (_("asked for by {who}", who=run.origin.person),)),
        *_rules(run, step),
    ]
    if message:
        lines.insert(1, (message,))
    if place:
        lines.append((_("Its card is in #{channel}.", channel=place),))
    look = Button(
        action="show",
        label=_("Show the run"),
        command=f"show run:{run.id}",
        described=_("Show {run}", run=run.name),
    )
    buttons = (*answer_buttons(run, step), look)
    return Message(
        summary=_("{run} waits for your answer: {what}", run=run.name, what=message or title),
        blocks=(Text(lines=tuple(lines)), Actions(buttons=buttons)),
    )


def _answered(run: Run, step: StepRun, title: str) -> Message:
    decision = step.decision
    assert decision is not None
    icon = "done" if decision.approved else "stopped"
    verb, by = answered(step)
    told_why = decision.reason and decision.via != "clock"
    reason = _(": {reason}", reason=decision.reason) if told_why else ""
    shown: Line = (Icon(icon), " ", Bold(verb), f"{by} ", Time(decision.at), f"{reason} · {title}")
    which = _("({step} of {run})", step=title, run=run.name)
    return Message(summary=f"{verb}{by}{reason} {which}", blocks=(Text(lines=(shown,)),))


def told(run: Run, event: Event, *, unattached: str = "") -> Message:
    """Tell an event. Only for those that `is_told`. `unattached`: why its log does not stand below it."""
    match event:
        case StepFailed() | StepSucceeded():
            return _over(run, event, unattached)
        case StepRetrying():
            title = title_of(run, event.step)
            said = _(
                "{step} did not work yet: {why}. It is tried again by itself.",
                step=title,
                why=kept(event.message),
            )
            shown = Text(lines=((Icon("warning"), f" {said}"),))
            return Message(summary=f"{title}: {event.message}", blocks=(shown,))
        case StepSkipped():
            step, what = title_of(run, event.step), kept(event.message)
            return _said("skipped", _("{step} was {what}.", step=step, what=what))
        case RunSuspended() | RunResumed() | RunRetried() | RestartCancelled():
            return _said(*_intervention(run, event))
        case RunSucceeded():
            return _succeeded(run, event)
        case TurnRefused():
            why = declined(run, event.code, event.facts, event.who)
            return _ended(run, "failed", N_("{run} was not begun. {why}"), why=why)
        case RunFailed():
            took = lasted(event.at - run.since)
            step = title_of(run, event.step)
            failed = N_("{run} failed after {took}, at {step}.")
            return _ended(run, "failed", failed, took=took, step=step)
        case RunTerminated():
            what = kept(event.reason or Sentence("stopped by {by}", by=event.by))
            return _ended(run, "stopped", N_("{run} was {what}."), what=what)
        case _:
            raise ValueError(f"{event.kind} is not told")


def _intervention(
    run: Run, event: RunSuspended | RunResumed | RunRetried | RestartCancelled
) -> tuple[str, str]:
    """Say what a person, or the clock, has done to a run."""
    match event:
        case RunSuspended():
            why = N_("{run} was paused by {who}: {reason}.")
            if event.reason:
                return "waiting", _(why, run=run.name, who=event.by, reason=event.reason)
            return "waiting", _("{run} was paused by {who}.", run=run.name, who=event.by)
        case RunResumed():
            return "running", _("{who} let {run} go on.", who=event.by, run=run.name)
        case RestartCancelled() if event.by == SHIPMATE:
            late = N_("{run} does not begin anew: another run came after it.")
            return "stopped", _(late, run=run.name)
        case RestartCancelled():
            over = N_("{who} lets {run} stay over: it does not begin anew.")
            return "stopped", _(over, who=event.by, run=run.name)
        case RunRetried():
            if event.by == SHIPMATE:
                return "running", _("{run} begins anew, as its workflow says.", run=run.name)
            again = N_("{who} started {run} again from its first step.")
            return "running", _(again, who=event.by, run=run.name)


def _over(run: Run, event: StepFailed | StepSucceeded, unattached: str) -> Message:
    """Tell how a step ended, with its last words; of a log that is missing below say why."""
    title = title_of(run, event.step)
    summary = _over_in_short(run, event, title)
    if isinstance(event, StepFailed):
        icon = "failed"
        said = line("{step} failed: {why}", step=Bold(title), why=kept(event.message))
    else:
        icon = "done"
        said = line("{step} is done.", step=Bold(title))
        if event.details:
            told = N_("{step} is done. Its last words:")
            if event.step == CLEAN_UP:
                told = N_("{step} is done. What it left:")
            said = line(told, step=Bold(title))
    blocks: list[Block] = [Text(lines=((Icon(icon), " ", *said),))]
    if event.details:
        blocks.append(Preformatted(text=excerpt(event.details)))
    if unattached:
        missing = one_after_the_other(_("The log could not be attached."), _(unattached))
        blocks.append(Text(lines=((missing,),), faint=True))
    return Message(summary=summary, blocks=tuple(blocks))


def _over_in_short(run: Run, event: StepFailed | StepSucceeded, title: str) -> str:
    if isinstance(event, StepFailed):
        why = kept(event.message)
        return _("{step} of {run} failed: {why}", step=title, run=run.name, why=why)
    if event.details:
        last = brief(event.details[-1])
        return _("{step} of {run} is done: {last}", step=title, run=run.name, last=last)
    return _("{step} of {run} is done", step=title, run=run.name)


def _succeeded(run: Run, event: RunSucceeded) -> Message:
    took, revision = lasted(event.at - run.since), f"v{event.revision}"
    shown = line(
        "{revision} of {application} is in {environment}, after {took}.",
        revision=Bold(revision),
        application=run.application,
        environment=run.environment,
        took=took,
    )
    said = _("{run} delivered {revision} in {took}", run=run.name, revision=revision, took=took)
    return Message(summary=said, blocks=(Text(lines=((Icon("done"), " ", *shown),)),))


def _said(icon: str, said: str) -> Message:
    return Message(summary=said, blocks=(Text(lines=((Icon(icon), " ", said),)),))


def _ended(run: Run, icon: str, said: str, **values: str) -> Message:
    """Tell whoever asked for the run that it did not get there; what can be done stands on the card."""
    who = Mention(machines.to_be_told(run), notify=True)
    shown: Line = (Icon(icon), " ", *line(said, run=Bold(run.name), **values), " ", who)
    return Message(summary=_(said, run=run.name, **values), blocks=(Text(lines=(shown,)),))


def notice(text: str) -> Message:
    """Say what a notification step's author wrote."""
    return Message(summary=text, blocks=(Text(lines=((Markup(text),),)),))
