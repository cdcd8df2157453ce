"""Why something was not done, and who could: one sentence a code, always with a way on."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from bot.chat.message import Actions, Block, Button, Confirm, Icon, Line, Message, Text, Time
from bot.chat.presenters import machines
from bot.chat.presenters.words import moment, names, with_commands
from bot.operations.moments import FORMS
from bot.policy.refusals import Code, Refusal

Facts = dict[str, str]

LONGEST_LABEL = 75
"""Characters on a button: Slack's limit."""


def refusal(refused: Refusal, corrected: str = "") -> Message:
    """Say privately why not. `corrected` is the request with the one name that comes near, to be pressed."""
    said = TEXTS[refused.code](refused.facts)
    line: Line = (Icon("warning"), " ", *with_commands(said))
    if refused.facts.get("until"):
        line = (
            *line,
            " Until ",
            Time(datetime.fromisoformat(refused.facts["until"]), dated=True),
            ".",
        )
    if refused.who:
        line = (*line, f" {_who(refused)}")
    if refused.code is Code.ALREADY_DECIDED:
        line = (*line, " ", Time(datetime.fromisoformat(refused.facts["at"])))
    blocks: list[Block] = [Text(lines=(line,))]
    buttons = _buttons(refused, corrected)
    if buttons:
        blocks.append(Actions(buttons=buttons))
    return Message(summary=sentence(refused), blocks=tuple(blocks))


def sentence(refused: Refusal) -> str:
    """Say why not in plain text."""
    said = TEXTS[refused.code](refused.facts).replace("`", "")
    if refused.facts.get("until"):
        said += f" Until {moment(datetime.fromisoformat(refused.facts['until']))}."
    return f"{said} {_who(refused)}" if refused.who else said


def corrected_button(command: str) -> Button:
    """Answer the button that makes the request that was meant."""
    shown = command if len(command) <= LONGEST_LABEL else f"{command[: LONGEST_LABEL - 1]}…"
    return Button(action="corrected", label=shown, command=command, described=f"Do: {command}")


def _buttons(refused: Refusal, corrected: str) -> tuple[Button, ...]:
    if corrected:
        return (corrected_button(corrected),)
    if refused.code is not Code.RUN_UNFINISHED or not refused.facts.get("id"):
        return ()
    run = refused.facts["run"]
    confirm = Confirm(
        title="Stop this run?",
        text=f"{run} ends now. What it has already delivered stays.",
        yes="Stop",
        no="Let it run",
    )
    stop = f"stop run:{refused.facts['id']}"
    button = Button(action="stop", label=f"Stop {run}"[:LONGEST_LABEL], command=stop)
    return (replace(button, confirm=confirm, described=f"Stop {run}"),)


def _who(refused: Refusal) -> str:
    return f"{names(refused.who)} {WHO.get(refused.code, 'could')}."


def _nearest(facts: Facts) -> str:
    if facts.get("nearest"):
        return f" Did you mean {facts['nearest'].replace(', ', ',').replace(',', ' or ')}?"
    return f" There is: {facts['known']}." if facts.get("known") else ""


def _not_allowed(facts: Facts) -> str:
    roles = facts.get("roles", "")
    rule = f" That takes the role {roles.replace(', ', ',').replace(',', ' or ')}." if roles else ""
    action = ACTIONS.get(facts["action"], facts["action"].replace("_", " "))
    what = f"{action} {facts['application']}" if facts.get("application") else action
    who = facts.get("person", "You")
    if facts["action"] == "audit":
        return f"{who} may not {action} of {facts['environment']}.{rule}"
    if what in {"lock", "unlock"}:
        return f"{who} may not {what} {facts['environment']}.{rule}"
    return f"{who} may not {what} in {facts['environment']}.{rule}"


def _locked(facts: Facts) -> str:
    change = f" {facts['by']} may deliver {facts['version']}." if facts.get("version") else ""
    return f"{_held(facts)} is locked by {facts['by']}: {facts['reason']}.{change}"


def _frozen(facts: Facts) -> str:
    reason = f": {facts['reason']}" if facts.get("reason") else ""
    passing = facts.get("roles", "").replace(", ", ",").replace(",", " or ")
    rule = f" That takes the role {passing}." if passing else " Nobody may pass."
    return f"{facts['environment']} is frozen by {facts['name']}{reason}.{rule}"


