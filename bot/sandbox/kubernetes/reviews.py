"""What is looked at before a write is stored: by those who may complete the object, and those who may refuse it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.sandbox.kubernetes.registry import Resource

Object = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """One write: `subject` is about to be stored in place of `old` (None: it is made)."""

    resource: Resource
    namespace: str
    subject: Object
    old: Object | None
    subresource: str = ""

    @property
    def name(self) -> str:
        """The object's name."""
        return str(self.subject["metadata"].get("name", ""))


Reviewer = Callable[[Review], None]
"""Changes `subject` in place, or raises StatusError."""
