"""What has happened, as the one who leads prunes it: looks on the readers' connections, removals among the other writes."""

from collections.abc import Mapping

from bot.store.pruning import Batch, Sweep
from bot.store.writer import Database


class StoredHistory:
    """Looks and removes, each in a transaction of its own."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def next(self, sweep: Sweep) -> Batch | None:
        """Let a sweep look at some rows more."""
        return await self._database.read(sweep.next)

    async def remove(self, batch: Batch) -> Mapping[str, int]:
        """Remove a batch; answer how many rows of which table. Raises TakenOver when this process leads no more."""
        return await self._database.write(batch.remove)
