"""Ten thousand runs that wait for a person: memory each, processor time while idle, time to be ready again."""

import asyncio
import resource
import tempfile
import time
from pathlib import Path

from benchmarks.world import Workshop
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
        workshop.watcher.changed = lambda *_, **__: None  # type: ignore[method-assign] # it would keep the runs alive
        before, begun = memory(), time.perf_counter()
        found = await workshop.engine.recover()
        ready = time.perf_counter() - begun
        each = (memory() - before) / RUNS
        used = time.process_time()
        await asyncio.sleep(IDLE)
        idle = (time.process_time() - used) / IDLE
        await workshop.close()
    print(f"\n{found:,} suspended runs")
    print(f"  ready after                  {ready:10.2f} s")
    print(f"  memory each                  {each / 1000:10.1f} KB")
    print(f"  processor time while idle    {idle:10.1%}")


if __name__ == "__main__":
    asyncio.run(main())
