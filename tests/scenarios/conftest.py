"""One company a test, with everything real: sockets, SQLite files, the Slack SDK, the Kubernetes client."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.postgres import Postgres
from tests.scenarios.company import ROOT, Company
from tests.scenarios.replicas import Replicas


@pytest.fixture
async def company(tmp_path: Path) -> AsyncIterator[Company]:
    made = Company(tmp_path / "state", ROOT / "workflows")
    await made.open()
    yield made
    await made.close()


@pytest.fixture
async def replicas(company: Company, postgres: Postgres) -> AsyncIterator[Replicas]:
    async with AsyncExitStack() as stack:
        made = Replicas(company, postgres.fresh())
        yield made
        for each in made.bots.values():
            stack.push_async_callback(each.stop)
