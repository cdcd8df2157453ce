"""What the HTTP side needs from the store: tokens, and the requests that were answered already.

Implemented by `bot.store`. A call returns when its change is durable.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from bot.operations.results import Audited


class TokenKind(StrEnum):
    """What a token opens."""

    API = "api"
    TRIGGER = "trigger"


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A token as it is kept: who has it, and a digest to know it by. Times are Unix times."""

    kind: TokenKind
    owner: str
    """The name of a Person, a ServiceAccount or a Trigger in workflows/."""
    digest: str
    created: float
    expires: float | None = None
    """When it opens nothing more: it was revoked, or another one has taken its place."""

    def holds(self, now: float) -> bool:
        """Say whether it is good at a moment."""
        return self.expires is None or now < self.expires


class Tokens(Protocol):
    """Keeps tokens."""

    async def find(self, digest: str) -> Token | None:
        """Load the token with a digest, expired ones among them."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A request as it came in. `key` is the same when it comes again; `body` is what is needed to do it elsewhere or later."""

    key: str
    digest: str
    """Of what was sent: another one under the same key is a mistake."""
    lasting: float
    """Seconds for which it counts as the same request."""
    body: str = ""
    durable: bool = False
    """Whether it is done however late. Otherwise whoever sent it waits for the answer, and sends it again without one."""
    named: bool = True
    """Whether whoever sent it gave it a name. Of one that is only known by what it says, no refusal is remembered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A request that is stored. `status` 0: it has no answer yet."""

    request: str
    """The id by which what is done for it is done once."""
    digest: str
    status: int = 0
    answer: str = ""
    body: str = ""
    key: str = ""
    begun: bool = False
    """Whether it is being done, or was when a process died."""
    received: float = 0.0
    """When it came in: a Unix time."""
    fresh: bool = False
    """Whether it was not there before."""


class Requests(Protocol):
    """Requests by their keys, so that each is done once, after a crash too."""

    async def begin(self, incoming: Incoming) -> Known:
        """Store a request before it is done, or answer the one with that key that is there already, begun now.

        Raises TakenOver on a replica that does not lead.
        """
        ...

    async def leave(self, incoming: Incoming) -> Known:
        """Store a request, on any replica, for the one that leads, or answer the one with that key that is there already."""
        ...

    async def claim(self, known: Known) -> bool:
        """Begin a request that was left; False: it was taken back, or answered."""
        ...

    async def take_back(self, known: Known) -> bool:
        """Let nobody begin a request that was left, on any replica; False: somebody has begun."""
        ...

    async def give_up(self, known: Known) -> None:
        """Leave a request undone until it comes again."""
        ...

    async def look(self, known: Known) -> Known:
        """Answer what has become of a request; `known` as it is, where it is there no more."""
        ...

    async def finish(
        self, key: str, status: int, answer: str, audited: Sequence[Audited], *, keep: bool
    ) -> None:
        """Store the answer of a request, with its lines in the audit log.

        Without `keep` it may come again as a new one; whoever waits for the answer still finds it for a minute.
        """
        ...

    async def unanswered(self) -> list[Known]:
        """Load the requests with a body that another replica or a dead process left without an answer, oldest first."""
        ...
