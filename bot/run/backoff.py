"""How long to wait before a step is executed again: KubeVela's schedule, or a step's own. Pure.

Its controller waits `int(0.05 * 2^n)` seconds, at least one, where n counts from 0 at the first failure
(facts: kubevela/workflow, pkg/executor): 1, 1, 1, 1, 1, 1, 3, 6, 12, 25; 52 s for ten retries. The longest wait is
300 s after a failure and 60 s for a step that only waits for something.
"""

from bot.catalog.model import Backoff

LONGEST_AFTER_FAILURE = 300.0
"""Seconds, KubeVela's `--max-workflow-failed-backoff-time`."""
LONGEST_WAIT = 60.0
"""Seconds, KubeVela's `--max-workflow-wait-backoff-time`."""


def after_failure(failures: int, backoff: Backoff | None) -> float:
    """Answer the seconds to wait after the `failures`-th failure in a row (counted from 1)."""
    if backoff is None:
        return _delay(failures, LONGEST_AFTER_FAILURE)
    doubled = backoff.first * backoff.factor ** min(failures - 1, 60)
    return min(backoff.longest, doubled)


def before_next_look(looks: int) -> float:
    """Answer the seconds until a step that waits is looked at again, for the `looks`-th time (from 1)."""
    return _delay(looks, LONGEST_WAIT)


def _delay(times: int, longest: float) -> float:
    return min(longest, float(max(1, int(0.05 * 2 ** min(times - 1, 30)))))
