"""The same work by DBOS: workflows of steps that do nothing, kept in the database that is named.

A process of its own: `python -m benchmarks.dbos_peer URL RUNS STEPS ALONE` prints the steps a second of many
workflows at once and of one alone.
"""

import asyncio
import logging
import sys
import time

from dbos import DBOS, DBOSConfig


@DBOS.step()
async def nothing() -> None:
    """Do nothing, durably."""


@DBOS.workflow()
async def workflow(steps: int) -> None:
    """Do nothing so many times."""
    for _ in range(steps):
        await nothing()


async def measure(runs: int, steps: int, alone: int) -> tuple[float, float]:
    """Answer the steps a second of many at once and of one alone."""
    begun = time.perf_counter()
    handles = [await DBOS.start_workflow_async(workflow, steps) for _ in range(runs)]
    for each in handles:
        await each.get_result()
    many = runs * steps / (time.perf_counter() - begun)
    begun = time.perf_counter()
    await (await DBOS.start_workflow_async(workflow, alone)).get_result()
    return many, alone / (time.perf_counter() - begun)


async def main() -> None:
    """Start DBOS on the database and measure it."""
    url, runs, steps, alone = sys.argv[1], *map(int, sys.argv[2:5])
    config: DBOSConfig = {"name": "bench", "system_database_url": url, "run_admin_server": False}
    DBOS(config=config)
    logging.getLogger("dbos").setLevel(logging.ERROR)
    DBOS.launch()
    many, one = await measure(runs, steps, alone)
    print(f"{many} {one}")
    DBOS.destroy()


if __name__ == "__main__":
    asyncio.run(main())