def held(refused: Refusal) -> str:
    """Say what keeps a run from beginning, as a sentence without its full stop: `prod is locked by dev: it moves`."""
    facts = refused.facts
    if refused.code is Code.LOCKED:
        return f"{_held(facts)} is locked by {facts['by']}: {facts['reason']}"
    reason = f": {facts['reason']}" if facts.get("reason") else ""
    return f"{facts['environment']} is frozen by {facts['name']}{reason}"


def _held(facts: Facts) -> str:
    """Name what is locked."""
    place = facts["environment"]
    return f"{facts['application']} in {place}" if facts.get("application") else place


def _not_locked(facts: Facts) -> str:
    place = facts["environment"]
    if facts.get("whole"):
        return f"{_held(facts)} has no lock of its own. All of {place} is locked by {facts['whole']}: `unlock {place}`."
    if facts.get("others"):
        first = facts["others"].partition(", ")[0]
        return f"{place} as a whole is not locked; {facts['others']} there is: `unlock {place} --app {first}`."
    return f"{_held(facts)} is not locked."


def _unknown_person(facts: Facts) -> str:
    return (
        f"I do not know you ({facts['identity']}). Ask whoever looks after Shipmate to add you to "
        "the people in workflows/, with the email address of your account here."
    )


def _unknown_revision(facts: Facts) -> str:
    newest = f" The newest is {facts['newest']}." if facts.get("newest") else ""
    return f"There is no revision {facts['name']}.{newest}"


def _unfinished(facts: Facts) -> str:
    where = "is next in line" if facts.get("waits") else "is still under way"
    return f"{facts['run']} of {facts['by']} {where}; one run at a time. Wait for it or stop it."


def _time_past(facts: Facts) -> str:
    now = f"it is {facts['now']} in {facts['zone']}"
    if facts["instead"]:
        return f"{facts['time']} is over today: {now}. For tomorrow: `--at {facts['instead']}`."
    return f"{facts['time']} is over: {now}. Write a time to come: {FORMS}."


def _already_decided(facts: Facts) -> str:
    reason = f" ({facts['reason']})" if facts.get("reason") else ""
    return (
        f"{facts['by']} has already {facts['verdict']} {facts['step']} of {facts['run']}{reason}."
    )


def _not_failed(facts: Facts) -> str:
    if facts.get("step"):
        return f"{facts['step']} of {facts['run']} has not failed."
    return f"{facts['run']} has not failed; there is nothing to retry."


ACTIONS = {"rollback": "roll back", "audit": "read the audit log"}
"""Actions that people call otherwise."""
WHO = {Code.LOCKED: "may unlock it", Code.FROZEN: "may pass"}
"""What those who are named could do, where it is not the thing that was asked for."""

