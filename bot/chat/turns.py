"""Whose turn it is to speak, in one round: the order within a thread is kept, and an approval is let through. Pure.

A message that has to wait holds back what comes after it in its thread, so that nothing overtakes it. A thread in
which an approval is still to be asked for may use the reserve, with all that has to be said before it.
"""

from collections.abc import Iterable

from bot.chat.ports import Kind, Shown
from bot.events import RunId


class Turns:
    """One round over the messages that are to be shown, in the order in which they are to stand."""

    def __init__(self, messages: Iterable[Shown]) -> None:
        self._urgent = {each.run for each in messages if each.kind is Kind.APPROVAL and not each.ts}
        self._waits: dict[RunId, float] = {}

    def urgent(self, message: Shown) -> bool:
        """Say whether a message may use the reserve: someone's answer depends on it."""
        return message.run in self._urgent

    def behind(self, message: Shown) -> float:
        """Answer the seconds that a message has to wait for one before it in its thread, or 0."""
        return self._waits.get(message.run, 0.0) if _new_in_thread(message) else 0.0

    def waited(self, message: Shown, wait: float) -> None:
        """Take notice that a message has to wait so many seconds."""
        if wait > 0 and _new_in_thread(message):
            self._waits.setdefault(message.run, wait)


def _new_in_thread(message: Shown) -> bool:
    return message.in_thread and not message.ts
