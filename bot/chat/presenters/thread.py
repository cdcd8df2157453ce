"""What stands in the thread below a run card: approval requests, last words, failures, retries, and the end."""

import re
from dataclasses import dataclass

from bot.catalog.model import Catalog
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
from bot.chat.presenters.waiting import declined
from bot.chat.presenters.words import (
    answered,
    approvers,
    brief,
    delivered,
    excerpt,
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
from bot.run.model import Run, StepRun
from bot.run.terms import people_in, still_needed, terms_of

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
        said = f"{title}: this request is no longer open; a later attempt took its place."
        return Message(summary=said, blocks=(Text(lines=((Icon("skipped"), " ", said),)),))
    if step.decision is not None:
        return _answered(run, step, title)
    if not step.at_gate:
        said = f"{title}: no answer is needed any more ({step.message or step.phase.value})."
        return Message(summary=said, blocks=(Text(lines=((Icon("skipped"), " ", said),)),))
    return _asked(run, step, title, catalog)


def _asked(run: Run, step: StepRun, title: str, catalog: Catalog) -> Message:
    people = approvers(catalog, run, step)
    who = approving.mentions(catalog, people)
    message = step.gate.message if step.gate else ""
    lines: list[Line] = [
        (Icon("waiting"), " ", Bold(title), f" of {run.name}"),
        (*who, ": please approve or reject.") if who else ("Nobody may answer this request.",),
    ]
    if message:
        lines.insert(1, (message,))
    lines += _rules(run, step)
    if step.deadline is not None and step.gate is not None:
        end = {"fail": "it fails", "reject": "it is rejected", "continue": "it goes on"}
        lines.append(
            (
                "Without an answer ",
                end[step.gate.on_timeout.value],
                " ",
                Time(step.deadline, dated=True),
            )
        )
    return Message(
        summary=f"{run.name} waits for {names(people)}: {message or title}",
        blocks=(Text(lines=tuple(lines)), Actions(buttons=answer_buttons(run, step))),
    )


def _rules(run: Run, step: StepRun) -> list[Line]:
    """Say by which rules a gate asks, where it takes more than the yes of anyone who is mentioned."""
    terms = terms_of(run, step)
    people = people_in(terms.requirements)
    lines: list[Line] = []
    if people > 1:
        given = names(tuple(each.by for each in step.votes), "and")
        did = f"{given} did" if given else "nobody did yet"
        still = approving.needed(still_needed(run, step))
        lines.append((f"{people} people have to say yes; {did}. Still needs: {still}.",))
    if not terms.self_approval:
        lines.append((f"{run.origin.person} asked for this run and may not approve it.",))
        lines += machines.not_the_committer(run)
    if terms.locked:
        lines.append((f"{run.environment} is locked: {terms.locked}",))
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
        (Icon("waiting"), " ", Bold(title), f" of {run.name} waits for your answer."),
        (*delivered(run.plan), f" · asked for by {run.origin.person}"),
        *_rules(run, step),
    ]
    if message:
        lines.insert(1, (message,))
    if place:
        lines.append((f"Its card is in #{place}.",))
    look = Button(
        action="show",
        label="Show the run",
        command=f"show run:{run.id}",
        described=f"Show {run.name}",
    )
    buttons = (*answer_buttons(run, step), look)
    return Message(
        summary=f"{run.name} waits for your answer: {message or title}",
        blocks=(Text(lines=tuple(lines)), Actions(buttons=buttons)),
    )


def _answered(run: Run, step: StepRun, title: str) -> Message:
    decision = step.decision
    assert decision is not None
    icon = "done" if decision.approved else "stopped"
    verb, by = answered(step)
    reason = f": {decision.reason}" if decision.reason and decision.via != "clock" else ""
    line: Line = (Icon(icon), " ", Bold(verb), f"{by} ", Time(decision.at), f"{reason} · {title}")
    return Message(
        summary=f"{verb}{by}{reason} ({title} of {run.name})", blocks=(Text(lines=(line,)),)
    )


