"""Time as a dependency: the only module that asks the system what time it is.

Everything pure is handed a time; everything else is handed a clock, so that a test can say what time it is.
"""

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Says what time it is."""

    def now(self) -> datetime:
        """Answer the present, in UTC and aware of it."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Answer the present, in UTC and aware of it."""
        return datetime.now(UTC)  # noqa: TID251 - the one place that may ask
