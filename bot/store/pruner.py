"""Removes in the background what is kept no more: when this process begins to lead, and every few hours as long as it does.

A batch at a time with a pause after each, so that whoever clicks meanwhile waits for one at most. Who dies in between
leaves whole batches behind; the next one goes on with the rest. Where an export is asked for a batch is written there
first, and as long as that fails nothing is removed.
"""

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Callable, Mapping

from bot.clock import Clock
from bot.errors import Permanent, TakenOver, Temporary
from bot.retention import Retention
from bot.store.exporting import Export
from bot.store.history import StoredHistory
from bot.store.pruning import Sweep

log = logging.getLogger(__name__)

EVERY = 6 * 3600.0
AGAIN = 600.0
"""Seconds until the next try after one that failed."""
PAUSE = 0.1
"""Seconds after each batch."""

Pruned = Callable[[Mapping[str, int]], None]
"""Is told how many rows of which table are gone; must not fail."""


class Pruner:
    """The broom of one process."""

    def __init__(
        self,
        *,
        history: StoredHistory,
        rules: Retention,
        clock: Clock,
        export: Export | None = None,
        pruned: Pruned = lambda _counts: None,
        failed: Callable[[], None] = lambda: None,
        pause: float = PAUSE,
    ) -> None:
        """`failed` is told when a pass could not be finished."""
        self._history = history
        self._rules = rules
        self._clock = clock
        self._export = export
        self._pruned = pruned
        self._failed = failed
        self._pause = pause
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin with a pass at once."""
        self._task = asyncio.create_task(self._loop(), name="pruner")

    async def stop(self) -> None:
        """End; a batch that is under way is removed as a whole or not at all."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def prune(self) -> Mapping[str, int]:
        """Go over everything once; answer how many rows of which table are gone. Raises what the store and the export raise."""
        gone: Counter[str] = Counter()
        sweep = Sweep(self._rules, self._clock.now())
        while (batch := await self._history.next(sweep)) is not None:
            if not batch.counts:
                continue
            if self._export is not None:
                await asyncio.to_thread(self._export.write, batch.rows, self._clock.now())
            removed = await self._history.remove(batch)
            self._pruned(removed)
            gone.update(removed)
            await asyncio.sleep(self._pause)
        return gone

    async def _loop(self) -> None:
        while True:
            wait = EVERY
            try:
                gone = await self.prune()
            except TakenOver:
                return
            except (Temporary, Permanent) as error:
                self._failed()
                log.warning(
                    "what is kept no more could not be removed, and stays for now: %s", error
                )
                wait = AGAIN
            except (
                Exception
            ):  # the named boundary: a mistake of ours removes nothing, and stops nothing else
                self._failed()
                log.exception("what is kept no more could not be removed")
                wait = AGAIN
            else:
                if gone:
                    log.info("removed what is kept no more: %s", in_words(gone))
            await asyncio.sleep(wait * random.uniform(0.8, 1.2))  # noqa: S311 - so that not all do it at the same time


def in_words(counts: Mapping[str, int]) -> str:
    """Write `120 runs, 3400 events`."""
    return ", ".join(f"{count} {table}" for table, count in counts.items())
