"""Changes of runs on their way into the tables: few statements for those of many runs."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, bindparam, insert, update
from typing_extensions import override

from bot.errors import Conflict
from bot.events import Event
from bot.run.model import Revision, Run
from bot.run.timing import is_busy, next_alarm, restart_at
from bot.store import codec
from bot.store.prepared import Prepared
from bot.store.tables import events, revisions, runs
from bot.store.texts import Texts
from bot.store.writer import Batched

SAVE: Final = Prepared(
    update(runs)
    .where(runs.c.id == bindparam("this_run"), runs.c.version == bindparam("old_version"))
    .values(
        version=bindparam("new_version"),
        phase=bindparam("new_phase"),
        ended=bindparam("new_ended"),
        begun=bindparam("new_begun"),
        scheduled=bindparam("new_scheduled"),
        unsigned=bindparam("new_unsigned"),
        busy=bindparam("new_busy"),
        wake=bindparam("new_wake"),
        state=bindparam("new_state"),
    )
)

RECORD: Final = Prepared(
    insert(events).values({each: bindparam(each) for each in ("run", "number", "kind", "body")})
)
RAISE: Final = Prepared(
    insert(revisions).values(
        {each: bindparam(each) for each in ("application", "environment", "number", "run", "body")}
    )
)


class Save(Batched):
    """One stored change of a run, alone or together with those of other runs: few statements for many changes."""

    def __init__(
        self,
        run: Run,
        happened: Sequence[Event],
        revision: Revision | None,
        texts: Texts,
        *,
        urgent: bool = False,
    ) -> None:
        self.urgent = urgent
        self.texts = texts
        self.run = run
        self.happened = happened
        self.revision = revision

    @override
    def __call__(self, connection: Connection) -> None:
        """Write it. Raises Conflict when something newer is stored."""
        if not self.together(connection, [self]):
            raise Conflict(f"{self.run.name} was changed by someone else")

    @staticmethod
    @override
    def together(connection: Connection, writes: "Sequence[Save]") -> bool:
        """Write all of them; answer False when one met something newer (nobody knows which)."""
        changed = SAVE(connection, [each.state() for each in writes])
        if changed.rowcount != len(writes):
            return False
        happened = [row for each in writes for row in event_rows(each.run, each.happened)]
        if happened:
            RECORD(connection, happened)
        raised = [row for each in writes if (row := each.raised()) is not None]
        if raised:
            RAISE(connection, raised)
        return True

    def state(self) -> dict[str, Any]:
        """Answer the row of the run."""
        run = self.run
        wake = next_alarm(run)
        return {
            "this_run": run.id,
            "old_version": run.version - 1,
            "new_version": run.version,
            "new_phase": run.phase.value,
            "new_ended": int(run.phase.ended),
            "new_begun": int(run.begun),
            "new_scheduled": int(restart_at(run) is not None),
            "new_unsigned": len(run.open_reviews),
            "new_busy": int(is_busy(run)),
            "new_wake": wake and wake.timestamp(),
            "new_state": self.texts.state(run),
        }

    def raised(self) -> dict[str, Any] | None:
        """Answer the row of the revision, if the run raised one."""
        if self.revision is None:
            return None
        return {
            "application": self.run.application,
            "environment": self.run.environment,
            "number": self.revision.number,
            "run": self.run.id,
            "body": codec.write(codec.REVISION, self.revision),
        }


def event_rows(run: Run, happened: Sequence[Event]) -> list[dict[str, Any]]:
    """Number the events of a change: the last of them is the run's newest."""
    first = run.events - len(happened) + 1
    return [
        {
            "run": run.id,
            "number": number,
            "kind": event.kind,
            "body": codec.write(codec.EVENT, event),
        }
        for number, event in enumerate(happened, first)
    ]
