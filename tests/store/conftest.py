"""A store on a fresh SQLite file, closed after the test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.clock import SystemClock
from bot.store.database import Store, open_store


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'shipmate.db'}"


@pytest.fixture
async def store(url: str) -> AsyncIterator[Store]:
    opened = open_store(url, SystemClock())
    yield opened
    await opened.close()
