"""What is said of what Shipmate does not know: of another version, of another app, or of no use where it was tried."""

from bot.chat.language import _, line, one_after_the_other
from bot.chat.message import Code, Icon, Message, Text
from bot.chat.presenters.lists import following
from bot.command.requests import Misunderstood

HELP = "/shipmate help"


def unknown_command(name: str) -> Message:
    """Say that a slash command of the app is not one of this Shipmate's."""
    return _said(_("This Shipmate does not know the command {name}.", name=name))


def unknown_button() -> Message:
    """Say that a button carries no request."""
    return _said(_("This Shipmate does not know that button; another version may have made it."))


def old_button(problem: Misunderstood) -> Message:
    """Say that a button carries a request that cannot be read any more."""
    said = _("This button was made by another version of Shipmate and does nothing any more.")
    return _said(one_after_the_other(said, _(problem.problem)))


def unknown_form() -> Message:
    """Say that a form was filled in that nobody here has opened."""
    return _said(_("This Shipmate does not know that form; nothing was changed."))


def unknown_shortcut() -> Message:
    """Say that a shortcut of the app is not one of this Shipmate's."""
    return _said(_("This Shipmate does not know that shortcut."))


def no_run_card() -> Message:
    """Say that a message is about no run."""
    return _said(
        _(
            "This message is about no run of mine, or about one that is not kept any more. "
            "Use the shortcut on a run card."
        )
    )


def done() -> Message:
    """Say in a form that what was asked is done, and that the card has the rest."""
    said = _("Done. The run card shows what comes of it.")
    return Message(summary=said, blocks=(Text(lines=((Icon("done"), f" {said}"),)),))


def left() -> Message:
    """Say in a form that a question was left unanswered."""
    said = _("Nothing was changed.")
    return Message(summary=said, blocks=(Text(lines=((Icon("skipped"), f" {said}"),)),))


def _said(text: str) -> Message:
    more = line("{help} says what there is.", help=Code(HELP))
    return Message(
        summary=one_after_the_other(text, _("{help} says what there is.", help=HELP)),
        blocks=(Text(lines=((Icon("warning"), " ", *following((text,), more)),)),),
    )
