"""The two simplest messages: one sentence with a symbol, and a title with rows."""

from bot.chat.message import Bold, Icon, Line, Message, Text
from bot.chat.presenters.words import with_commands

MOST = 12
"""Rows of a list, which keeps it within a message and a phone's patience."""


def sentence(icon: str, text: str) -> Message:
    """Say a sentence; what stands between backticks can be typed."""
    line: Line = (Icon(icon), " ", *with_commands(text))
    return Message(summary=text.replace("`", ""), blocks=(Text(lines=(line,)),))


def listing(title: str, rows: list[Line], empty: str) -> Message:
    """List rows below a title, as many as there is room for; `empty` says that there are none."""
    lines = tuple(rows[:MOST]) or ((empty,),)
    more: tuple[Line, ...] = ((f"… and {len(rows) - MOST} more",),) if len(rows) > MOST else ()
    return Message(summary=title, blocks=(Text(lines=((Bold(title),), *lines, *more)),))
