"""What tests of several parts start from."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from bot.sandbox.server import Sandbox
from tests.postgres import Postgres, binaries
from tests.scenarios.company import ROOT

settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")


def pytest_configure() -> None:
    """Trust one authority that nobody has instead of all of the world: to read those takes 50 ms for each client."""
    os.environ["SSL_CERT_FILE"] = str(Path(__file__).with_name("nobody.pem"))  # noqa: TID251 - OpenSSL's own setting


def pytest_xdist_auto_num_workers() -> int:
    """Answer how many tests run side by side: more than there are cores, for most of them wait most of their time."""
    return min(2 * (os.cpu_count() or 1), 8)


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[Sandbox]:
    """Bring up a sandbox whose pods hurry."""
    made = Sandbox(state=tmp_path, port=0, manifest=ROOT / "manifest.yml", speed=20)
    await made.start()
    yield made
    await made.stop()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """Bring up a PostgreSQL server for all tests of this process."""
    found = binaries()
    if found is None:
        pytest.skip("needs PostgreSQL's server programs (Debian, Ubuntu: apt install postgresql)")
    made = Postgres(found)
    made.start()
    yield made
    made.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Answer the URL of a fresh database, of each kind that the store can be kept in."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'shipmate.db'}"
    server: Postgres = request.getfixturevalue("postgres")
    return server.fresh()
