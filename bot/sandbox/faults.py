"""What the outside world has been told to do wrong, and how often.

The servers ask here before they act; nothing here knows what a fault means. A fault names a *target*
(`slack`, `cluster/east`, `webhooks` …) and a *fault* (`ratelimited`, `duplicate` …); the rest of its
fields narrow it (`method`, `image` …) or shape it (`retry_after`).
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True, kw_only=True)
class Fault:
    """One kind of failure, still to happen `times` times (`None`: until it is cleared)."""

    id: int
    target: str
    fault: str
    times: int | None
    details: dict[str, Any] = field(default_factory=dict)

    def matches(self, target: str, fault: str, facts: dict[str, Any]) -> bool:
        """Say whether this fault applies: each fact that the fault narrows itself to must be equal."""
        if (self.target, self.fault) != (target, fault):
            return False
        return all(
            key not in self.details or self.details[key] == value for key, value in facts.items()
        )


class Faults:
    """The faults in force, oldest first."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._ids = itertools.count(1)
        self._listeners: list[Callable[[Fault], None]] = []

    def listen(self, listener: Callable[[Fault], None]) -> None:
        """Call `listener` with each fault that is put in force, for those that act at once."""
        self._listeners.append(listener)

    def add(self, target: str, fault: str, times: int | None = 1, **details: Any) -> Fault:
        """Put a fault in force."""
        made = Fault(id=next(self._ids), target=target, fault=fault, times=times, details=details)
        self._faults.append(made)
        for listener in self._listeners:
            listener(made)
        return made

    def take(self, target: str, fault: str, **facts: Any) -> Fault | None:
        """Use up one occurrence of the first fault that matches, or answer None."""
        found = self.standing(target, fault, **facts)
        if found is not None and found.times is not None:
            found.times -= 1
            if found.times <= 0:
                self._faults.remove(found)
        return found

    def standing(self, target: str, fault: str, **facts: Any) -> Fault | None:
        """Find the first fault that matches without using it up: for conditions that last."""
        return next((each for each in self._faults if each.matches(target, fault, facts)), None)

    def clear(self, target: str | None = None, fault: str | None = None) -> int:
        """Remove the faults of `target` and of kind `fault` (None: any); answer how many there were."""
        kept = [
            each
            for each in self._faults
            if (target is not None and each.target != target)
            or (fault is not None and each.fault != fault)
        ]
        removed = len(self._faults) - len(kept)
        self._faults = kept
        return removed

    def drop(self, fault: Fault) -> None:
        """Remove one fault, if it is still in force."""
        self._faults = [each for each in self._faults if each is not fault]

    def all(self) -> list[Fault]:
        """List the faults in force."""
        return list(self._faults)
