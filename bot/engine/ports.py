"""What the engine needs from others besides the store: to be woken, and to say that a run has changed."""

from datetime import datetime
from typing import Protocol

from bot.events import RunId
from bot.run.model import Run


class Alarms(Protocol):
    """Wakes runs by the clock. Implemented by `bot.schedule`."""

    def set(self, run: RunId, at: datetime | None) -> None:
        """Wake `run` at `at`, in place of any earlier wish; None: not at all."""
        ...


class Observer(Protocol):
    """Is told of every stored change, at once and in order; must not fail and must not wait."""

    def changed(self, run: Run, *, announced: bool) -> None:
        """`run` was stored; `announced`: together with events, not only with progress."""
        ...


class Both:
    """Two observers, told one after the other."""

    def __init__(self, first: Observer, second: Observer) -> None:
        self._first = first
        self._second = second

    def changed(self, run: Run, *, announced: bool) -> None:
        """Tell both."""
        self._first.changed(run, announced=announced)
        self._second.changed(run, announced=announced)
