"""Waits for what Terraform's controller makes of a `Configuration`, and says why it does not.

The controller tries again and again by itself, and goes on saying why the last try failed until the next one has ended. So
when a Configuration is delivered again that has failed before, the same words are no news for a while: as long as the
controller may pause between two tries. A cloud takes its time: what gets no further is given an hour.
"""

import asyncio
from collections.abc import Collection, Mapping

from bot.cluster.port import Applied, Clusters, Health
from bot.errors import Temporary
from bot.events import Log
from bot.run.model import Run
from bot.steps.contract import Failed
from bot.steps.following import OF_CLOUDS, Place
from bot.steps.progress import Board

PAUSE = 330.0
"""Seconds: the longest pause between two tries (the kubelet's, of five minutes), and some more."""
STUCK = ("Authorizing", "GeneratingTerraformOutputs")
"""States that may pass by themselves, but not for long: the Provider, or the place for the Secret, is not there."""
LINES = 20
WIDTH = 300


async def available(
    clusters: Clusters,
    place: Place,
    applied: Collection[Applied],
    before: Mapping[Applied, int],
    board: Board,
    run: Run,
) -> Failed | None:
    """Follow Configurations until their cloud resources are there; answer why that will not be, if so.

    `before` has the generations of those that were there before they were applied. Raises Temporary and Permanent.
    """
    if not applied:
        return None
    watch = _Watch(clusters, place, list(applied), board, run)
    again = {each for each, generation in before.items() if generation == each.generation}
    try:
        async with asyncio.timeout(PAUSE):
            return await watch.until_over(excused=again)
    except TimeoutError:
        return await watch.until_over()


class _Watch:
    """Some Configurations that are followed."""

    def __init__(
        self, clusters: Clusters, place: Place, applied: list[Applied], board: Board, run: Run
    ) -> None:
        self._clusters = clusters
        self._place = place
        self._applied = applied
        self._board = board
        self._run = run

    async def until_over(self, excused: Collection[Applied] | None = None) -> Failed | None:
        """Wait for the end; with `excused`, what these say at first is no verdict, nor is what may pass."""
        old: dict[Applied, str] | None = None
        told = self._clusters.follow(self._place.cluster, self._applied, patience=OF_CLOUDS)
        async for health in told:
            await self._board.show(self._place.name, health)
            if old is None:
                old = {each: health[each].failed for each in excused or ()}
            patient = excused is not None
            verdicts = {
                each: said
                for each, now in health.items()
                if (said := _verdict(now, patient=patient)) and said != old.get(each)
            }
            if verdicts:
                return self._failed(verdicts)
            if all(now.done for now in health.values()):
                return None
        raise Temporary(f"{self._place.cluster} stopped telling how far it is")

    def _failed(self, verdicts: Mapping[Applied, str]) -> Failed:
        names = {each: each.component or each.name for each in verdicts}
        lines = {each: list(_lines(said)) for each, said in verdicts.items()}
        said = "; ".join(f"{names[each]}: {lines[each][0]}" for each in verdicts)
        more = [
            f"{names[each]}: {line}" if len(verdicts) > 1 else line
            for each in verdicts
            for line in lines[each][1:]
        ]
        run = self._run
        log = None
        if len(more) > LINES:
            name = f"{run.application}-{run.environment}-{run.number}-terraform.log"
            log = Log(name=name, text="\n".join(more))
        return Failed(
            message=f"{said} (in {self._place.name})",
            retryable=False,
            details=tuple(line[:WIDTH] for line in more[:LINES]),
            log=log,
        )


def _verdict(health: Health, *, patient: bool) -> str:
    """Answer why a Configuration will not be there; empty as long as it may be."""
    stuck = health.note.startswith(STUCK) and not patient
    return health.failed or (health.note if stuck else "")


def _lines(said: str) -> list[str]:
    """Answer what a person reads of Terraform's words, the most important first."""
    found = [line.rstrip() for line in said.splitlines() if line.strip()]
    head = (found[0] if found else "it failed").strip()
    return [head if len(head) <= WIDTH else head[: WIDTH - 1] + "…", *found[1:]]
