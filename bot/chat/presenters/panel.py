"""The run panel: a run's card for one person alone, with everything that can be done about it now."""

from dataclasses import replace

from bot.catalog.model import Catalog
from bot.chat.language import _
from bot.chat.message import Actions, Button, Confirm, Message, Text
from bot.chat.presenters.card import card
from bot.run.model import Run, RunPhase


def title() -> str:
    """Say what the panel is called."""
    return _("Run actions")


def panel(run: Run, catalog: Catalog) -> Message:
    """Show a run as its card does, and offer what a card has no room for, too."""
    shown = card(run, catalog)
    known = {
        button.command
        for block in shown.blocks
        if isinstance(block, Actions)
        for button in block.buttons
    }
    more = tuple(each for each in _rare(run) if each.command not in known)
    if more:
        return replace(shown, blocks=(*shown.blocks, Actions(buttons=more)))
    if known:
        return shown
    nothing = Text(lines=((_("There is nothing to be done about it now."),),))
    return replace(shown, blocks=(*shown.blocks, nothing))


def _rare(run: Run) -> tuple[Button, ...]:
    """Answer what people otherwise type."""
    if run.phase.ended and run.phase is not RunPhase.SUCCEEDED:
        return (_restart(run),)
    if not run.phase.ended and run.suspended_by is None:
        return (
            Button(
                action="pause",
                label=_("Pause"),
                command=f"pause run:{run.id}",
                described=_("Let {run} stand still", run=run.name),
            ),
        )
    return ()


def _restart(run: Run) -> Button:
    return Button(
        action="restart",
        label=_("Restart"),
        command=f"restart run:{run.id}",
        confirm=Confirm(
            title=_("Do all steps again?"),
            text=_("{run} begins anew from its first step.", run=run.name),
            yes=_("Restart"),
        ),
        described=_("Do all steps of {run} again", run=run.name),
    )
