"""What each message of the ledger should show now: of its run as it is, or of the lock that it tells of."""

from collections.abc import Callable

from bot.catalog.model import Catalog
from bot.chat.language import speaking
from bot.chat.message import Message
from bot.chat.offering import adapted, without_channel
from bot.chat.places import SLACK
from bot.chat.ports import Kind, Ledger, Shown, State
from bot.chat.presenters import approving, card, locks, thread
from bot.chat.readers import Readers
from bot.clock import Clock
from bot.run.line import Standing, standing
from bot.run.model import Run
from bot.run.ports import Hold, Runs
from bot.run.timing import restart_at


class Pages:
    """Renders messages. Each method raises Temporary while the store is away."""

    def __init__(
        self,
        *,
        runs: Runs,
        ledger: Ledger,
        catalog: Callable[[], Catalog],
        clock: Clock,
        hold: Hold,
        readers: Readers,
    ) -> None:
        """`hold` says what keeps a run waiting, `readers` in which language it is said."""
        self._runs = runs
        self._ledger = ledger
        self._catalog = catalog
        self._clock = clock
        self._hold = hold
        self._readers = readers

    async def of(self, entry: Shown, run: Run | None) -> Message:
        """Answer what a message should show now; `run` is the newest state of the one it is about, if it is about one."""
        if run is None:
            found = await self._ledger.lock_change(entry.number)
            assert found is not None, "the message was made of it"
            with speaking(self._readers.of_channel(found.change.lock.environment)):
                return locks.told(found.change, self._catalog())
        with speaking(await self._language(run, entry)):
            if entry.chat == SLACK:
                return await self._of_run(run, entry)
            message = await self._of_run(without_channel(run), entry)
            return adapted(message, run, self._catalog(), named=entry.kind is not Kind.CARD)

    async def _language(self, run: Run, entry: Shown) -> str:
        """Answer the language of whoever reads a message: one person, or all in a channel."""
        if entry.kind is Kind.DIRECT:
            return await self._readers.of_person(entry.person)
        return self._readers.of_channel(run.environment)

    async def _of_run(self, run: Run, entry: Shown) -> Message:
        catalog = self._catalog()
        match entry.kind:
            case Kind.CARD:
                before = entry.thread_before
                return card.card(
                    run,
                    catalog,
                    await self._standing(run),
                    thread_before=before,
                    threaded=entry.chat == SLACK,
                )
            case Kind.APPROVAL | Kind.DIRECT:
                step = run.step(entry.step)
                assert step is not None
                render = thread.direct if entry.kind is Kind.DIRECT else thread.approval
                return render(run, step, entry.attempt, catalog)
            case Kind.EMERGENCY:
                loud = not entry.in_thread
                return approving.emergency(run, entry.step, entry.attempt, catalog, loud=loud)
            case Kind.NOTICE:
                return thread.notice(entry.text)
            case Kind.EVENT:
                event = (await self._runs.events(run.id))[entry.number - 1].event
                if isinstance(event, approving.Told):
                    return approving.told(run, event, catalog)
                has_log = thread.log_of(event) is not None
                unattached = await self._unattached(run, entry.number) if has_log else ""
                return thread.told(run, event, unattached=unattached)
            case Kind.FILE | Kind.LOCK:
                raise ValueError(f"{entry.key} is not rendered of a run")

    async def _standing(self, run: Run) -> Standing | None:
        """Look where a run stands that waits for its turn, or what holds one that is to begin anew by now."""
        anew = restart_at(run)
        if anew is not None and anew <= self._clock.now():
            return Standing(place=0, hold=await self._hold(run))
        if not run.waits:
            return None
        latest = await self._runs.latest(run.application, run.environment)
        hold, now = await self._hold(run), self._clock.now()
        return standing(run, latest.unfinished, latest.line, now, hold=hold)

    async def _unattached(self, run: Run, number: int) -> str:
        """Answer why the log of an event does not stand below its message; empty when it does, or may yet."""
        file = await self._ledger.get(f"{run.id}/file/{number}")
        return file.error if file is not None and file.state is State.FAILED else ""
