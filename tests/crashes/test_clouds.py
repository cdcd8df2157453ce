"""A cloud database while the bot dies: one Configuration, the Secret in both places, and its values in no row of the store."""

from asyncio.subprocess import Process
from pathlib import Path

from tests.crashes.lives import Lives, People, a_nursery
from tests.scenarios.clouds import (
    CONFIGURATION,
    COPY,
    ORIGINAL,
    Clusters,
    forms,
    stored,
    told,
    with_a_cloud,
)
from tests.scenarios.company import Company


async def test_whenever_it_dies_there_is_one_database_in_the_end(tmp_path: Path) -> None:
    async with a_nursery() as nursery:
        for commit, moment in ((5, "after"), (8, "before"), (11, "after"), (14, "before")):
            await a_delivery(tmp_path / str(commit), nursery, commit, moment)


async def a_delivery(folder: Path, nursery: Process, commit: int, moment: str) -> None:
    """Deploy with a bot that dies once on the way, and look."""
    folder.mkdir()  # noqa: ASYNC240 - nothing else goes on
    company = Company(folder / "state", with_a_cloud(folder), speed=40.0)
    await company.open_world()
    clusters, lives = Clusters(company), Lives(company, nursery)
    try:
        await lives.open(commit=commit, moment=moment)
        await People(company, lives).deploy()
        await company.card("shop/prod#1", says="revision v1")
        assert lives.deaths == 1
        await assert_one_database(company, clusters, lives)
    except Exception as error:
        error.add_note(f"when it died {moment} commit {commit}")
        raise
    finally:
        await lives.close()
        await clusters.close()
        await company.close()


async def assert_one_database(company: Company, clusters: Clusters, lives: Lives) -> None:
    """Look at everything that a crash could have doubled, lost or told."""
    values = await clusters.data("east", ORIGINAL)
    assert await clusters.data("east", COPY) == await clusters.data("west", COPY) == values
    configuration = await clusters.read("east", CONFIGURATION)
    assert configuration is not None
    assert configuration["status"]["apply"]["state"] == "Available"
    there = {each["name"] for each in await company.world.objects("east")}
    assert {each for each in there if each.startswith("orders-db")} == {"orders-db-prod"}
    everything = [*stored(company.folder), "\n".join(lives.output), await told(company)]
    for form in forms(values):
        assert not any(form in each for each in everything)
