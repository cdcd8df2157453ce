"""Runs that have not begun: where they stand, what holds them, and why one never began."""

from collections.abc import Mapping

from bot.chat.language import _, line
from bot.chat.message import Bold, Button, Confirm, Icon, Line, Time
from bot.chat.presenters.refusals import sentence
from bot.command.grammar import LONGEST_COMMAND, unparse
from bot.command.requests import Deploy, Promote
from bot.policy.refusals import Code, Refusal
from bot.run.line import Standing
from bot.run.model import Run
from bot.run.waiting import Wish

_ENDINGS = {1: "st", 2: "nd", 3: "rd"}


def where(run: Run, standing: Standing) -> Line:
    """Say where a run stands that waits, to be read after its name or a symbol."""
    if not standing.place:
        return line("{what}: begins {when}", what=Bold(_("Planned")), when=_when(run))
    if standing.hold and standing.place == 1 and standing.after is None:
        return line(
            "{what}: {hold}. It begins when that is over.",
            what=Bold(_("Held")),
            hold=_(standing.hold),
        )
    waits = line("{what}: {place}", what=Bold(_("Waiting")), place=_place(standing.place))
    if standing.after is not None:
        run_before, who = standing.after.name, standing.after.origin.person
        waits = line("{waits}, after {run} of {who}", waits=waits, run=run_before, who=who)
    return line("{waits}; {hold}", waits=waits, hold=_(standing.hold)) if standing.hold else waits


def _place(place: int) -> str:
    if place == 1:
        return _("next in line")
    return _("{n}{th} in line", n=place, th=_ending(place))


def outcome(run: Run, standing: Standing | None) -> Line | None:
    """Say it as the first line of a card; None: it is about to begin."""
    if standing is None or standing.is_up:
        return None
    return (Icon("waiting"), " ", *where(run, standing))


def why_not(run: Run) -> str:
    """Say why the turn of a run came and it was not begun; empty for any other."""
    if run.refused is None:
        return ""
    return declined(run, run.refused.code, run.refused.facts, run.refused.who)


def declined(run: Run, code: str, facts: Mapping[str, str], who: tuple[str, ...]) -> str:
    """Say in a sentence, to everyone, what the refusal of a run says."""
    said = {**facts, "person": run.origin.person}
    return sentence(Refusal(code=Code(code), facts=said, who=who))


def request_of(application: str, environment: str, wish: Wish) -> Deploy | Promote:
    """Answer the request that makes a wish."""
    if wish.promoted_from:
        return Promote(
            application=application,
            origin=wish.promoted_from,
            environment=environment,
            note=wish.note,
        )
    return Deploy(
        application=application,
        environment=environment,
        version=wish.version,
        images=dict(wish.images),
        commit=wish.commit,
        note=wish.note,
    )


def leave_button(run: Run) -> Button:
    """Answer the button that takes a run out of the line."""
    return Button(
        action="stop",
        label=_("Stop"),
        command=f"stop run:{run.id}",
        confirm=Confirm(
            title=_("Take it out of the line?"),
            text=_("{run} ends now. Nothing of it was delivered.", run=run.name),
            yes=_("Stop"),
            no=_("Let it wait"),
        ),
        described=_("Stop {run}, which has not begun", run=run.name),
    )


def again_buttons(run: Run) -> tuple[Button, ...]:
    """Answer the button that asks once more for what a run that never began was to deliver."""
    if run.wish is None:
        return ()
    command = unparse(request_of(run.application, run.environment, run.wish))
    if len(command) > LONGEST_COMMAND:
        return ()
    return (
        Button(
            action="again",
            label=_("Promote again") if run.wish.promoted_from else _("Deploy again"),
            command=command,
            described=_("Ask once more for what {run} was to deliver", run=run.name),
        ),
    )


def _when(run: Run) -> Line:
    return (Time(run.at, dated=True),) if run.at else (_("later"),)


def _ending(place: int) -> str:
    return "th" if place % 100 in {11, 12, 13} else _ENDINGS.get(place % 10, "th")
