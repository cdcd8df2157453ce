"""Who someone is to the bot, and what can be asked of it."""

from bot.chat.message import Block, Bold, Code, Divider, Line, Message, Text
from bot.chat.presenters.lists import listing
from bot.chat.presenters.words import with_commands
from bot.operations.results import HelpShown, Identity, Right, VerbHelp
from bot.policy.decisions import Action

CALLED = {Action.ROLLBACK: "roll back", Action.AUDIT: "read the audit log"}
"""Actions that people call otherwise."""


def identity(result: Identity) -> Message:
    """Say who someone is, and what they may do."""
    person = result.person
    rows: list[Line] = [
        (f"You are {person.name} ({person.email}), roles: {', '.join(person.roles) or 'none'}.",),
    ]
    rows += [_right(each) for each in result.rights] or [("You may look, and do nothing else.",)]
    return listing("Who you are to me", rows, "")


def _right(right: Right) -> Line:
    """Say all that someone may do in an environment, or otherwise with one application in it."""
    place = right.environment
    if right.application:
        place = f"{right.application} in {place}"
    may = ", ".join(CALLED.get(each, each.value) for each in right.actions)
    return (Bold(place), f": {may or 'look only'}")


def explained(result: HelpShown) -> Message:
    """Explain all verbs, or one."""
    if len(result.verbs) == 1:
        verb = result.verbs[0]
        lines: tuple[Line, ...] = (
            (Code(verb.form),),
            (verb.summary,),
            ("For example: ", Code(verb.example)),
        )
        return Message(summary=verb.summary, blocks=(Text(lines=lines),))
    blocks: list[Block] = [Text(lines=((Bold("What I can do"),),))]
    for group in dict.fromkeys(each.group for each in result.verbs):
        rows = [_in_short(each) for each in result.verbs if each.group == group]
        blocks.append(Text(lines=((Bold(group),), *rows)))
    how = (
        "Type them after /shipmate or @shipmate; /deploy, /rollback and /revisions work alone. "
        "`help deploy` explains one."
    )
    last = Text(lines=(with_commands(how),), faint=True)
    return Message(summary="What I can do", blocks=(*blocks, Divider(), last))


def _in_short(verb: VerbHelp) -> Line:
    """Say the first thing that a verb does: all of them are read on a phone."""
    said = verb.summary.partition(". ")[0].partition("; ")[0].rstrip(".")
    return (Code(verb.example), f" {said}")
