"""Who someone is to the bot, and what can be asked of it."""

import re

from bot.chat.language import _, line
from bot.chat.message import Block, Bold, Code, Divider, Line, Message, Text
from bot.chat.presenters.lists import listed, listing
from bot.chat.presenters.rights import called
from bot.chat.presenters.words import with_commands
from bot.operations.results import HelpShown, Identity, Right, VerbHelp

FIRST_THING = re.compile(r"\. |; |。|；")
"""What stands behind the first thing that a summary says, in either language."""


def identity(result: Identity) -> Message:
    """Say who someone is, and what they may do."""
    person = result.person
    roles = listed(person.roles) or _("none")
    said = _(
        "You are {name} ({email}), roles: {roles}.",
        name=person.name,
        email=person.email,
        roles=roles,
    )
    rights = [_right(each) for each in result.rights]
    rows: list[Line] = [(said,), *(rights or [(_("You may look, and do nothing else."),)])]
    return listing(_("Who you are to me"), rows, "")


def _right(right: Right) -> Line:
    """Say all that someone may do in an environment, or otherwise with one application in it."""
    place = right.environment
    if right.application:
        place = _(
            "{application} in {environment}", application=right.application, environment=place
        )
    may = listed(called(each) for each in right.actions) or _("look only")
    return line("{place}: {what}", place=Bold(place), what=may)


def explained(result: HelpShown) -> Message:
    """Explain all verbs, or one."""
    if len(result.verbs) == 1:
        verb = result.verbs[0]
        lines: tuple[Line, ...] = (
            (Code(verb.form),),
            (_(verb.summary),),
            line("For example: {example}", example=Code(verb.example)),
        )
        return Message(summary=_(verb.summary), blocks=(Text(lines=lines),))
    title = _("What I can do")
    blocks: list[Block] = [Text(lines=((Bold(title),),))]
    for group in dict.fromkeys(each.group for each in result.verbs):
        rows = [_in_short(each) for each in result.verbs if each.group == group]
        blocks.append(Text(lines=((Bold(_(group)),), *rows)))
    how = _(
        "Type them after /shipmate or @shipmate; /deploy, /rollback and /revisions work alone. "
        "`help deploy` explains one."
    )
    last = Text(lines=(with_commands(how),), faint=True)
    return Message(summary=title, blocks=(*blocks, Divider(), last))


def _in_short(verb: VerbHelp) -> Line:
    """Say the first thing that a verb does: all of them are read on a phone."""
    said = FIRST_THING.split(_(verb.summary), maxsplit=1)[0].rstrip(".")
    return (Code(verb.example), f" {said}")
