"""What operations need from others besides the store: an engine that moves runs.

Ours is `bot.engine`; another one could hand a run to KubeVela's own controller. Nothing here says how.
"""

from typing import Protocol

from bot.events import RunId
from bot.run.model import Run
from bot.run.ports import Decide
from bot.run.stimuli import Stimulus
from bot.run.transitions import Ignored


class Engine(Protocol):
    """Moves runs: what it answers is stored."""

    async def begin(self, run: Run, decide: Decide) -> Run | None:
        """Let the turn of a run come that waits for it; answer the run after it, or None when it goes on waiting.

        `decide` says what its turn means; it is stored before it takes effect.
        """
        ...

    def noticed(self, run: Run) -> None:
        """Take notice of a run that was stored without the engine: a new one, or one that left the line."""
        ...

    async def tell(self, run_id: RunId, stimulus: Stimulus) -> Run | Ignored:
        """Let something happen to a run; answer the run after it, or why nothing changed."""
        ...
