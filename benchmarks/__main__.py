"""Prints the tables: `make bench`. Each is measured in processes of its own, so that none warms another."""

import subprocess
import sys

PARTS = (
    "benchmarks.steps",
    "benchmarks.waiting",
    "benchmarks.clicks",
    "benchmarks.delivery",
    "benchmarks.pods",
)


def main() -> int:
    """Run the parts one after the other; answer 1 when one of them failed."""
    return max(
        subprocess.run([sys.executable, "-m", part], check=False).returncode for part in PARTS
    )


if __name__ == "__main__":
    raise SystemExit(main())
