"""Why something was not done, and who could: one sentence a code, always with a way on."""

from collections.abc import Callable
from datetime import datetime

from bot.chat.language import _, line, one_after_the_other
from bot.chat.message import Actions, Block, Button, Confirm, Icon, Line, Message, Text, Time
from bot.chat.presenters import keeping, machines
from bot.chat.presenters.lists import either, following, listed
from bot.chat.presenters.rights import not_allowed, parted, roles
from bot.chat.presenters.strangers import unknown_in_dingtalk
from bot.chat.presenters.words import moment, names, with_commands
from bot.operations.moments import FORMS
from bot.policy.refusals import Code, Refusal
from bot.wording import N_, Sentence

Facts = dict[str, str]

LONGEST_LABEL = 75
"""Characters on a button: Slack's limit."""


def refusal(refused: Refusal, corrected: str = "") -> Message:
    """Say privately why not. `corrected` is the request with the one name that comes near, to be pressed."""
    until: Line = ()
    if refused.facts.get("until"):
        at = Time(datetime.fromisoformat(refused.facts["until"]), dated=True)
        until = line("Until {time}.", time=at)
    who = (_who(refused),) if refused.who else ()
    said: Line = (Icon("warning"), " ", *following(with_commands(_said(refused)), until, who))
    if refused.code is Code.ALREADY_DECIDED:
        said = (*said, " ", Time(datetime.fromisoformat(refused.facts["at"])))
    blocks: list[Block] = [Text(lines=(said,))]
    buttons = _buttons(refused, corrected)
    if buttons:
        blocks.append(Actions(buttons=buttons))
    return Message(summary=sentence(refused), blocks=tuple(blocks))


def sentence(refused: Refusal) -> str:
    """Say why not in plain text."""
    until = ""
    if refused.facts.get("until"):
        at = datetime.fromisoformat(refused.facts["until"])
        until = _("Until {time}.", time=moment(at))
    who = _who(refused) if refused.who else ""
    return one_after_the_other(_said(refused).replace("`", ""), until, who)


def corrected_button(command: str) -> Button:
    """Answer the button that makes the request that was meant."""
    shown = command if len(command) <= LONGEST_LABEL else f"{command[: LONGEST_LABEL - 1]}…"
    described = _("Do: {command}", command=command)
    return Button(action="corrected", label=shown, command=command, described=described)


def _buttons(refused: Refusal, corrected: str) -> tuple[Button, ...]:
    if corrected:
        return (corrected_button(corrected),)
    if refused.code is not Code.RUN_UNFINISHED or not refused.facts.get("id"):
        return ()
    run = refused.facts["run"]
    confirm = Confirm(
        title=_("Stop this run?"),
        text=_("{run} ends now. What it has already delivered stays.", run=run),
        yes=_("Stop"),
        no=_("Let it run"),
    )
    label = _("Stop {run}", run=run)
    return (
        Button(
            action="stop",
            label=label[:LONGEST_LABEL],
            command=f"stop run:{refused.facts['id']}",
            confirm=confirm,
            described=label,
        ),
    )


def held(refused: Refusal) -> Sentence:
    """Say what keeps a run from beginning, as a sentence without its full stop: `prod is locked by dev: it moves`."""
    facts = refused.facts
    if refused.code is Code.LOCKED:
        return Sentence(
            "{place} is locked by {by}: {reason}",
            place=_place(facts),
            by=facts["by"],
            reason=facts["reason"],
        )
    place, name = facts["environment"], facts["name"]
    if not facts.get("reason"):
        return Sentence("{place} is frozen by {name}", place=place, name=name)
    reason = facts["reason"]
    return Sentence("{place} is frozen by {name}: {reason}", place=place, name=name, reason=reason)


def _place(facts: Facts) -> str:
    """Name what is locked."""
    if facts.get("application"):
        return Sentence(
            "{application} in {environment}",
            application=facts["application"],
            environment=facts["environment"],
        )
    return facts["environment"]


def _said(refused: Refusal) -> str:
    text = TEXTS[refused.code]
    return _(text, **refused.facts) if isinstance(text, str) else text(refused.facts)


def _who(refused: Refusal) -> str:
    return _(WHO.get(refused.code, COULD), names=names(refused.who))


def _nothing_called(text: str) -> Callable[[Facts], str]:
    """Make what says that a name is nobody's, and which ones there are instead."""

    def said(facts: Facts) -> str:
        return one_after_the_other(_(text, name=facts["name"]), _instead(facts))

    return said


def _instead(facts: Facts) -> str:
    if facts.get("nearest"):
        return _("Did you mean {names}?", names=either(parted(facts["nearest"])))
    if facts.get("known"):
        return _("There is: {names}.", names=listed(parted(facts["known"])))
    return ""