TEXTS: dict[Code, Callable[[Facts], str]] = {
    Code.UNKNOWN_PERSON: _unknown_person,
    Code.NOT_ALLOWED: _not_allowed,
    Code.UNKNOWN_APPLICATION: lambda facts: (
        f"There is no application {facts['name']}.{_nearest(facts)}"
    ),
    Code.UNKNOWN_ENVIRONMENT: lambda facts: (
        f"There is no environment {facts['name']}.{_nearest(facts)}"
    ),
    Code.UNKNOWN_COMPONENT: lambda facts: (
        f"There is no component {facts['name']} with an image.{_nearest(facts)}"
    ),
    Code.UNKNOWN_RUN: lambda facts: (
        f"There is no run {facts['name']}. `runs APP ENV` lists those there are."
    ),
    Code.UNKNOWN_REVISION: _unknown_revision,
    Code.VERSION_MISSING: lambda facts: (
        f"Which version? Nothing was delivered yet, and {facts['components']} need one."
    ),
    Code.VERSION_UNUSED: lambda facts: (
        f"{facts['application']} builds no image, so a version means nothing to it. "
        "Name the images instead: COMPONENT=IMAGE."
    ),
    Code.RUN_UNFINISHED: _unfinished,
    Code.RUN_ENDED: lambda facts: f"{facts['run']} has already ended: {facts['phase']}.",
    Code.NOTHING_WAITING: lambda facts: f"{facts['run']} waits for no approval.",
    Code.ALREADY_DECIDED: _already_decided,
    Code.BUTTON_OUTDATED: lambda facts: (
        f"That was about an earlier state of {facts['run']}. Its card shows what can be done now."
    ),
    Code.NOTHING_TO_COMPARE: lambda facts: (
        f"There are no two revisions of {facts['application']} in {facts['environment']} to compare yet."
    ),
    Code.NOTHING_TO_ROLL_BACK: lambda facts: (
        f"There is no earlier revision of {facts['application']} in {facts['environment']} to go back to."
    ),
    Code.ALREADY_IN_FORCE: lambda facts: f"{facts['revision']} is what is there now.",
    Code.PLAN_CHANGED: lambda facts: (
        f"{facts['application']} in {facts['environment']} has changed since that was shown. "
        f"Look again: `rollback {facts['application']} {facts['environment']}`."
    ),
    Code.NOT_FAILED: _not_failed,
    Code.UNKNOWN_STEP: lambda facts: f"There is no step {facts['name']}.{_nearest(facts)}",
    Code.RUN_UNDER_WAY: lambda facts: (
        f"{facts['run']} is still under way, and no step waits for another try."
    ),
    Code.NOT_PAUSED: lambda facts: f"{facts['run']} does not stand still.",
    Code.ALREADY_PAUSED: lambda facts: (
        f"{facts['run']} stands still already. `resume {facts['run']}` lets it go on."
    ),
    Code.STEP_NOT_RUNNING: lambda facts: f"{facts['step']} of {facts['run']} does not run now.",
    Code.AT_GATE: lambda facts: (
        f"{facts['step']} of {facts['run']} is there for an approval, which cannot be skipped."
    ),
    Code.NOTHING_SAID: lambda facts: (
        f"{facts['step'] or 'No step'} of {facts['run']} has {'not ' if facts['step'] else ''}"
        "left a log yet."
    ),
    Code.ALREADY_VOTED: lambda facts: (
        f"You have already said yes to {facts['step']} of {facts['run']}; someone else has to, too."
    ),
    Code.WHICH_STEP: lambda facts: (
        f"{facts['run']} waits at several steps: {facts['steps']}. "
        f"Say which: `approve {facts['run']} --step NAME`."
    ),
    Code.PERSON_GONE: lambda facts: f"{facts['name']} is no longer among the people in workflows/.",
    Code.RUN_WAITS: lambda facts: (
        f"{facts['run']} has not begun: it waits for its turn. `stop {facts['run']}` takes it out of the line."
    ),
    Code.NEVER_BEGUN: lambda facts: (
        f"{facts['run']} never began, so there is nothing to do again. Ask for it anew."
    ),
    Code.TIME_PAST: _time_past,
    Code.TIME_UNKNOWN: lambda facts: (
        f"I know no time zone {facts['zone']}. Write it as Europe/Berlin, UTC or +01:00."
    ),
    Code.SAME_ENVIRONMENT: lambda facts: (
        f"That is {facts['environment']} twice. Promote from one environment to another: "
        "`promote APP FROM TO`."
    ),
    Code.NOTHING_TO_PROMOTE: lambda facts: (
        f"Nothing of {facts['application']} was delivered to {facts['environment']} yet, so there is "
        f"nothing to promote. `deploy {facts['application']} {facts['environment']}` comes first."
    ),
    Code.SELF_APPROVAL: lambda facts: (
        f"You {'committed what is delivered by' if facts.get('committed') else 'asked for'} {facts['run']}, and in "
        f"{facts['environment']} whoever {'commits it' if facts.get('committed') else 'asks for a run'} may not "
        "approve it."
    ),
    Code.TERMS_CHANGED: lambda facts: (
        f"That was asked under other rules. Look at {facts['step']} of {facts['run']} again: the request in "
        "its thread says what is needed now."
    ),
    Code.NO_VOTE: lambda facts: (
        f"There is no yes of yours to {facts['step']} of {facts['run']} to take back."
    ),
    Code.EMERGENCY_REASON: lambda facts: (
        f"Why? An emergency takes a reason: `approve {facts['run']} --emergency REASON`."
    ),
    Code.NOTHING_TO_SIGN: lambda facts: (
        f"Nothing was done in an emergency in {facts['run']} that is still to be signed."
    ),
    Code.OWN_EMERGENCY: lambda facts: (
        f"You opened {facts['step']} of {facts['run']} in an emergency; someone else has to sign it."
    ),
    Code.LOCKED: _locked,
    Code.FROZEN: _frozen,
    Code.NOT_LOCKED: _not_locked,
    **machines.TEXTS,
    Code.UNKNOWN_NAME: lambda facts: f"I know nobody called {facts['name']}.{_nearest(facts)}",
}
