"""What tests of several parts start from."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.sandbox.server import Sandbox
from tests.scenarios.company import ROOT


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[Sandbox]:
    """Bring up a sandbox whose pods hurry."""
    made = Sandbox(state=tmp_path, port=0, manifest=ROOT / "manifest.yml", speed=20)
    await made.start()
    yield made
    await made.stop()