def _locked(facts: Facts) -> str:
    by = facts["by"]
    said = _(
        "{place} is locked by {by}: {reason}.", place=_place(facts), by=by, reason=facts["reason"]
    )
    if not facts.get("version"):
        return said
    version = facts["version"]
    return one_after_the_other(said, _("{by} may deliver {version}.", by=by, version=version))


def _frozen(facts: Facts) -> str:
    place, name = facts["environment"], facts["name"]
    said = _("{place} is frozen by {name}.", place=place, name=name)
    if facts.get("reason"):
        reason = facts["reason"]
        said = _("{place} is frozen by {name}: {reason}.", place=place, name=name, reason=reason)
    return one_after_the_other(said, roles(facts) or _("Nobody may pass."))


def _not_locked(facts: Facts) -> str:
    place = facts["environment"]
    if facts.get("whole"):
        return _(
            "{place} has no lock of its own. All of {environment} is locked by {by}: "
            "`unlock {environment}`.",
            place=_place(facts),
            environment=place,
            by=facts["whole"],
        )
    if facts.get("others"):
        others = parted(facts["others"])
        return _(
            "{environment} as a whole is not locked; {others} there is: "
            "`unlock {environment} --app {first}`.",
            environment=place,
            others=listed(others),
            first=others[0],
        )
    return _("{place} is not locked.", place=_place(facts))


def _unknown_person(facts: Facts) -> str:
    if facts.get("chat") == "dingtalk":
        return unknown_in_dingtalk(facts["identity"])
    return _(
        "I do not know you ({identity}). Ask whoever looks after Shipmate to add you to "
        "the people in workflows/, with the email address of your account here.",
        identity=facts["identity"],
    )


def _unknown_revision(facts: Facts) -> str:
    said = _("There is no revision {name}.", name=facts["name"])
    newest = facts.get("newest", "")
    return one_after_the_other(
        said, _("The newest is {revision}.", revision=newest) if newest else ""
    )


def _unfinished(facts: Facts) -> str:
    run, by = facts["run"], facts["by"]
    if facts.get("waits"):
        return _(
            "{run} of {by} is next in line; one run at a time. Wait for it or stop it.",
            run=run,
            by=by,
        )
    return _(
        "{run} of {by} is still under way; one run at a time. Wait for it or stop it.",
        run=run,
        by=by,
    )


def _ended(facts: Facts) -> str:
    phase = _(ENDINGS.get(facts["phase"], facts["phase"]))
    return _("{run} has already ended: {phase}.", run=facts["run"], phase=phase)


def _time_past(facts: Facts) -> str:
    time, now, zone = facts["time"], facts["now"], facts["zone"]
    if facts["instead"]:
        return _(
            "{time} is over today: it is {now} in {zone}. For tomorrow: `--at {instead}`.",
            time=time,
            now=now,
            zone=zone,
            instead=facts["instead"],
        )
    return _(
        "{time} is over: it is {now} in {zone}. Write a time to come: {forms}.",
        time=time,
        now=now,
        zone=zone,
        forms=_(FORMS),
    )


def _already_decided(facts: Facts) -> str:
    by, step, run, reason = facts["by"], facts["step"], facts["run"], facts.get("reason", "")
    approved = facts["verdict"] == "approved"
    if not reason:
        text = ALREADY_APPROVED if approved else ALREADY_REJECTED
        return _(text, by=by, step=step, run=run)
    text = ALREADY_APPROVED_FOR if approved else ALREADY_REJECTED_FOR
    return _(text, by=by, step=step, run=run, reason=reason)


def _not_failed(facts: Facts) -> str:
    run = facts["run"]
    if facts.get("step"):
        return _("{step} of {run} has not failed.", step=facts["step"], run=run)
    return _("{run} has not failed; there is nothing to retry.", run=run)


def _nothing_said(facts: Facts) -> str:
    run = facts["run"]
    if facts["step"]:
        return _("{step} of {run} has not left a log yet.", step=facts["step"], run=run)
    return _("No step of {run} has left a log yet.", run=run)


def _which_step(facts: Facts) -> str:
    return _(
        "{run} waits at several steps: {steps}. Say which: `approve {run} --step NAME`.",
        run=facts["run"],
        steps=listed(parted(facts["steps"])),
    )


def _version_missing(facts: Facts) -> str:
    return _(
        "Which version? Nothing was delivered yet, and {components} need one.",
        components=listed(parted(facts["components"])),
    )


COULD = N_("{names} could.")
WHO = {Code.LOCKED: N_("{names} may unlock it."), Code.FROZEN: N_("{names} may pass.")}
"""What those who are named could do, where it is not the thing that was asked for."""
ENDINGS = {
    "succeeded": N_("succeeded"),
    "failed": N_("failed"),
    "terminated": N_("terminated"),
}
"""What people call the phases in which a run is over."""
ALREADY_APPROVED = N_("{by} has already approved {step} of {run}.")
ALREADY_APPROVED_FOR = N_("{by} has already approved {step} of {run} ({reason}).")
ALREADY_REJECTED = N_("{by} has already rejected {step} of {run}.")
ALREADY_REJECTED_FOR = N_("{by} has already rejected {step} of {run} ({reason}).")

