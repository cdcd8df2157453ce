"""An output that is secret: kept sealed wherever a run is stored, and open only where steps take it. Pure.

It shows itself nowhere. Who seals and opens is none of this package's business: a run that is only looked at is not opened.
"""

from typing import Any

from typing_extensions import override

from bot.workflow.expressions import ExpressionError


class Sealed:
    """A value and what stands for it in the store."""

    __slots__ = ("_locked", "_value", "token")

    def __init__(
        self, token: str, value: Any = None, *, locked: str = "nobody has opened it"
    ) -> None:
        """`locked` says why the value is not there; empty: it is."""
        self.token = token
        self._value = value
        self._locked = locked

    @classmethod
    def opened(cls, token: str, value: Any) -> "Sealed":
        """Make one whose value is known."""
        return cls(token, value, locked="")

    @property
    def is_open(self) -> bool:
        """Whether its value is known here."""
        return not self._locked

    def reveal(self) -> Any:
        """Answer the value. Raises ExpressionError when nobody has opened it."""
        if self._locked:
            raise ExpressionError(f"a value that is secret cannot be read: {self._locked}")
        return self._value

    @override
    def __repr__(self) -> str:
        return "•••"

    @override
    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sealed):
            return False
        both = self.is_open and other.is_open
        return self.token == other.token or (both and self._value == other._value)

    @override
    def __hash__(self) -> int:
        return hash(Sealed)  # the same value has another token each time it is sealed


def plain(value: Any) -> Any:
    """Answer a value as steps take it. Raises ExpressionError for one that is sealed and not open."""
    return value.reveal() if isinstance(value, Sealed) else value
