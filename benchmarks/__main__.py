"""Prints the table: `make bench`, or `python -m benchmarks steps growth` for some of its parts.

Each part is measured in processes of its own, so that none warms another. What all of them have found is kept in
results.md.
"""

import subprocess
import sys

from benchmarks.report import HEAD, keep, machine

PARTS = ("steps", "waiting", "clicks", "delivery", "pods", "growth")


def measure(part: str) -> tuple[list[str], bool]:
    """Measure a part, print its lines as they come and answer them, and whether it went well."""
    lines = []
    words = [sys.executable, "-m", f"benchmarks.{part}"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
            lines.append(line.rstrip())
    return lines, process.returncode == 0


def main() -> int:
    """Measure one part after the other; answer 1 when one of them failed."""
    parts = sys.argv[1:] or list(PARTS)
    unknown = set(parts) - set(PARTS)
    if unknown:
        print(f"There is no part {', '.join(sorted(unknown))}. The parts: {', '.join(PARTS)}.")
        return 2
    print(f"{machine()}\n\n{HEAD}", flush=True)
    measured = [measure(each) for each in parts]
    if not all(well for _, well in measured):
        return 1
    if parts == list(PARTS):
        keep([line for lines, _ in measured for line in lines])
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
