"""How long to wait before a failed attempt is made again: KubeVela's schedule.

Its controller waits `int(0.05 * 2^n)` seconds before pass n, at least one and at most 300
(facts: kubevela/workflow, pkg/executor): 1, 1, 1, 1, 1, 1, 3, 6, 12, 25 … about 50 s for ten.
"""

LONGEST = 300.0
"""Seconds, KubeVela's `--max-workflow-failed-backoff-time`."""


def delay(failures: int) -> float:
    """Answer the seconds to wait after the `failures`-th failure in a row (counted from 1)."""
    if failures > 30:
        return LONGEST
    return min(LONGEST, float(max(1, int(0.05 * 2**failures))))
