"""What operations need from others besides runs: an engine that moves them, locks, and the audit log.

Our engine is `bot.engine`; another one could hand a run to KubeVela's own controller. Nothing here says how. Locks and
the log are kept by `bot.store`.
"""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Protocol

from bot.events import RunId
from bot.operations.results import Audited
from bot.run.locks import Lock, LockChange
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


class Locks(Protocol):
    """Keeps the locks of environments, one for each place, and what became of them."""

    async def there_are(self, environment: str = "") -> list[Lock]:
        """Load the locks that nobody has lifted, expired ones among them; without a name those of all environments."""
        ...

    async def change(
        self,
        environment: str,
        application: str,
        decide: Callable[[Lock | None], LockChange | None],
        *,
        request: str,
    ) -> tuple[LockChange | None, Lock | None]:
        """Make the change that `decide` answers for the lock of a place, or none when it answers None.

        Answers the change, and the lock as it was before. `decide` is pure and quick; it is called inside the
        transaction. `request` is the id of the request behind it: the change that it has already made is answered again.
        """
        ...


class AuditLog(Protocol):
    """Keeps what was asked and what was answered."""

    async def lines(
        self,
        limit: int = 100,
        *,
        application: str = "",
        environments: Collection[str] | None = None,
        person: str = "",
        since: datetime | None = None,
    ) -> list[Audited]:
        """Load the newest lines, newest first; of what is named only. `environments` None: also lines of none."""
        ...
