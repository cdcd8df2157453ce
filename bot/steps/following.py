"""Waits until what was applied is there, and says why it will not be: what all steps that write to clusters share."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.cluster.port import Applied, Clusters, Explanation
from bot.errors import Temporary
from bot.events import Log
from bot.run.model import Run
from bot.steps.contract import Failed
from bot.steps.progress import Board


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a step follows something: a cluster, and what people call the place."""

    cluster: str
    name: str


PATIENCE = 600.0
"""Seconds after which what gets no further has failed."""


async def followed(
    clusters: Clusters,
    place: Place,
    applied: Sequence[Applied],
    board: Board,
    run: Run,
    *,
    patience: float = PATIENCE,
) -> Failed | None:
    """Follow objects until all are done; answer why that will not be, if so."""
    if not applied:
        return None
    async for health in clusters.follow(place.cluster, applied, patience=patience):
        await board.show(place.name, health)
        hopeless = [each for each, now in health.items() if now.failed]
        if hopeless:
            why = await clusters.explain(place.cluster, hopeless)
            said = "; ".join(f"{_title(each)}: {health[each].failed}" for each in hopeless)
            return Failed(
                message=f"{said} (in {place.name})",
                retryable=False,
                details=why.lines,
                log=log_of(run, place, why),
            )
        if all(now.done for now in health.values()):
            return None
    raise Temporary(f"{place.cluster} stopped telling how far it is")


def log_of(run: Run, place: Place, said: Explanation) -> Log | None:
    """Make a file of what is too long for a message; None when nothing is."""
    if not said.log:
        return None
    name = f"{run.application}-{run.environment}-{run.number}-{place.name}"
    return Log(name=f"{name}.log", text=said.log)


def _title(applied: Applied) -> str:
    return applied.component or applied.name
