"""What is said where a run was asked for that is told in another conversation, of which nobody knows a name."""

from dataclasses import replace

from bot.chat.message import Code, Icon, Line, Message, Text
from bot.chat.presenters.lists import sentence
from bot.chat.presenters.replies import beside
from bot.chat.presenters.waiting import where
from bot.operations.results import Started


def accepted(result: Started) -> Message:
    """Say that a run is accepted and in whose group its card stands, and what can be said to nobody else."""
    run = result.run
    place = run.plan.environment.name
    said: Line = (" has started",)
    if run.waits and result.standing is not None and not result.standing.is_up:
        said = (": ", *where(run, result.standing))
    line: Line = (Icon("ship"), f" {run.name}", *said, f"; follow it in the group of {place}.")
    warned = beside(result)
    more = warned.blocks if warned is not None else ()
    return Message(
        summary=f"{run.name} is accepted, see the group of {place}",
        blocks=(Text(lines=(line,)), *more),
    )


def with_place(said: Message, conversation: str) -> Message:
    """Say after who someone is where that was asked: the id by which an environment names a group."""
    if not conversation.startswith("cid"):
        return said
    line: Line = (
        "This group is ",
        Code(conversation),
        ": an environment names it as dingtalk.group.",
    )
    return replace(said, blocks=(*said.blocks, Text(lines=(line,), faint=True)))


def undeliverable(about: str, error: str, meanwhile: str) -> Message:
    """Tell the requester that a DingTalk group cannot be written to, what is the case `meanwhile`, and what to do."""
    return sentence(
        "warning",
        f"I cannot write about {about} to its group in DingTalk ({error}). {meanwhile} Add the robot to that group, and "
        "look whether the group's id in the environment's file is right.",
    )
