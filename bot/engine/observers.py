"""Tells several observers of a stored change."""

from bot.engine.ports import Observer
from bot.run.model import Run


class Observers:
    """One observer that stands for several, told in the order in which they came."""

    def __init__(self, *observers: Observer) -> None:
        self._observers = list(observers)

    def add(self, observer: Observer) -> None:
        """Tell this one, too, from now on."""
        self._observers.append(observer)

    def changed(self, run: Run, *, announced: bool) -> None:
        """Tell all of them."""
        for each in self._observers:
            each.changed(run, announced=announced)
