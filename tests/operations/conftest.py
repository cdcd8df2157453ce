"""An office for each test, closed after it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.sandbox.server import Sandbox
from tests.operations.locksmiths import Locksmiths, open_locksmiths
from tests.operations.office import Office, open_office
from tests.operations.yard import Yard


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    opened, store = open_office(tmp_path)
    opened.open()
    yield opened
    await opened.close()
    await store.close()


@pytest.fixture
async def locksmiths(tmp_path: Path) -> AsyncIterator[Locksmiths]:
    opened, store = open_locksmiths(tmp_path)
    yield opened
    await opened.engine.stop()
    await store.close()


@pytest.fixture
async def yard(sandbox: Sandbox, tmp_path: Path) -> AsyncIterator[Yard]:
    made = Yard(sandbox, tmp_path)
    yield made
    await made.close()
