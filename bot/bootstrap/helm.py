"""The engine of whoever leads, as operations see it on every replica."""

from collections.abc import Callable

from bot.engine.engine import Engine
from bot.errors import TakenOver
from bot.events import RunId
from bot.run.model import Run
from bot.run.ports import Decide
from bot.run.stimuli import Stimulus
from bot.run.transitions import Ignored


class Helm:
    """Hands on to the engine of this replica while it leads. Raises TakenOver while it does not."""

    def __init__(self) -> None:
        self._engine: Engine | None = None
        self._look: Callable[[], None] = lambda: None

    def take(self, engine: Engine, look: Callable[[], None]) -> None:
        """Hand on to `engine`, and to `look` what is said of locks."""
        self._engine, self._look = engine, look

    def let_go(self) -> None:
        """Hand on to nobody."""
        self._engine, self._look = None, lambda: None

    async def begin(self, run: Run, decide: Decide) -> Run | None:
        """Let the turn of a run come that waits for it."""
        return await self._here().begin(run, decide)

    def noticed(self, run: Run) -> None:
        """Take notice of a run that was stored without the engine; whoever leads next finds it in the store."""
        if self._engine is not None:
            self._engine.noticed(run)

    async def tell(self, run_id: RunId, stimulus: Stimulus) -> Run | Ignored:
        """Let something happen to a run."""
        return await self._here().tell(run_id, stimulus)

    def announce(self) -> None:
        """Take notice that a lock was changed."""
        self._look()

    def _here(self) -> Engine:
        if self._engine is None:
            raise TakenOver("another replica leads")
        return self._engine
