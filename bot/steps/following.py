"""Waits until what was applied is there, and says why it will not be: what all steps that write to clusters share."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from bot.cluster.port import Applied, Clusters, Explanation
from bot.errors import Temporary
from bot.events import Log
from bot.rendering.cloud.configurations import GROUP
from bot.run.model import Run
from bot.steps.contract import Failed
from bot.steps.progress import Board

OF_CLOUDS = 3600.0
"""The databases of some clouds take half an hour, and say nothing meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a step follows something: a cluster, and what people call the place."""

    cluster: str
    name: str
    target: str = ""
    """The target that it is; empty: the control cluster, which is none."""


PATIENCE = 600.0
"""Seconds after which what gets no further has failed."""


LINES = 20


async def followed(
    clusters: Clusters,
    place: Place,
    applied: Sequence[Applied],
    board: Board,
    run: Run,
    *,
    patience: float | None = None,
    succeeded: Callable[[Sequence[Applied]], Awaitable[None]] | None = None,
) -> Failed | None:
    """Follow objects until all are done; answer why that will not be, if so.

    `patience`: after so many seconds what gets no further has failed; None: as is usual for what is followed. `succeeded`
    hears of Jobs as soon as they have: what else is followed may fail, and their cluster may forget them.
    """
    if not applied:
        return None
    heard: set[Applied] = set()
    async for health in clusters.follow(
        place.cluster, applied, patience=patience or _patience(applied)
    ):
        await board.show(place.name, health)
        over = [each for each, now in health.items() if each.kind == "Job" and now.done]
        if succeeded is not None and (news := [each for each in over if each not in heard]):
            await succeeded(news)
            heard.update(news)
        hopeless = [each for each, now in health.items() if now.failed]
        if hopeless:
            why = await clusters.explain(place.cluster, hopeless)
            verdicts = {each: health[each].failed.splitlines() for each in hopeless}
            said = "; ".join(f"{_title(each)}: {lines[0]}" for each, lines in verdicts.items())
            more = (line for lines in verdicts.values() for line in lines[1:] if line.strip())
            return Failed(
                message=f"{said} (in {place.name})",
                retryable=False,
                details=(*more, *why.lines)[:LINES],
                log=log_of(run, place, why),
            )
        if all(now.done for now in health.values()):
            return None
    raise Temporary(f"{place.cluster} stopped telling how far it is")


def _patience(applied: Sequence[Applied]) -> float:
    """Answer for how many seconds nothing has to get further until it has failed."""
    clouds = any(each.ref.group == GROUP for each in applied)
    return OF_CLOUDS if clouds else PATIENCE


def log_of(run: Run, place: Place, said: Explanation) -> Log | None:
    """Make a file of what is too long for a message; None when nothing is."""
    if not said.log:
        return None
    name = f"{run.application}-{run.environment}-{run.number}-{place.name}"
    return Log(name=f"{name}.log", text=said.log)


def _title(applied: Applied) -> str:
    return applied.component or applied.name
