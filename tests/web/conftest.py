"""A store on a fresh database, closed after the test."""

from collections.abc import AsyncIterator

import pytest

from bot.clock import SystemClock
from bot.store.database import Store, open_store


@pytest.fixture
async def store(url: str) -> AsyncIterator[Store]:
    opened = open_store(url, SystemClock())
    yield opened
    await opened.close()
