"""What is said where a run was asked for that is told in another conversation, of which nobody knows a name."""

from bot.chat.language import _
from bot.chat.message import Message
from bot.chat.presenters import replies
from bot.operations.results import Started


def accepted(result: Started) -> Message:
    """Say that a run is accepted and in whose group its card stands, and what can be said to nobody else."""
    place = result.run.plan.environment.name
    return replies.accepted(result, _("the group of {place}", place=place))
