"""How far a step is with what it follows, on several targets at once: one list for the card, told when it changes."""

import asyncio
import math
from collections.abc import Mapping

from bot.cluster.health import is_done_at_once
from bot.cluster.port import Applied, Health
from bot.run.model import Progress
from bot.steps.contract import Report


class Board:
    """What the card shows of one step. `several`: what is followed lies in several places, which are named."""

    def __init__(self, report: Report, *, several: bool) -> None:
        self._report = report
        self._several = several
        self._places: dict[str, tuple[Progress, ...]] = {}
        self._said: dict[str, str] = {}
        self._shown: dict[str, float] = {}
        self._told: tuple[list[Progress], str] | None = None

    async def show(self, place: str, health: Mapping[Applied, Health]) -> None:
        """Tell how far everything in a place is, if that is news: nothing keeps it from getting on any more."""
        self._shown[place] = asyncio.get_running_loop().time()
        self._places[place] = tuple(self._named(place, each) for each in progress_of(health))
        self._said.pop(place, None)
        await self._tell()

    async def say(self, place: str, message: str) -> None:
        """Tell what keeps a place from getting on, beside how far all are, if that is news."""
        self._said[place] = message
        await self._tell()

    async def clear(self, place: str) -> None:
        """Say no more what kept a place from getting on."""
        if self._said.pop(place, ""):
            await self._tell()

    def shown_at(self, place: str) -> float:
        """Answer when it was last heard how far a place is, by the clock of the event loop; -inf: never."""
        return self._shown.get(place, -math.inf)

    async def _tell(self) -> None:
        found = [each for shown in self._places.values() for each in shown]
        message = "; ".join(dict.fromkeys(self._said.values()))
        if (found, message) != self._told:
            self._told = (found, message)
            await self._report(found, message)

    def _named(self, place: str, progress: Progress) -> Progress:
        return progress._replace(name=f"{place} {progress.name}") if self._several else progress


def progress_of(health: Mapping[Applied, Health]) -> tuple[Progress, ...]:
    """Answer how far each component is; what is there as soon as it is accepted says nothing."""
    waited = [each for each in health if not is_done_at_once(each.api_version, each.kind)]
    names = [each.component or each.name for each in waited]
    return tuple(
        Progress(
            name if names.count(name) == 1 else f"{each.kind} {each.name}",
            health[each].ready,
            health[each].wanted,
            health[each].note,
        )
        for name, each in zip(names, waited, strict=True)
    )
