"""A cloud database while the bot dies: one Configuration, the Secret in both places, and its values in no row of the store."""

from pathlib import Path

import pytest

from tests.crashes.lives import Lives, People
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


@pytest.mark.parametrize(
    ("commit", "moment"), [(5, "after"), (8, "before"), (11, "after"), (14, "before")]
)
async def test_whenever_it_dies_there_is_one_database_in_the_end(
    tmp_path: Path, commit: int, moment: str
) -> None:
    company = Company(tmp_path / "state", with_a_cloud(tmp_path), speed=40.0)
    await company.open_world()
    clusters, lives = Clusters(company), Lives(company, "")
    try:
        await lives.open(commit=commit, moment=moment)
        await People(company, lives).deploy()
        await company.card("shop/prod#1", says="revision v1")

        assert lives.deaths == 1
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
    finally:
        await lives.close()
        await clusters.close()
        await company.close()
