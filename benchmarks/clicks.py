"""What people wait for beside two hundred runs: until an approval's next step starts, and until what they asked is stored.

A command or a click is acknowledged once it is stored. The runs go as fast as they can, which is the worst that there is,
or their steps take a second each, as those of a deployment do at least.
"""

import asyncio
import statistics
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.report import row
from benchmarks.world import Workshop
from bot.chat.ports import Received
from bot.command.requests import Asker
from bot.events import PersonName, RunId
from bot.run.model import Run, RunPhase, StepPhase
from bot.run.stimuli import Approved

CLICKS = 100
BUSY = 200
KINDS = {"nothing": "that go as fast as they can", "second": "whose steps take a second"}


@dataclass(slots=True)
class Times:
    """Milliseconds."""

    started: list[float] = field(default_factory=list)
    stored: list[float] = field(default_factory=list)


async def keep_busy(workshop: Workshop, number: int, kind: str) -> None:
    """Let one run after another go through its steps, for as long as it is measured."""
    await asyncio.sleep(number / BUSY)  # not all in step
    turn = 0
    while True:
        turn += 1
        name = f"busy-{number}-{turn}"
        await workshop.engine.begin(await workshop.add(name, [kind] * 5))
        while not workshop.watcher.latest[RunId(f"run-{name}")].phase.ended:
            await asyncio.sleep(0.05)


async def ask(workshop: Workshop, name: str) -> float:
    """Store a command, and answer the milliseconds until Slack may hear that it has arrived."""
    asker = Asker(
        chat="slack", identity="U1", email="", channel="C1", via="command", request=f"slack:{name}"
    )
    begun = time.perf_counter()
    assert await workshop.store.inbox.receive(Received(asker=asker, text="approve run"))
    return (time.perf_counter() - begun) * 1000


async def click(workshop: Workshop, run: Run) -> float:
    """Approve, and answer the milliseconds until the next step has been started."""
    begun = time.perf_counter()
    answer = Approved(step="step-1", attempt=1, by=PersonName("sre"), roles=("sre",))
    changed = await workshop.engine.tell(run.id, answer)
    assert isinstance(changed, Run)
    assert changed.steps[1].phase is not StepPhase.PENDING
    return (time.perf_counter() - begun) * 1000


async def measured(folder: Path, kind: str) -> Times:
    """Click through runs that wait, beside others that are busy."""
    workshop = Workshop(folder)
    waiting = [await workshop.add(f"waits-{at}", ["wait", "nothing"]) for at in range(CLICKS)]
    for each in waiting:
        await workshop.engine.begin(each)
    while any(
        workshop.watcher.latest[each.id].phase is not RunPhase.SUSPENDING for each in waiting
    ):
        await asyncio.sleep(0.01)
    tasks = [asyncio.create_task(keep_busy(workshop, at, kind)) for at in range(BUSY)]
    await asyncio.sleep(2)
    times = Times()
    for each in waiting:
        times.stored.append(await ask(workshop, each.id))
        times.started.append(await click(workshop, each))
        await asyncio.sleep(0.02)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await workshop.close()
    return times


def p99(times: list[float]) -> str:
    """Say what one in a hundred takes longer than."""
    return f"{statistics.quantiles(times, n=100)[98]:.1f} ms"


async def main() -> None:
    """Measure and print."""
    for kind, which in KINDS.items():
        with tempfile.TemporaryDirectory(prefix="shipmate-bench-") as name:
            times = await measured(Path(name), kind)
        beside = f"beside {BUSY} runs {which}"
        what = f"an approval → the next step starts, {beside}"
        row(f"{what}: median", f"{statistics.median(times.started):.1f} ms", goal="under 20 ms")
        row(f"{what}: p99", p99(times.started))
        asked = f"a command → stored, and then acknowledged, {beside}: p99"
        row(asked, p99(times.stored), goal="under 200 ms")


if __name__ == "__main__":
    asyncio.run(main())
