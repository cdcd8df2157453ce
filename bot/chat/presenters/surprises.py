"""What is said of what Shipmate does not know: of another version, of another app, or of no use where it was tried."""

from bot.chat.message import Code, Icon, Message, Text
from bot.command.requests import Misunderstood

HELP = "/shipmate help"


def unknown_command(name: str) -> Message:
    """Say that a slash command of the app is not one of this Shipmate's."""
    return _said(f"This Shipmate does not know the command {name}.")


def unknown_button() -> Message:
    """Say that a button carries no request."""
    return _said("This Shipmate does not know that button; another version may have made it.")


def old_button(problem: Misunderstood) -> Message:
    """Say that a button carries a request that cannot be read any more."""
    said = "This button was made by another version of Shipmate and does nothing any more."
    return _said(f"{said} {problem.problem}")


def unknown_form() -> Message:
    """Say that a form was filled in that nobody here has opened."""
    return _said("This Shipmate does not know that form; nothing was changed.")


def unknown_shortcut() -> Message:
    """Say that a shortcut of the app is not one of this Shipmate's."""
    return _said("This Shipmate does not know that shortcut.")


def no_run_card() -> Message:
    """Say that a message is about no run."""
    return _said("This message is about no run of mine. Use the shortcut on a run card.")


def done() -> Message:
    """Say in a form that what was asked is done, and that the card has the rest."""
    said = "Done. The run card shows what comes of it."
    return Message(summary=said, blocks=(Text(lines=((Icon("done"), f" {said}"),)),))


def left() -> Message:
    """Say in a form that a question was left unanswered."""
    said = "Nothing was changed."
    return Message(summary=said, blocks=(Text(lines=((Icon("skipped"), f" {said}"),)),))


def _said(text: str) -> Message:
    line = (Icon("warning"), f" {text} ", Code(HELP), " says what there is.")
    return Message(summary=f"{text} {HELP} says what there is.", blocks=(Text(lines=(line,)),))