def told(run: Run, event: Event, *, unattached: str = "") -> Message:
    """Tell an event. Only for those that `is_told`. `unattached`: why its log does not stand below it."""
    match event:
        case StepFailed() | StepSucceeded():
            return _over(run, event, unattached)
        case StepRetrying():
            title = title_of(run, event.step)
            line: Line = (
                Icon("warning"),
                f" {title} did not work yet: {event.message}. It is tried again by itself.",
            )
            return Message(summary=f"{title}: {event.message}", blocks=(Text(lines=(line,)),))
        case StepSkipped():
            return _said("skipped", f"{title_of(run, event.step)} was {event.message}.")
        case RunSuspended() | RunResumed() | RunRetried() | RestartCancelled():
            return _said(*_intervention(run, event))
        case RunSucceeded():
            return _succeeded(run, event)
        case TurnRefused():
            why = declined(run, event.code, event.facts, event.who)
            return _ended(run, "failed", f" was not begun. {why}")
        case RunFailed():
            took = lasted(event.at - run.since)
            said = f" failed after {took}, at {title_of(run, event.step)}."
            return _ended(run, "failed", said)
        case RunTerminated():
            return _ended(run, "stopped", f" was {event.reason or f'stopped by {event.by}'}.")
        case _:
            raise ValueError(f"{event.kind} is not told")


def _intervention(
    run: Run, event: RunSuspended | RunResumed | RunRetried | RestartCancelled
) -> tuple[str, str]:
    """Say what a person, or the clock, has done to a run."""
    match event:
        case RunSuspended():
            reason = f": {event.reason}" if event.reason else ""
            return "waiting", f"{run.name} was paused by {event.by}{reason}."
        case RunResumed():
            return "running", f"{event.by} let {run.name} go on."
        case RestartCancelled():
            return "stopped", f"{event.by} lets {run.name} stay over: it does not begin anew."
        case RunRetried():
            if event.by == SHIPMATE:
                return "running", f"{run.name} begins anew, as its workflow says."
            return "running", f"{event.by} started {run.name} again from its first step."


def _over(run: Run, event: StepFailed | StepSucceeded, unattached: str) -> Message:
    """Tell how a step ended, with its last words; of a log that is missing below say why."""
    title = title_of(run, event.step)
    if isinstance(event, StepFailed):
        icon, said = "failed", f" failed: {event.message}"
        summary = f"{title} of {run.name} failed: {event.message}"
    else:
        icon, said = "done", " is done. Its last words:" if event.details else " is done."
        last = f": {brief(event.details[-1])}" if event.details else ""
        summary = f"{title} of {run.name} is done{last}"
    blocks: list[Block] = [Text(lines=((Icon(icon), " ", Bold(title), said),))]
    if event.details:
        blocks.append(Preformatted(text=excerpt(event.details)))
    if unattached:
        missing = f"The log could not be attached. {unattached}"
        blocks.append(Text(lines=((missing,),), faint=True))
    return Message(summary=summary, blocks=tuple(blocks))


def _succeeded(run: Run, event: RunSucceeded) -> Message:
    took = lasted(event.at - run.since)
    line: Line = (
        Icon("done"),
        " ",
        Bold(f"v{event.revision}"),
        f" of {run.application} is in {run.environment}, after {took}.",
    )
    said = f"{run.name} delivered v{event.revision} in {took}"
    return Message(summary=said, blocks=(Text(lines=(line,)),))


def _said(icon: str, said: str) -> Message:
    return Message(summary=said, blocks=(Text(lines=((Icon(icon), " ", said),)),))


def _ended(run: Run, icon: str, said: str) -> Message:
    """Tell whoever asked for the run that it did not get there; what can be done stands on the card."""
    who = machines.to_be_told(run)
    line: Line = (Icon(icon), " ", Bold(run.name), said, " ", Mention(who, notify=True))
    return Message(summary=f"{run.name}{said}", blocks=(Text(lines=(line,)),))


def notice(text: str) -> Message:
    """Say what a notification step's author wrote."""
    return Message(summary=text, blocks=(Text(lines=((Markup(text),),)),))
