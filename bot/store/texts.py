"""The documents of runs that move: what has not changed since the last change is not made into text again.

A change touches one or two steps of a run, however many it has, and leaves the others the same objects.
"""

from bot.events import RunId
from bot.run.model import Run, StepRun
from bot.run.timing import is_busy
from bot.store import codec

MOST = 10_000
"""Runs whose steps are kept as text. More are begun with anew, which only takes longer."""


class Texts:
    """The texts of the steps of runs that are under way, as they were last written. Used by one thread."""

    def __init__(self) -> None:
        self._written: dict[RunId, tuple[tuple[StepRun, ...], list[str]]] = {}

    def state(self, run: Run) -> str:
        """Answer all of a run but its plan, as `codec.write_state` does."""
        steps, texts = self._written.pop(run.id, ((), []))
        if len(steps) == len(run.steps):
            texts = [
                text if new is old else codec.write_step(new)
                for new, old, text in zip(run.steps, steps, texts, strict=True)
            ]
        else:
            texts = [codec.write_step(each) for each in run.steps]
        if is_busy(run):
            if len(self._written) >= MOST:
                self._written.clear()
            self._written[run.id] = (run.steps, texts)
        return codec.put_together(run, texts)
