"""Turns what has happened in runs, and what became of locks, into messages to be shown: the way out of the event log.

It reads the events that nobody announced yet, so that a crash between a change and its announcement loses
nothing; the ledger marks them and adds the messages in one transaction, so that nothing is told twice. It says
which messages there should be and never what stands in them.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace

from bot.chat.ports import Kind, Ledger, Shown
from bot.chat.presenters.thread import is_told, log_of
from bot.errors import Temporary
from bot.events import (
    ApprovalDecided,
    ApprovalGiven,
    ApprovalRequested,
    Event,
    Recorded,
    RunId,
)
from bot.run.locks import RecordedChange
from bot.run.model import Run
from bot.run.ports import Runs

log = logging.getLogger(__name__)

PAUSE = 2.0
"""Seconds before it tries again when the store is away."""

Touch = Callable[[Run], None]
Wake = Callable[[], None]
ChannelOf = Callable[[str], str]


class Announcer:
    """The engine's observer on the side of chat. It never fails and never waits when it is told something."""

    def __init__(
        self,
        *,
        chat: str,
        ledger: Ledger,
        runs: Runs,
        touch: Touch,
        wake: Wake,
        channel_of: ChannelOf = lambda _: "",
    ) -> None:
        """`touch` says that a run's card shows something old, `wake` that the ledger has something to show.

        `channel_of` names the channel of an environment; empty: where it was asked for.
        """
        self._chat = chat
        self._ledger = ledger
        self._runs = runs
        self._touch = touch
        self._wake = wake
        self._channel_of = channel_of
        self._pending = asyncio.Event()
        self._locks_changed = True  # a dead process may have left some
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, first with what a dead process left."""
        self._pending.set()
        self._task = asyncio.create_task(self._loop(), name="announcer")

    async def stop(self) -> None:
        """End; what is not announced stays in the store."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def changed(self, run: Run, *, announced: bool) -> None:
        """Take notice that a run was stored."""
        self._touch(run)
        if announced:
            self._pending.set()

    def look(self) -> None:
        """Take notice that a lock was changed."""
        self._locks_changed = True
        self._pending.set()

    async def _loop(self) -> None:
        while True:
            await self._pending.wait()
            self._pending.clear()
            try:
                while await self._announce():
                    pass
                await self._announce_locks()
            except Temporary as error:
                log.warning("events wait to be announced: %s", error)
                await asyncio.sleep(PAUSE)
                self._pending.set()

    async def _announce(self) -> bool:
        """Announce the oldest events; say whether there may be more."""
        events = await self._ledger.unannounced()
        if not events:
            return False
        runs: dict[str, Run] = {}
        messages: dict[str, Shown] = {}
        for each in events:
            if each.run not in runs:
                found = await self._runs.get(each.run)
                if found is None:
                    continue
                runs[each.run] = found
            for message in messages_for(runs[each.run], each, self._chat):
                messages.setdefault(message.key, message)
        await self._ledger.announce(events[-1].sequence, list(messages.values()))
        self._wake()
        return True

    async def _announce_locks(self) -> None:
        """Announce what became of locks, if anything did since the last look."""
        if not self._locks_changed:
            return
        self._locks_changed = False
        try:
            for each in await self._ledger.unannounced_locks():
                channel = self._channel_of(each.change.lock.environment)
                await self._ledger.announce_lock(each.number, message_of(each, self._chat, channel))
                self._wake()
        except Temporary:
            self._locks_changed = True
            raise


def message_of(recorded: RecordedChange, chat: str, channel: str) -> Shown:
    """Say which message tells of a change of a lock."""
    return Shown(
        key=f"lock/{recorded.number}",
        run=RunId(""),
        kind=Kind.LOCK,
        chat=chat,
        channel=channel or recorded.change.channel,
        in_thread=False,
        number=recorded.number,
    )


def messages_for(run: Run, recorded: Recorded, chat: str) -> list[Shown]:
    """Say which messages an event adds or wakes: the card always, and perhaps one in its thread, with its log."""
    in_thread = Shown(
        key="",
        run=run.id,
        kind=Kind.EVENT,
        chat=chat,
        channel=run.plan.environment.slack_channel or run.origin.channel,
    )
    found = [replace(in_thread, key=f"{run.id}/card", kind=Kind.CARD, in_thread=False)]
    found += [
        replace(
            in_thread,
            key=f"{run.id}/approval/{step}/{attempt}",
            kind=Kind.APPROVAL,
            step=step,
            attempt=attempt,
        )
        for step, attempt in _gates(run, recorded.event)
    ]
    if is_told(recorded.event):
        key = f"{run.id}/event/{recorded.number}"
        found.append(replace(in_thread, key=key, number=recorded.number))
        if log_of(recorded.event) is not None:
            key = f"{run.id}/file/{recorded.number}"
            found.append(replace(in_thread, key=key, kind=Kind.FILE, number=recorded.number))
    return found


def _gates(run: Run, event: Event) -> list[tuple[str, int]]:
    """Name the steps, with their attempts, whose requests say something else after an event."""
    if isinstance(event, ApprovalRequested | ApprovalGiven | ApprovalDecided):
        return [(event.step, event.attempt)]
    # A gate that closes without an answer (a stop, a timeout) changes its request, too.
    return [
        (each.name, each.attempt)
        for each in run.steps
        if each.gate is not None and each.gate.until is None and each.phase.ended
    ]
