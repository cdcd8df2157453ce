"""A store that goes away for a moment, after it has done what was asked: the answer is what gets lost."""

from typing_extensions import override

from bot.errors import Temporary
from bot.store.database import Store
from bot.store.web import StoredRequests
from bot.web.ports import Incoming, Known


class Shaky(StoredRequests):
    """The real requests of a store; of those calls that are in `away` the answer does not arrive."""

    def __init__(self, store: Store) -> None:
        super().__init__(store.requests._database, store.requests._clock)
        self.away: set[str] = set()

    @override
    async def begin(self, incoming: Incoming) -> Known:
        known = await super().begin(incoming)
        self._lose("begin")
        return known

    @override
    async def look(self, known: Known) -> Known:
        found = await super().look(known)
        self._lose("look")
        return found

    @override
    async def take_back(self, known: Known) -> bool:
        taken = await super().take_back(known)
        self._lose("take_back")
        return taken

    def _lose(self, call: str) -> None:
        if call in self.away:
            raise Temporary("the store is away")
