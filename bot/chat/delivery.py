"""Makes what a chat shows equal to what it should show, and keeps it so.

The ledger says which messages there should be; each is rendered from its run as it is now, and posted or
edited when that differs from what was last shown. Edits are coalesced, the chat's limits kept, order within a
thread kept. A message whose arrival is not known is looked for before it is posted again. Files have a loop of
their own (`bot.chat.attachments`). Nothing here reaches back into the engine: a chat that is away delays
messages, never a run.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace

from bot.catalog.model import Catalog, Person
from bot.chat.afterthoughts import Afterthoughts
from bot.chat.attachments import PATIENCE, PLACE_KEPT, Attachments, Places
from bot.chat.budget import SLACK_LIMITS, Budget, Limits
from bot.chat.gateway import UNEDITABLE, Gateway, Unknown
from bot.chat.message import Message
from bot.chat.pages import Pages
from bot.chat.places import card_key, keyed, place_in
from bot.chat.ports import Kind, Ledger, Shown, State
from bot.chat.regrets import Regrets
from bot.chat.turns import Turns
from bot.chat.waiters import Waiters
from bot.chat.whereabouts import channel_of, thread_of
from bot.clock import Clock
from bot.errors import Permanent, TakenOver, Temporary
from bot.events import RunId
from bot.run.model import Run, RunPhase
from bot.run.ports import Runs

log = logging.getLogger(__name__)

CARD_PAUSE = 2.0
"""Seconds between two edits of a card, unless someone has to act or the run has ended."""

PAUSE = 2.0
BROKEN_PAUSE = 30.0
"""Seconds before a message that a mistake of ours keeps from being shown is tried again."""

ORDER_PAUSES = (0.01, 0.02, 0.05, 0.1, 0.3, 1.0, 3.0)
"""Seconds between looks whether what happened before a notice is announced; it is not waited for longer."""

REMEMBERED = 512
"""Runs whose newest state is kept, so that a card needs no look into the store."""

GONE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})
"""Codes of a message that somebody deleted, or that cannot be made true any more."""

PARENT_GONE = frozenset({"thread_not_found", "cannot_reply_to_message"})
"""Codes of a card below which nothing can stand any more."""


class Delivery:
    """The messages of one chat. Also the `Notices` of steps."""

    def __init__(
        self,
        *,
        gateway: Gateway,
        ledger: Ledger,
        runs: Runs,
        catalog: Callable[[], Catalog],
        clock: Clock,
        pages: Pages,
        regrets: Regrets,
        limits: Limits = SLACK_LIMITS,
        afterthoughts: Afterthoughts | None = None,
        patience: float = PATIENCE,
        place_kept: float = PLACE_KEPT,
    ) -> None:
        """`afterthoughts`: where another replica may lead by now; `patience` and `place_kept` are those of files, in seconds."""
        self._gateway = gateway
        self._after = afterthoughts
        self._ledger = ledger
        self._runs = runs
        self._catalog = catalog
        self._clock = clock
        self._budget = Budget(limits)
        self._files = Attachments(
            gateway=gateway,
            ledger=ledger,
            runs=runs,
            clock=clock,
            budget=self._budget,
            changed=self.wake,
            patience=patience,
        )
        self._places = Places(place_kept)
        self._pages = pages
        self._regrets = regrets
        self._turns = Turns(())
        self._not_before: dict[str, float] = {}
        self._latest: OrderedDict[RunId, Run] = OrderedDict()
        self._dirty: set[RunId] = set()
        self._edited: dict[str, float] = {}
        self._waiters = Waiters()
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def chat(self) -> str:
        """The name of the chat."""
        return self._gateway.name

    async def start(self) -> None:
        """Begin; the runs that a dead process left are told to it as the engine takes them up."""
        self._task = asyncio.create_task(self._loop(), name="delivery")
        self._files.start()

    async def stop(self) -> None:
        """End; what is not shown yet stays in the store."""
        await self._files.stop()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def wake(self) -> None:
        """Take notice that the ledger has something to show."""
        self._woken.set()

    def touch(self, run: Run) -> None:
        """Take notice of a run's newest state, or that nothing is known of a newer one: its card may be old."""
        known = self._latest.get(run.id)
        self._latest[run.id] = known if known is not None and known.version > run.version else run
        self._latest.move_to_end(run.id)
        if len(self._latest) > REMEMBERED:
            self._latest.popitem(last=False)
        self._dirty.add(run.id)
        self._woken.set()

    async def post(self, run: Run, key: str, text: str, *, channel: str = "") -> None:
        """Say what a notification step says, once, and wait until it stands there.

        Raises Permanent when the chat refuses it.
        """
        if not channel:
            await self._catch_up(run)
        stored = await self.say(run, key, text, channel=channel)
        if stored.state is State.SHOWN:
            return
        expected = self._waiters.expected(stored.key)
        self.wake()
        await expected

    async def say(self, run: Run, key: str, text: str, *, channel: str = "") -> Shown:
        """Have something said once, as `post` does, and answer as soon as that is stored."""
        stored = await self._ledger.add(
            Shown(
                key=keyed(f"{run.id}/notice/{key}", self.chat),
                run=run.id,
                kind=Kind.NOTICE,
                chat=self.chat,
                channel=channel or place_in(run, self.chat),
                in_thread=not channel,
                text=text,
            )
        )
        if stored.state is State.FAILED:
            stored = replace(stored, state=State.WAITING, error="")
            await self._ledger.update(stored)
        self.wake()
        return stored

    async def _catch_up(self, run: Run) -> None:
        """Wait a moment for what has happened in a run to be announced: it belongs above what is said now."""
        for pause in ORDER_PAUSES:
            if all(each.run != run.id for each in await self._ledger.unannounced()):
                return
            await asyncio.sleep(pause)

    async def _loop(self) -> None:
        while True:
            try:
                pause = await self._round()
            except Temporary as error:
                log.warning("messages wait: %s", error)
                pause = PAUSE
            try:
                await asyncio.wait_for(self._woken.wait(), pause)
            except TimeoutError:
                continue

    async def _round(self) -> float | None:
        """Show what can be shown now; answer the seconds until something that has to wait can be."""
        self._woken.clear()
        pending = [each for each in await self._ledger.pending() if each.chat == self.chat]
        todo = {each.key: each for each in pending if each.kind is not Kind.FILE}
        held = self._places.held(pending, self._now())
        for run_id in tuple(self._dirty):
            found = await self._ledger.get(card_key(run_id, self.chat))
            if found is not None and found.state is State.SHOWN:
                todo.setdefault(found.key, found)
            else:
                self._dirty.discard(run_id)  # it is pending, or the chat has refused it
        self._not_before = {key: at for key, at in self._not_before.items() if key in todo}
        self._turns = Turns(todo.values())
        waits: list[float] = []
        for each in todo.values():
            wait = held.get(each.key) or self._turns.behind(each) or await self._try_to_show(each)
            if wait:
                waits.append(wait)
                if each.kind is Kind.CARD:
                    self._dirty.add(each.run)
        return min(waits, default=None)

    async def _try_to_show(self, entry: Shown) -> float:
        early = self._not_before.get(entry.key, 0.0) - self._now()
        if early > 0:
            self._turns.waited(entry, early)
            return early
        if entry.kind is Kind.CARD:
            self._dirty.discard(entry.run)  # what happens to the run from here on is news again
        try:
            wait = await self._show(entry)
        except Temporary:
            self._dirty.add(entry.run)
            raise
        except Exception:  # the named boundary: one broken message must not silence the others
            log.exception("%s could not be shown", entry.key)
            return BROKEN_PAUSE
        self._turns.waited(entry, wait)
        return wait

    async def _show(self, entry: Shown) -> float:
        """Make one message true; answer the seconds it has to wait, or 0."""
        run = self._latest.get(entry.run) or await self._runs.get(entry.run)
        if run is None and entry.kind is not Kind.LOCK:
            await self._fail(entry, Permanent("its run is gone", code="run_gone"))
            return 0.0
        people = dict(self._catalog().people)
        try:
            try:
                if entry.ts:
                    return await self._edit(entry, run, people)
                return await self._post(entry, run, people)
            except Permanent as error:
                await self._refused(entry, run, error)
                return 0.0
        except Temporary as error:
            return self._rest(entry, error)

    def _rest(self, entry: Shown, error: Temporary) -> float:
        """Leave a message alone for a while; a `Retry-After` is for all that use the same method there."""
        wait = error.retry_after or PAUSE
        method = "edit" if entry.ts else "post"
        until = self._now() + wait
        self._not_before[entry.key] = until
        if error.retry_after:
            self._budget.close(method, entry.channel, until)
        log.info("%s of %s waits %.1f s: %s", method, entry.key, wait, error)
        return wait

    async def _edit(self, entry: Shown, run: Run | None, people: dict[str, Person]) -> float:
        phase = run.phase if run is not None and entry.kind is Kind.CARD else None
        matters = phase is None or phase.ended or phase is RunPhase.SUSPENDING
        now = self._now()
        wait = self._budget.wait_to_edit(now, matters=matters)
        if not matters:
            wait = max(wait, self._edited.get(entry.key, 0.0) + CARD_PAUSE - now)
        if wait > 0:
            return wait
        message = await self._pages.of(entry, run)
        digest = await self._gateway.digest(message, people)
        if digest == entry.digest and entry.state is not State.POSTING:
            if entry.state is not State.SHOWN:
                await self._shown(replace(entry, state=State.SHOWN, error=""))
            return 0.0
        editing = self._gateway.edit(entry.channel, entry.ts, message, people)
        await (self._after.edit(entry, editing) if self._after else editing)
        self._budget.edited(now)
        self._edited[entry.key] = now
        if run is None or run.phase.ended:
            self._edited.pop(entry.key, None)
        await self._said(entry, entry.ts, digest)
        return 0.0

    async def _post(self, entry: Shown, run: Run | None, people: dict[str, Person]) -> float:
        channel = await channel_of(self._gateway, entry, people)
        matters = self._turns.urgent(entry)
        wait = self._budget.wait_to_post(channel, self._now(), matters=matters)
        if wait > 0:
            return wait  # asked first of all: in a busy channel most messages are still to wait
        parent = ""
        if entry.in_thread:
            above = await self._ledger.get(card_key(entry.run, self.chat))
            if above is None or (not above.ts and above.state is not State.FAILED):
                return PAUSE if above is None else 0.1
            parent = above.ts
        entry = replace(entry, channel=channel)
        if entry.state is State.POSTING:
            found = await self._gateway.find(
                channel, _sent_as(entry), since=entry.posted_at, thread=parent
            )
            if found is not None:
                await self._shown(replace(entry, state=State.WAITING, ts=found, digest=""))
                self.wake()
                return 0.0
        message = await self._pages.of(entry, run)
        entry = replace(entry, state=State.POSTING, posted_at=self._now())
        await self._ledger.update(entry)
        self._budget.posted(channel, self._now())
        sending = self._send(entry, message, people, parent)
        ts = await (self._after.post(entry, sending) if self._after else sending)
        await self._said(entry, ts, await self._gateway.digest(message, people))
        if entry.kind is Kind.CARD:
            self._edited[entry.key] = self._now()
            self.wake()  # what stands below it can follow
        return 0.0

    async def _send(
        self, entry: Shown, message: Message, people: dict[str, Person], parent: str
    ) -> str:
        """Post; when the chat certainly has not taken it, forget that it was tried."""
        try:
            return await self._gateway.post(
                entry.channel, message, people, key=_sent_as(entry), thread=parent
            )
        except Unknown:
            raise
        except Temporary:
            await self._ledger.update(replace(entry, state=State.WAITING))
            raise

    async def _said(self, entry: Shown, ts: str, digest: str) -> None:
        """Note what stands there now."""
        try:
            await self._shown(replace(entry, state=State.SHOWN, ts=ts, digest=digest, error=""))
        except TakenOver:
            if self._after is not None:
                self._after.put_right(entry, ts)
            raise

    async def _shown(self, entry: Shown) -> None:
        await self._ledger.update(entry)
        if entry.kind is Kind.EVENT:
            self._files.wake()  # its log can follow
        if entry.state is State.SHOWN:
            self._waiters.stands(entry.key)

    async def _refused(self, entry: Shown, run: Run | None, error: Permanent) -> None:
        if entry.ts and error.code == UNEDITABLE:
            await self._said_anew(entry, run, error)
            return
        if entry.ts and error.code in GONE:
            await self._again(entry)
            return
        key = card_key(entry.run, self.chat)
        above = await self._ledger.get(key) if entry.in_thread else None
        if above is not None and above.ts and error.code in PARENT_GONE:
            await self._again(above)
            await self._ledger.update(replace(entry, state=State.WAITING, ts="", digest=""))
            return
        # Told first: a process that dies in between tells it twice rather than never.
        await self._regrets.tell(entry, run, error)
        await self._fail(entry, error)

    async def _said_anew(self, entry: Shown, run: Run | None, error: Permanent) -> None:
        """Say again what cannot be changed where it stands, unless it may as well be old for a while."""
        phase = run.phase if run is not None and entry.kind is Kind.CARD else None
        if phase is None or phase.ended or phase is RunPhase.SUSPENDING:
            await self._again(entry)
        else:
            log.info("%s shows something old: %s", entry.key, error)
            await self._shown(replace(entry, state=State.SHOWN))

    async def _again(self, entry: Shown) -> None:
        log.info("%s is gone from its channel, or old for good, and is posted again", entry.key)
        is_card = entry.kind is Kind.CARD
        before = await thread_of(self._gateway, self._ledger, entry) if is_card else ""
        gone = replace(entry, state=State.WAITING, ts="", digest="", again=entry.again + 1)
        await self._ledger.update(replace(gone, thread_before=before))
        self.wake()

    async def _fail(self, entry: Shown, error: Permanent) -> None:
        log.warning("%s cannot be shown in %s: %s", entry.key, entry.channel, error)
        code = error.code or str(error)
        await self._ledger.update(replace(entry, state=State.FAILED, error=code))
        if entry.kind is Kind.EVENT:
            self._files.wake()
        self._waiters.refused(entry.key, error)

    def _now(self) -> float:
        return self._clock.now().timestamp()


def _sent_as(entry: Shown) -> str:
    """Answer the key by which a chat finds a message: each time that it is posted anew another one."""
    return f"{entry.key}~{entry.again}" if entry.again else entry.key
