"""The two simplest messages, a sentence with a symbol and a title with rows, and what stands after each other in them."""

from collections.abc import Iterable

from bot.chat.language import BETWEEN_SENTENCES, _, spoken
from bot.chat.message import Bold, Icon, Line, Message, Text
from bot.chat.presenters.words import with_commands

MOST = 12
"""Rows of a list, which keeps it within a message and a phone's patience."""


def sentence(icon: str, text: str) -> Message:
    """Say a sentence; what stands between backticks can be typed."""
    said: Line = (Icon(icon), " ", *with_commands(text))
    return Message(summary=text.replace("`", ""), blocks=(Text(lines=(said,)),))


def listing(title: str, rows: list[Line], empty: str) -> Message:
    """List rows below a title, as many as there is room for; `empty` says that there are none."""
    lines = tuple(rows[:MOST]) or ((empty,),)
    left = len(rows) - MOST
    more: tuple[Line, ...] = ((_("… and {n} more", n=left),),) if left > 0 else ()
    return Message(summary=title, blocks=(Text(lines=((Bold(title),), *lines, *more)),))


def listed(names: Iterable[str]) -> str:
    """Write names one after the other: `dev, sre`; empty when there is none."""
    return _(", ").join(names)


def either(names: Iterable[str]) -> str:
    """Write names of which one is meant: `staging or prod`; empty when there is none."""
    return _(" or ").join(names)


def following(first: Line, *others: Line) -> Line:
    """Put sentences with marked-up parts one after the other; empty ones are left out."""
    gap = BETWEEN_SENTENCES.get(spoken(), "")
    said = first
    for each in others:
        if each:
            said = (*said, gap, *each) if gap else (*said, *each)
    return said
