"""The audit of what is installed: a known vulnerability fails, silence is no clean bill, and nothing is passed over for good."""

import json
from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from typing_extensions import override

from tests.surface.advisories import IGNORED, ask, ignored, verdict

TODAY = date(2026, 11, 26)
PINS = "".join(f"{name} --hash=sha256:{'0' * 64}\n" for name in ("old==1.0", "new==2.0"))


class Advisories(BaseHTTPRequestHandler):
    """A database, as OSV answers, that knows of one vulnerability."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        found: dict[str, Any] = {}
        if asked["package"]["name"] == "old":
            affected = {
                "package": {"name": "old", "ecosystem": "PyPI"},
                "ranges": [
                    {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.1"}]}
                ],
            }
            found["vulns"] = [
                {"id": "GHSA-1", "aliases": ["CVE-1"], "summary": "x", "affected": [affected]}
            ]
        body = json.dumps(found).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    @override
    def log_message(self, format: str, *args: Any) -> None:
        """Be quiet."""


@pytest.fixture
def database() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Advisories)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_known_vulnerability_fails_and_one_that_is_passed_over_does_until_its_day(
    database: str, tmp_path: Path
) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text(PINS)
    report, _ = ask(lock, ("--vulnerability-service", "osv", "--osv-url", database))
    found = verdict(report, {}, TODAY)
    assert found is not None
    assert found.failed
    assert found.lines == (
        "old 1.0: CVE-1, mended in 1.1",
        "2 packages were looked at, 1 known vulnerabilities",
    )
    for name in ("GHSA-1", "CVE-1"):
        passed = verdict(report, {name: TODAY}, TODAY)
        assert passed is not None
        assert not passed.failed
    over = verdict(report, {"GHSA-1": date(2026, 11, 25)}, TODAY)
    assert over is not None
    assert over.failed
    assert "was passed over until 2026-11-25" in over.lines[0]


def test_who_has_heard_of_nothing_has_not_been_reached() -> None:
    silent = {"dependencies": [{"name": "old", "skip_reason": "not found"}]}
    assert verdict(silent, {}, TODAY) is None
    assert verdict(None, {}, TODAY) is None
    some = [*silent["dependencies"], {"name": "new", "version": "2.0", "vulns": []}]
    found = verdict({"dependencies": some}, {}, TODAY)
    assert found is not None
    assert found.lines[0] == "old was not looked at"
    assert not found.failed


def test_what_is_passed_over_has_a_day_and_a_reason() -> None:
    ignored(IGNORED.read_text(encoding="utf-8"))
    assert ignored("# x\n\nCVE-1  2027-01-31  not used\n") == {"CVE-1": date(2027, 1, 31)}
    for wrong in ("CVE-1", "CVE-1 2027-01-31", "CVE-1 soon not used", "CVE-1 2027-02-30 not used"):
        with pytest.raises(ValueError, match=r"expected|day"):
            ignored(wrong)
