"""Our own deadline for what gets no further, whatever its kind says of itself. Pure: the caller says what time it is.

The time in which a cluster does not tell what happens does not count.
"""

from dataclasses import dataclass, field, replace

from bot.cluster.port import Applied, Health


@dataclass(slots=True)
class _Wait:
    """How long one object has got no further."""

    seen: set[tuple[int, int, str]] = field(default_factory=set)
    """All that it has been: to be that again, as a crash loop is, is no progress."""
    spent: float = 0.0
    at: float | None = None
    """When it was looked at last; None: it was not connected then, or done."""


class Patience:
    """The deadlines of some objects that are followed together."""

    def __init__(self, seconds: float) -> None:
        self._limit = seconds
        self._waits: dict[Applied, _Wait] = {}

    def judged(
        self, applied: Applied, health: Health, *, at: float, connected: bool, at_work: bool
    ) -> Health:
        """Answer the health, failed when patience is over.

        `at` is a time in seconds; `connected` says whether the cluster tells what happens; `at_work` that it gets on
        although its health stays the same.
        """
        wait = self._waits.setdefault(applied, _Wait())
        if wait.at is not None:
            wait.spent += at - wait.at
        wait.at = at if connected and not health.done else None
        now = (health.ready, health.wanted, health.note)
        if now not in wait.seen or at_work or health.done:
            wait.spent = 0.0
        wait.seen.add(now)
        if health.done or health.failed or not connected or wait.spent < self._limit:
            return health
        waits_for = health.note or f"{health.ready} of {health.wanted} ready"
        return replace(health, failed=f"no progress for {_words(self._limit)}: {waits_for}")

    def left(self) -> float | None:
        """Answer the seconds until the next patience may be over; None when nothing is waited for."""
        running = [self._limit - each.spent for each in self._waits.values() if each.at is not None]
        return max(0.0, min(running)) if running else None


def _words(seconds: float) -> str:
    minutes, rest = divmod(seconds, 60)
    return f"{minutes:g} min" if minutes and not rest else f"{seconds:g} s"
