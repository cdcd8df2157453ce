"""What a run knows that has not begun: what was asked for, from when on, and why it never will, where that is so.

What a run delivers is decided twice: when it is accepted, so that a mistake is told at once, and when its turn
comes, on the revision that is in force then. The wish is what both are decided from.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.run.code import Code


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to be delivered, as far as it was said."""

    version: str = ""
    images: Mapping[str, str] = field(default_factory=dict)
    commit: str = ""
    note: str = ""
    promoted_from: str = ""
    """The environment whose revision it was, where it was promoted; `revision` is its number there."""
    revision: int = 0
    code: Code | None = None
    """What is known of the commit."""

    @property
    def promoted(self) -> str:
        """Where it comes from: `staging v7`; empty when it was not promoted."""
        return f"{self.promoted_from} v{self.revision}" if self.promoted_from else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Why the turn of a run came and it did not begin: a refusal's code, its facts and who could."""

    code: str
    facts: Mapping[str, str] = field(default_factory=dict)
    who: tuple[str, ...] = ()
