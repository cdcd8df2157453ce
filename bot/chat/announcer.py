"""Turns what has happened in runs, and what became of locks, into messages to be shown: the way out of the event log.

It reads the events that nobody announced yet, so that a crash between a change and its announcement loses
nothing; the ledger marks them and adds the messages in one transaction, so that nothing is told twice. It says
which messages there should be and never what stands in them.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace

from bot.catalog.approving import Remind
from bot.catalog.model import Catalog
from bot.chat.places import DINGTALK, WITH_FILES, WITH_THREADS, card_key, chats_of, keyed, place_in
from bot.chat.ports import Kind, Ledger, Shown
from bot.chat.presenters.thread import is_told, log_of
from bot.chat.presenters.words import approvers
from bot.errors import Temporary
from bot.events import (
    ApprovalDecided,
    ApprovalGiven,
    ApprovalReminded,
    ApprovalRequested,
    ApprovalsVoided,
    ApprovalWithdrawn,
    EmergencyDeclared,
    EmergencySigned,
    Event,
    Recorded,
    RunId,
)
from bot.run.locks import RecordedChange
from bot.run.model import Run
from bot.run.ports import Runs

log = logging.getLogger(__name__)

ASKING = ApprovalRequested | ApprovalGiven | ApprovalWithdrawn | ApprovalsVoided | ApprovalDecided
"""Events after which the request of a gate says something else."""

PAUSE = 2.0
"""Seconds before it tries again when the store is away."""

Touch = Callable[[Run], None]
Wake = Callable[[], None]
ChannelOf = Callable[[str, str], str]


class Announcer:
    """The engine's observer on the side of chat. It never fails and never waits when it is told something."""

    def __init__(
        self,
        *,
        chats: tuple[str, ...],
        ledger: Ledger,
        runs: Runs,
        catalog: Callable[[], Catalog],
        touch: Touch,
        wake: Wake,
        channel_of: ChannelOf = lambda environment, chat: "",  # noqa: ARG005 - no environment has one
    ) -> None:
        """`touch` says that a run's card shows something old, `wake` that the ledger has something to show.

        `chats` are those that there are. `channel_of` names the channel of an environment in one of them; empty: where
        it was asked for.
        """
        self._chats = chats
        self._ledger = ledger
        self._runs = runs
        self._catalog = catalog
        self._touches = [touch]
        self._wake = wake
        self._asking: dict[RunId, Run] = {}
        self._channel_of = channel_of
        self._pending = asyncio.Event()
        self._lock_listeners: list[Callable[[], None]] = []
        self._locks_changed = True  # a dead process may have left some
        self._task: asyncio.Task[None] | None = None

    def listen_to_locks(self, look: Callable[[], None]) -> None:
        """Tell someone else, too, that a lock has changed."""
        self._lock_listeners.append(look)

    def listen(self, touch: Touch) -> None:
        """Tell someone else, too, that a run has changed."""
        self._touches.append(touch)

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
        for touch in self._touches:
            touch(run)
        if announced:
            self._pending.set()

    def look_again(self, run: Run) -> None:
        """Take notice that a run at a gate may ask other people now: its card and its requests say so."""
        for touch in self._touches:
            touch(run)
        self._asking[run.id] = run
        self._pending.set()

    async def _renew(self) -> None:
        """Wake the requests that may ask other people now."""
        for run in list(self._asking.values()):
            shown = [
                replace(_in_thread(run, chat), key=_request(run, step, attempt, chat))
                for chat in self._told_in(run)
                for step, attempt in _open_gates(run)
            ]
            stored = [each for each in shown if await self._ledger.get(each.key)]
            await self._ledger.announce(0, stored)
            self._asking.pop(run.id, None)
            self._wake()

    def look(self) -> None:
        """Take notice that a lock was changed."""
        for look in self._lock_listeners:
            look()
        self._locks_changed = True
        self._pending.set()

    async def _loop(self) -> None:
        while True:
            await self._pending.wait()
            self._pending.clear()
            try:
                await self._renew()
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
            run = runs[each.run]
            made = await self._reminders_sent(run, each.event)
            for chat in self._told_in(run):
                made += messages_for(run, each, chat)
                made += reminders_for(run, each, chat, self._catalog())
            for message in made:
                messages.setdefault(message.key, message)
        await self._ledger.announce(events[-1].sequence, list(messages.values()))
        self._wake()
        return True

    async def _reminders_sent(self, run: Run, event: Event) -> list[Shown]:
        """Find the direct messages that say something else after an event."""
        gates = _gates(run, event)
        direct = any(
            alarm.to is Remind.DIRECT and alarm.rung
            for each in run.steps
            for alarm in each.alarms
            if (each.name, each.attempt) in gates
        )
        if not direct:
            return []
        return [
            each
            for each in await self._ledger.of_run(run.id)
            if each.kind is Kind.DIRECT and (each.step, each.attempt) in gates
        ]

    def _told_in(self, run: Run) -> tuple[str, ...]:
        return chats_of(run, self._chats)

    async def _announce_locks(self) -> None:
        """Announce what became of locks, if anything did since the last look."""
        if not self._locks_changed:
            return
        self._locks_changed = False
        try:
            for each in await self._ledger.unannounced_locks():
                told = (
                    message_of(each, chat, self._channel_of(each.change.lock.environment, chat))
                    for chat in self._chats
                )
                await self._ledger.announce_lock(each.number, *(one for one in told if one))
                self._wake()
        except Temporary:
            self._locks_changed = True
            raise


