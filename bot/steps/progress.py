"""How far a step is with what it follows, on several targets at once: one list for the card, told when it changes."""

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
        self._said = ""

    async def show(self, place: str, health: Mapping[Applied, Health]) -> None:
        """Tell how far everything in a place is, if that is news."""
        found = tuple(self._named(place, each) for each in progress_of(health))
        if found != self._places.get(place) or self._said:
            self._places[place] = found
            await self.say("")

    async def say(self, message: str) -> None:
        """Tell what keeps all of it from getting on, beside how far it is; empty: nothing."""
        self._said = message
        await self._report([each for said in self._places.values() for each in said], message)

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
