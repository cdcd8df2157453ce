"""The one table that the measurements fill, line by line as they are made, and the file that keeps it."""

import os
import platform
import sqlite3
import subprocess
from datetime import date
from pathlib import Path

from tests.postgres import binaries

RESULTS = Path(__file__).parent / "results.md"
HEAD = "| what | goal | Shipmate | DBOS | ratio |\n|---|---|---|---|---|"


def row(what: str, here: str, *, goal: str = "", peer: str = "", ratio: str = "") -> None:
    """Print a line of the table: what was measured, what is wanted, and what came of it here and with the peer."""
    print(f"| {what} | {goal} | {here} | {peer} | {ratio} |", flush=True)


def machine() -> str:
    """Say what it was measured on: its shape, and nothing by which it could be found."""
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return "\n".join(
        (
            f"- {len(os.sched_getaffinity(0))} cores, {_processor()}, {pages / 2**30:.0f} GiB of memory",
            f"- {platform.system()} {platform.release().partition('-')[0]}, Python {platform.python_version()}",
            f"- SQLite {sqlite3.sqlite_version}, {_postgres()}",
        )
    )


def keep(lines: list[str]) -> None:
    """Write the table that was measured into the file, in place of the one before."""
    words = (
        "# What was measured\n\nWritten by `make bench`; what is measured and what limits it is said in\n"
        f"[README.md](README.md). Measured on {date.today().isoformat()}:\n"  # noqa: DTZ011 - a page's date
    )
    table = "\n".join((HEAD, *lines))
    RESULTS.write_text(f"{words}\n{machine()}\n\n{table}\n", encoding="utf-8")


def _processor() -> str:
    """Name the processor as Linux does."""
    known = Path("/proc/cpuinfo")
    lines = known.read_text(encoding="utf-8").splitlines() if known.exists() else []
    named = (each.partition(":")[2].strip() for each in lines if each.startswith("model name"))
    return next(named, platform.machine())


def _postgres() -> str:
    found = binaries()
    if found is None:
        return "PostgreSQL is not installed"
    said = subprocess.run([found / "postgres", "--version"], capture_output=True, check=True)
    return f"PostgreSQL {said.stdout.decode().split()[2]}"
