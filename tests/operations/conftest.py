"""An office for each test, closed after it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.operations.office import Office, open_office


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    opened, store = open_office(tmp_path)
    yield opened
    await opened.engine.stop()
    await store.close()