TEXTS: dict[Code, str | Callable[[Facts], str]] = {
    Code.UNKNOWN_PERSON: _unknown_person,
    Code.NOT_ALLOWED: not_allowed,
    Code.UNKNOWN_APPLICATION: _nothing_called(N_("There is no application {name}.")),
    Code.UNKNOWN_ENVIRONMENT: _nothing_called(N_("There is no environment {name}.")),
    Code.UNKNOWN_COMPONENT: _nothing_called(N_("There is no component {name} with an image.")),
    Code.UNKNOWN_RUN: N_("There is no run {name}. `runs APP ENV` lists those there are."),
    Code.UNKNOWN_REVISION: _unknown_revision,
    Code.VERSION_MISSING: _version_missing,
    Code.VERSION_UNUSED: N_(
        "{application} builds no image, so a version means nothing to it. "
        "Name the images instead: COMPONENT=IMAGE."
    ),
    Code.RUN_UNFINISHED: _unfinished,
    Code.RUN_ENDED: _ended,
    Code.NOTHING_WAITING: N_("{run} waits for no approval."),
    Code.ALREADY_DECIDED: _already_decided,
    Code.BUTTON_OUTDATED: N_(
        "That was about an earlier state of {run}. Its card shows what can be done now."
    ),
    Code.NOTHING_TO_COMPARE: N_(
        "There are no two revisions of {application} in {environment} to compare yet."
    ),
    Code.NOTHING_TO_ROLL_BACK: N_(
        "There is no earlier revision of {application} in {environment} to go back to."
    ),
    Code.ALREADY_IN_FORCE: N_("{revision} is what is there now."),
    Code.PLAN_CHANGED: N_(
        "{application} in {environment} has changed since that was shown. "
        "Look again: `rollback {application} {environment}`."
    ),
    Code.NOT_FAILED: _not_failed,
    Code.UNKNOWN_STEP: _nothing_called(N_("There is no step {name}.")),
    Code.RUN_UNDER_WAY: N_("{run} is still under way, and no step waits for another try."),
    Code.NOT_PAUSED: N_("{run} does not stand still."),
    Code.ALREADY_PAUSED: N_("{run} stands still already. `resume {run}` lets it go on."),
    Code.STEP_NOT_RUNNING: N_("{step} of {run} does not run now."),
    Code.AT_GATE: N_("{step} of {run} is there for an approval, which cannot be skipped."),
    Code.NOTHING_SAID: _nothing_said,
    Code.ALREADY_VOTED: N_(
        "You have already said yes to {step} of {run}; someone else has to, too."
    ),
    Code.WHICH_STEP: _which_step,
    Code.PERSON_GONE: N_("{name} is no longer among the people in workflows/."),
    Code.RUN_WAITS: N_(
        "{run} has not begun: it waits for its turn. `stop {run}` takes it out of the line."
    ),
    Code.NEVER_BEGUN: N_("{run} never began, so there is nothing to do again. Ask for it anew."),
    Code.TIME_PAST: _time_past,
    Code.TIME_UNKNOWN: N_("I know no time zone {zone}. Write it as Europe/Berlin, UTC or +01:00."),
    Code.SAME_ENVIRONMENT: N_(
        "That is {environment} twice. Promote from one environment to another: "
        "`promote APP FROM TO`."
    ),
    Code.NOTHING_TO_PROMOTE: N_(
        "Nothing of {application} was delivered to {environment} yet, so there is "
        "nothing to promote. `deploy {application} {environment}` comes first."
    ),
    Code.TERMS_CHANGED: N_(
        "That was asked under other rules. Look at {step} of {run} again: the request in "
        "its thread says what is needed now."
    ),
    Code.NO_VOTE: N_("There is no yes of yours to {step} of {run} to take back."),
    Code.EMERGENCY_REASON: N_(
        "Why? An emergency takes a reason: `approve {run} --emergency REASON`."
    ),
    Code.NOTHING_TO_SIGN: N_(
        "Nothing was done in an emergency in {run} that is still to be signed."
    ),
    Code.OWN_EMERGENCY: N_(
        "You opened {step} of {run} in an emergency; someone else has to sign it."
    ),
    Code.LOCKED: _locked,
    Code.FROZEN: _frozen,
    Code.NOT_LOCKED: _not_locked,
    **machines.TEXTS,
    **keeping.TEXTS,
    Code.UNKNOWN_NAME: _nothing_called(N_("I know nobody called {name}.")),
}
