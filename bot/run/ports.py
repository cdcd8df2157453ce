"""What a run needs from others: a place to be kept in.

Implemented by `bot.store`. Every method is a transaction of its own; transactions of different runs may
share one commit (group commit), and a call returns only when its change is durable.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from bot.events import Event, Recorded, RunId
from bot.run.locks import Lock
from bot.run.model import Revision, Run
from bot.run.stimuli import Stimulus
from bot.run.transitions import Transition


@dataclass(frozen=True, slots=True, kw_only=True)
class Latest:
    """What a new run of an (application, environment) is decided on, read in the transaction that adds it."""

    run_number: int
    """Of its newest run; 0 when there was none."""
    revision: Revision | None
    unfinished: Run | None
    """The run that is under way: there is one at most."""
    line: tuple[Run, ...] = ()
    """The runs that have not begun, oldest first: those in the line, and those whose moment has not come."""
    locks: tuple[Lock, ...] = ()
    """Those of the environment that nobody has lifted, expired ones among them."""
    back_to: Revision | None = None
    """The older revision that was asked for, if it is still kept."""


class Asleep(NamedTuple):
    """A run that only waits: for people, or for a moment at which it is woken."""

    run: RunId
    wake: datetime | None


class Hold(Protocol):
    """Keeps runs waiting whose turn has come: what an environment is locked or frozen by."""

    async def __call__(self, run: Run, /) -> str:
        """Answer why `run` may not begin now, as a sentence without its full stop; empty: it may."""
        ...


async def nothing_holds(run: Run) -> str:  # noqa: ARG001 - it is a `Hold`
    """Answer that a run may begin: the `Hold` where there is nothing to hold one."""
    return ""


Decide = Callable[[Run, Latest], Stimulus | None]
"""What its turn means to a run that waits, on what is there then: a stimulus, or None to go on waiting. Pure and quick."""


class Runs(Protocol):
    """Keeps runs, their events and the revisions they raise."""

    async def add(
        self,
        application: str,
        environment: str,
        make: Callable[[Latest], tuple[Run, Sequence[Event]] | None],
        *,
        request: str = "",
        also: Callable[[Run, Latest], Sequence[Transition]] = lambda _, __: (),
        back_to: int | None = None,
    ) -> tuple[Run | None, Latest]:
        """Add the run that `make` decides on, or nothing when it answers None.

        `also` answers what happens to other runs with it; it is stored in the same transaction. `make` is pure and quick; it is called inside the transaction. `request` is the id in the inbox of the
        chat request behind it: a run that this request has already added is answered again instead of a new one.
        `back_to` is an older revision that is decided on, too: what it delivered is not removed in between.
        """
        ...

    async def change(
        self, run: RunId, decide: Callable[[Run, Latest], Transition | None]
    ) -> Transition | None:
        """Store what `decide` answers for a run, its plan included, on what is there in that transaction.

        `decide` is pure and quick; None changes nothing, as when there is no such run.
        """
        ...

    async def latest(self, application: str, environment: str) -> Latest:
        """Answer what a new run would be decided on now."""
        ...

    async def save(
        self,
        run: Run,
        events: Sequence[Event],
        *,
        revision: Revision | None = None,
        urgent: bool = False,
    ) -> None:
        """Store a changed run, what happened, and the revision it raised, all or nothing.

        `urgent`: somebody waits for it, so it goes before what steps and the clock do to other runs.
        `run.version` is one more than what is stored; `run.events` counts `events` in.
        Raises `bot.errors.Conflict` when something else was stored meanwhile.
        """
        ...

    async def get(self, run: RunId) -> Run | None:
        """Load a run."""
        ...

    async def by_number(self, application: str, environment: str, number: int) -> Run | None:
        """Load `application/environment#number`."""
        ...

    async def unfinished(self) -> list[Run]:
        """Load every run that has not ended, oldest first."""
        ...

    async def busy(self) -> list[Run]:
        """Load every run that has not ended and does not only wait (`timing.is_busy`), oldest first."""
        ...

    async def asleep(self) -> list[Asleep]:
        """List the other runs that have not ended, oldest first, without loading them."""
        ...

    async def load(self, some: Sequence[RunId]) -> list[Run]:
        """Load some runs, in no order; those that are gone are left out."""
        ...

    async def scheduled(self) -> list[Run]:
        """Load every run that is over and is to begin anew by the clock."""
        ...

    async def unsigned(self) -> list[Run]:
        """Load every run with something done in an emergency that nobody has signed, oldest first."""
        ...

    async def recent(
        self,
        application: str | None = None,
        environment: str | None = None,
        *,
        limit: int = 10,
        begun: bool = False,
    ) -> list[Run]:
        """Load runs, newest first; with `begun` only those whose turn has come."""
        ...

    async def events(self, run: RunId) -> list[Recorded]:
        """Load what happened in a run, in order."""
        ...

    async def revision(
        self, application: str, environment: str, number: int | None = None
    ) -> Revision | None:
        """Load a revision; without a number the newest."""
        ...

    async def revisions(
        self, application: str, environment: str, *, limit: int = 20
    ) -> list[Revision]:
        """Load revisions, newest first."""
        ...