def message_of(recorded: RecordedChange, chat: str, channel: str) -> Shown | None:
    """Say which message tells of a change of a lock in a chat; None: nothing there does."""
    asked = recorded.change.channel if recorded.change.chat == chat else ""
    if not channel and not asked:
        return None
    return Shown(
        key=keyed(f"lock/{recorded.number}", chat),
        run=RunId(""),
        kind=Kind.LOCK,
        chat=chat,
        channel=channel or asked,
        in_thread=False,
        number=recorded.number,
    )


def messages_for(run: Run, recorded: Recorded, chat: str) -> list[Shown]:
    """Say which messages an event adds or wakes: the card always, and perhaps one in its thread, with its log.

    A run that nobody asked for in a chat, of an environment without a channel, is told nowhere.
    """
    in_thread = _in_thread(run, chat)
    if not in_thread.channel:
        return []
    found = [replace(in_thread, key=card_key(run.id, chat), kind=Kind.CARD, in_thread=False)]
    found += [
        replace(
            in_thread,
            key=_request(run, step, attempt, chat),
            kind=Kind.APPROVAL,
            step=step,
            attempt=attempt,
        )
        for step, attempt in _gates(run, recorded.event)
    ]
    if isinstance(recorded.event, EmergencyDeclared | EmergencySigned):
        found += _emergency(in_thread, recorded.event)
    if is_told(recorded.event):
        key = keyed(f"{run.id}/event/{recorded.number}", chat)
        found.append(replace(in_thread, key=key, number=recorded.number))
        if chat in WITH_FILES and log_of(recorded.event) is not None:
            key = f"{run.id}/file/{recorded.number}"
            found.append(replace(in_thread, key=key, kind=Kind.FILE, number=recorded.number))
    return found


def _in_thread(run: Run, chat: str) -> Shown:
    return Shown(
        key="",
        run=run.id,
        kind=Kind.EVENT,
        chat=chat,
        channel=place_in(run, chat),
    )


def _request(run: Run, step: str, attempt: int, chat: str) -> str:
    return keyed(f"{run.id}/approval/{step}/{attempt}", chat)


def _open_gates(run: Run) -> list[tuple[str, int]]:
    return [(each.name, each.attempt) for each in run.steps if each.at_gate]


def _emergency(in_thread: Shown, event: EmergencyDeclared | EmergencySigned) -> list[Shown]:
    """Say it in the thread, where there is one, and in the channel; once it is signed, both show that."""
    key = keyed(f"{in_thread.run}/emergency/{event.step}/{event.attempt}", in_thread.chat)
    below = replace(in_thread, key=key, kind=Kind.EMERGENCY, step=event.step, attempt=event.attempt)
    loud = replace(below, key=f"{key}/channel", in_thread=False)
    return [below, loud] if in_thread.chat in WITH_THREADS else [loud]


def reminders_for(run: Run, recorded: Recorded, chat: str, catalog: Catalog) -> list[Shown]:
    """Say to whom a reminder goes directly: those who are still asked and want to hear of it."""
    event = recorded.event
    if not isinstance(event, ApprovalReminded) or event.to != Remind.DIRECT:
        return []
    step = run.step(event.step)
    if step is None or not step.at_gate or step.attempt != event.attempt:
        return []
    return [
        Shown(
            key=keyed(f"{run.id}/direct/{recorded.number}/{name}", chat),
            run=run.id,
            kind=Kind.DIRECT,
            chat=chat,
            channel="",
            in_thread=False,
            step=event.step,
            attempt=event.attempt,
            number=recorded.number,
            person=name,
        )
        for name in approvers(catalog, run, step)
        if catalog.people[name].notify and (chat != DINGTALK or catalog.people[name].dingtalk_id)
    ]


def _gates(run: Run, event: Event) -> list[tuple[str, int]]:
    """Name the steps, with their attempts, whose requests say something else after an event."""
    if isinstance(event, ASKING):
        return [(event.step, event.attempt)]
    # A gate that closes without an answer (a stop, a timeout) changes its request, too.
    return [
        (each.name, each.attempt)
        for each in run.steps
        if each.gate is not None and each.gate.until is None and each.phase.ended
    ]
