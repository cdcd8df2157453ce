"""From an approval that arrives to the next step's start, beside two hundred runs that are busy."""

import asyncio
import statistics
import tempfile
import time
from pathlib import Path

from benchmarks.report import row
from benchmarks.world import Workshop
from bot.events import PersonName, RunId
from bot.run.model import Run, RunPhase, StepPhase
from bot.run.stimuli import Approved

CLICKS = 100
BUSY = 200


async def keep_busy(workshop: Workshop, number: int) -> None:
    """Let one run after another go through its steps, for as long as it is measured."""
    turn = 0
    while True:
        turn += 1
        name = f"busy-{number}-{turn}"
        await workshop.engine.begin(await workshop.add(name, ["nothing"] * 5))
        while not workshop.watcher.latest[RunId(f"run-{name}")].phase.ended:
            await asyncio.sleep(0.05)


async def click(workshop: Workshop, run: Run) -> float:
    """Approve, and answer the milliseconds until the next step has been started."""
    begun = time.perf_counter()
    answer = Approved(step="step-1", attempt=1, by=PersonName("sre"), roles=("sre",))
    changed = await workshop.engine.tell(run.id, answer)
    assert isinstance(changed, Run)
    assert changed.steps[1].phase is not StepPhase.PENDING
    return (time.perf_counter() - begun) * 1000


async def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="shipmate-bench-") as name:
        workshop = Workshop(Path(name))
        waiting = [await workshop.add(f"waits-{at}", ["wait", "nothing"]) for at in range(CLICKS)]
        for each in waiting:
            await workshop.engine.begin(each)
        while any(
            workshop.watcher.latest[each.id].phase is not RunPhase.SUSPENDING for each in waiting
        ):
            await asyncio.sleep(0.01)
        tasks = [asyncio.create_task(keep_busy(workshop, at)) for at in range(BUSY)]
        await asyncio.sleep(1)
        times = []
        for each in waiting:
            times.append(await click(workshop, each))
            await asyncio.sleep(0.02)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await workshop.close()
    what = f"an approval → the next step starts, beside {BUSY} busy runs"
    row(f"{what}: median", f"{statistics.median(times):.1f} ms", goal="under 20 ms")
    row(f"{what}: p99", f"{statistics.quantiles(times, n=100)[98]:.1f} ms")


if __name__ == "__main__":
    asyncio.run(main())
