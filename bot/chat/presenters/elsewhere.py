"""What is said where a run was asked for that is told in another conversation, of which nobody knows a name."""

from dataclasses import replace

from bot.chat.language import _, line
from bot.chat.message import Code, Message, Text
from bot.chat.presenters import replies
from bot.chat.presenters.lists import sentence
from bot.operations.results import Started


def accepted(result: Started) -> Message:
    """Say that a run is accepted and in whose group its card stands, and what can be said to nobody else."""
    place = result.run.plan.environment.name
    return replies.accepted(result, _("the group of {place}", place=place))


def with_place(said: Message, conversation: str) -> Message:
    """Say after who someone is where that was asked: the id by which an environment names a group."""
    if not conversation.startswith("cid"):
        return said
    group = line(
        "This group is {id}: an environment names it as dingtalk.group.", id=Code(conversation)
    )
    return replace(said, blocks=(*said.blocks, Text(lines=(group,), faint=True)))


def undeliverable(about: str, error: str, meanwhile: str) -> Message:
    """Tell the requester that a DingTalk group cannot be written to, what is the case `meanwhile`, and what to do."""
    said = _(
        "I cannot write about {about} to its group in DingTalk ({error}). {meanwhile} Add the robot to that group, and "
        "look whether the group's id in the environment's file is right.",
        about=about,
        error=error,
        meanwhile=meanwhile,
    )
    return sentence("warning", said)
