"""A lock: somebody's word that nothing is to be delivered in an environment for now. Pure.

It belongs to a person and may belong to a change: a version that its holder goes on delivering. Whether it holds is
a matter of the time that is asked about; nobody has to take an expired one away.
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """One lock, of a whole environment or (with `application`) of one application in it."""

    environment: str
    application: str = ""
    by: str
    """The name of its holder in workflows/."""
    reason: str
    since: datetime
    until: datetime | None = None
    """None: until somebody lifts it."""
    version: str = ""
    """The change it belongs to: what its holder may deliver all the same, and nobody else."""

    @property
    def place(self) -> str:
        """What is locked, in words: `prod`, or `shop in prod`."""
        return f"{self.application} in {self.environment}" if self.application else self.environment

    def holds(self, now: datetime) -> bool:
        """Say whether it is in force at a moment."""
        return self.until is None or now < self.until


@dataclass(frozen=True, slots=True, kw_only=True)
class LockChange:
    """What became of one lock: `before` None it is new, `after` None it was lifted, both it was changed."""

    at: datetime
    by: str
    """Who did it."""
    channel: str
    """Where it was asked for: the chat's id."""
    chat: str = "slack"
    """In which chat that is."""
    before: Lock | None = None
    after: Lock | None = None

    @property
    def lock(self) -> Lock:
        """The lock as it is now, or was when it was lifted."""
        found = self.after or self.before
        assert found is not None, "a change is of something"
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedChange:
    """A change of a lock with its place: the `number`-th of the whole store."""

    number: int
    change: LockChange
