"""Asks a database of advisories about everything that requirements.lock installs: `make audit`.

pip-audit asks; this says what its answer means. A known vulnerability fails. Where no database can be reached (it is not
told apart from one that has never heard of any package) that is said, and nothing fails: a build without a network is no
vulnerability. What `.ci/advisories` names is passed over until its day.
"""

import json
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from bot.clock import SystemClock
from tests.scenarios.company import ROOT

LOCK: Final = ROOT / "requirements.lock"
IGNORED: Final = ROOT / ".ci" / "advisories"
SERVICES: Final[tuple[tuple[str, ...], ...]] = (
    ("--vulnerability-service", "pypi"),
    ("--vulnerability-service", "osv"),
)
"""pip-audit's two, asked in turn until one knows of anything."""
SKIPPED: Final = (
    "skipped: the advisory database cannot be reached, so nothing is known about requirements.lock"
)
LINE: Final = re.compile(r"(?P<id>\S+)\s+(?P<until>\d{4}-\d{2}-\d{2})\s+(?P<why>\S.*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What is said, and whether it is bad."""

    lines: tuple[str, ...]
    failed: bool = False


def ask(lock: Path, service: Sequence[str], timeout: int = 15) -> tuple[Any, str]:
    """Answer pip-audit's report on a lock (None: it has none) and the last that it said beside."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pip_audit", "--require-hashes", "--disable-pip"),
            *("--progress-spinner", "off", "--format", "json", "--aliases", "on"),
            *("--timeout", str(timeout), "--requirement", str(lock), *service),
        ],
        capture_output=True,
        check=False,
        text=True,
    )
    said = done.stderr.strip().rpartition("\n")[2]
    try:
        return json.loads(done.stdout), said
    except ValueError:
        return None, said


def ignored(text: str) -> dict[str, date]:
    """Read until which day an advisory is passed over. Raises ValueError for a line without a day or a reason."""
    found: dict[str, date] = {}
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        said = LINE.fullmatch(line.strip())
        if said is None:
            raise ValueError(f".ci/advisories: expected ID YYYY-MM-DD REASON, found {line!r}")
        found[said["id"]] = date.fromisoformat(said["until"])
    return found


def verdict(report: Any, passed_over: Mapping[str, date], today: date) -> Verdict | None:
    """Say what a report means; None: whoever was asked knows nothing of anything."""
    asked = report.get("dependencies", []) if isinstance(report, dict) else []
    known = [each for each in asked if "skip_reason" not in each]
    if not known:
        return None
    bad: list[str] = []
    for package in known:
        for each in package["vulns"]:
            names = {each["id"], *each.get("aliases", ())}
            until = max((passed_over[name] for name in names & passed_over.keys()), default=None)
            if until is None or until < today:
                fixed = ", ".join(each["fix_versions"]) or "no version yet"
                over = f" (was passed over until {until})" if until else ""
                bad.append(
                    f"{package['name']} {package['version']}: {each['id']}, mended in {fixed}{over}"
                )
    unknown = [f"{each['name']} was not looked at" for each in asked if "skip_reason" in each]
    said = f"{len(known)} packages were looked at, {len(bad)} known vulnerabilities"
    return Verdict(lines=(*bad, *unknown, said), failed=bool(bad))


def main() -> int:
    """Ask, say it, and answer the exit code."""
    passed_over = ignored(IGNORED.read_text(encoding="utf-8"))
    today = SystemClock().now().astimezone(UTC).date()
    if find_spec("pip_audit") is None:
        print("pip-audit is not installed: make lock, then make audit")  # noqa: T201 - it speaks to a terminal
        return 2
    reasons = []
    for service in SERVICES:
        report, said = ask(LOCK, service)
        found = verdict(report, passed_over, today)
        if found is not None:
            print("\n".join(found.lines))  # noqa: T201 - as above
            return int(found.failed)
        reasons.append(f"{service[-1]}: {said if report is None else 'knows none of the packages'}")
    print("\n  ".join((SKIPPED, *reasons)))  # noqa: T201 - as above
    return 0


if __name__ == "__main__":
    sys.exit(main())
