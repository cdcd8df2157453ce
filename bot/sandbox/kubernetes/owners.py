"""Who belongs to whom, so that nobody has to look through a whole cluster for it."""

from collections import defaultdict
from typing import Any

Place = tuple[str, str, str]
"""The qualified name of a kind, a namespace and a name."""


class Owners:
    """The dependents of each object, by the uid that their owner references name."""

    def __init__(self) -> None:
        self._dependents: defaultdict[str, set[Place]] = defaultdict(set)

    def change(self, place: Place, old: dict[str, Any] | None, new: dict[str, Any] | None) -> None:
        """Take notice of what has become of the object at a place."""
        before, after = _uids(old), _uids(new)
        for uid in before - after:
            self._dependents[uid].discard(place)
            if not self._dependents[uid]:
                del self._dependents[uid]
        for uid in after - before:
            self._dependents[uid].add(place)

    def of(self, uid: str) -> list[Place]:
        """List the places of what belongs to an object, by kind, namespace and name."""
        return sorted(self._dependents.get(uid, ()))


def _uids(subject: dict[str, Any] | None) -> set[str]:
    references = (subject or {}).get("metadata", {}).get("ownerReferences") or []
    return {each["uid"] for each in references}
