"""One company a test, with everything real: sockets, SQLite files, the Slack SDK, the Kubernetes client."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.scenarios.company import ROOT, Company


@pytest.fixture
async def company(tmp_path: Path) -> AsyncIterator[Company]:
    made = Company(tmp_path / "state", ROOT / "workflows")
    await made.open()
    yield made
    await made.close()
