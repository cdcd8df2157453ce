"""Ten thousand runs that wait for a person: memory each, processor time while idle, time to be ready again."""

import asyncio
import resource
import tempfile
import time
from pathlib import Path

from benchmarks.report import row
from benchmarks.world import Workshop
from bot.events import RunId
from bot.run.model import RunPhase

RUNS = 10_000
IDLE = 3.0


async def fill(folder: Path) -> None:
    """Bring the runs to where they wait."""
    workshop = Workshop(folder)
    for first in range(0, RUNS, 500):
        names = [f"app-{at}" for at in range(first, first + 500)]
        runs = await asyncio.gather(*(workshop.add(each, ["wait"]) for each in names))
        await asyncio.gather(*(workshop.engine.begin(each) for each in runs))
    while any(each.phase is not RunPhase.SUSPENDING for each in workshop.watcher.latest.values()):
        await asyncio.sleep(0.01)
    await workshop.close()


def memory() -> int:
    """Answer the bytes that this process occupies now."""
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * resource.getpagesize()


async def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="shipmate-bench-") as name:
        await fill(Path(name))
        workshop = Workshop(Path(name))
        told: set[RunId] = set()
        workshop.watcher.changed = lambda run, **_: told.add(run.id)  # type: ignore[method-assign] # it would keep the runs alive
        before, begun = memory(), time.perf_counter()
        found = await workshop.engine.recover()
        ready = time.perf_counter() - begun
        while len(told) < RUNS:
            await asyncio.sleep(0.01)
        looked = time.perf_counter() - begun
        each = (memory() - before) / RUNS
        used = time.process_time()
        await asyncio.sleep(IDLE)
        idle = (time.process_time() - used) / IDLE
        await workshop.close()
    what = f"{found:,} suspended runs"
    row(f"{what}: ready after the start", f"{ready:.2f} s", goal="under 2 s")
    row(f"{what}: each was looked at after", f"{looked:.2f} s")
    row(f"{what}: memory each", f"{each / 1000:.1f} KB", goal="under 5 KB")
    row(f"{what}: processor time while idle", f"{idle:.1%}", goal="none")


if __name__ == "__main__":
    asyncio.run(main())
