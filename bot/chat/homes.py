"""Keeps the app's homes that people look at true: published when opened, and again when a run has changed.

Slack says when a home is opened and never when it is closed, so one counts as open for some hours, the newest
first. Changes are coalesced, and what would look the same is not published. One loop publishes for everyone, one
home after the other, so that no two of our views race and `views.publish` needs no `hash`. Who has looked is in the
store: after a restart their homes are made true first of all; what was shown in them need not be kept.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass

from bot.catalog.model import Catalog
from bot.chat.budget import Bucket
from bot.chat.gateway import Gateway
from bot.chat.language import speaking
from bot.chat.message import Message
from bot.chat.ports import Ledger, OpenHome, OpenHomes
from bot.chat.presenters import home
from bot.chat.readers import Readers
from bot.clock import Clock
from bot.command.router import Router
from bot.errors import Permanent, Temporary
from bot.events import RunId
from bot.operations.overview import Overview, Survey, seen_by
from bot.policy.people import identify, unknown_person
from bot.run.model import Run

log = logging.getLogger(__name__)

OPEN_FOR = 8 * 3600.0
"""Seconds for which a home counts as open after it was opened."""
MOST = 100
"""Homes that are kept true, those opened last."""
QUIET = 1.5
"""Seconds between two looks at what has changed."""
SHARE = 10.0
"""A look that takes long (very many runs) is followed by a rest so many times as long."""
REMEMBERED = 1000
"""Runs whose links and states are kept."""
PAUSE = 5.0
BURST = 20.0
PER_SECOND = 90 / 60
"""Slack lets an app call views.publish 100 times a minute (Tier 4)."""
RESERVE = 8.0
"""Calls that only homes being opened may use."""


@dataclass(slots=True)
class _Open:
    home: OpenHome
    digest: str = ""
    wanted: bool = True
    fresh: bool = True
    """Whether it was opened and not shown since."""


class Homes:
    """The homes of one chat."""

    def __init__(
        self,
        *,
        gateway: Gateway,
        shelf: OpenHomes,
        ledger: Ledger,
        router: Router,
        catalog: Callable[[], Catalog],
        clock: Clock,
        readers: Readers,
    ) -> None:
        self._readers = readers
        self._gateway = gateway
        self._shelf = shelf
        self._ledger = ledger
        self._router = router
        self._catalog = catalog
        self._clock = clock
        self._open: dict[str, _Open] = {}
        self._links: dict[RunId, str] = {}
        self._seen: dict[RunId, int] = {}
        self._bucket = Bucket(BURST, PER_SECOND, BURST, 0.0)
        self._not_before = 0.0
        self._woken = asyncio.Event()
        self._looked_at = asyncio.Event()
        self._others = False
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin with the homes that were open when a process died. Raises Temporary when the store is away."""
        since = self._now() - OPEN_FOR
        for each in reversed(await self._shelf.lately(self._gateway.name, since, MOST)):
            self._open[each.identity] = _Open(each, fresh=False)
        self._woken.set()
        self._task = asyncio.create_task(self._loop(), name="homes")

    async def stop(self) -> None:
        """End."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def opened(self, identity: str) -> None:
        """Show someone their home, from now on as it is."""
        try:
            email = (await self._gateway.profile_of(identity)).email
            found = OpenHome(
                chat=self._gateway.name, identity=identity, email=email, opened=self._now()
            )
            self._open.pop(identity, None)
            self._open[identity] = _Open(found)
            self._woken.set()
            self._looked_at.set()
            await self._shelf.opened(found)
        except (Temporary, Permanent) as error:
            log.warning("the home of %s could not be shown: %s", identity, error)

    def look_for_others(self) -> None:
        """Take notice that somebody may have opened their home at another replica."""
        self._others = True
        self._woken.set()
        self._looked_at.set()

    async def _add_others(self) -> None:
        """Open the homes that were opened at other replicas."""
        if not self._others:
            return
        since = self._now() - OPEN_FOR
        found = await self._shelf.lately(self._gateway.name, since, MOST)
        self._others = False
        for each in reversed(found):
            known = self._open.get(each.identity)
            if known is None or known.home.opened < each.opened:
                self._open.pop(each.identity, None)
                self._open[each.identity] = _Open(each)

    def touch(self, run: Run) -> None:
        """Take notice that a run has changed; how far the parts of a step are is not shown at home."""
        if not self._open or self._seen.get(run.id) == (now := _visible(run)):
            return
        self._seen[run.id] = now
        for each in self._open.values():
            each.wanted = True
        self._woken.set()

    def look(self) -> None:
        """Take notice that something else has changed that everyone sees: a lock."""
        for each in self._open.values():
            each.wanted = True
        self._woken.set()

    async def _loop(self) -> None:
        while True:
            await self._woken.wait()
            self._woken.clear()
            try:
                pause = await self._round()
            except (Temporary, Permanent) as error:
                log.info("homes wait: %s", error)
                pause = PAUSE
                self._woken.set()
            except Exception:  # the named boundary: a mistake of ours must not end the loop
                log.exception("homes could not be shown")
                pause = PAUSE
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._looked_at.wait(), pause)

    async def _round(self) -> float:
        """Publish what has changed, the home that was opened last first; answer the seconds to rest."""
        await self._add_others()
        self._forget()
        self._looked_at.clear()
        wanted = [each for each in reversed(self._open.values()) if each.wanted]
        if not wanted:
            return 0.0
        for each in wanted:
            each.wanted = False  # what happens from here on is news again
        try:
            return await self._publish_all(wanted)
        finally:
            for each in wanted:
                each.wanted = True

    async def _publish_all(self, wanted: list[_Open]) -> float:
        """Publish homes and take them off the list, until one has to wait; answer the seconds to rest."""
        began = self._now()
        found = await self._router.survey()
        rest = max(QUIET, SHARE * (self._now() - began))
        while wanted:
            now = self._now()
            wait = self._bucket.wait(now, 0.0 if wanted[0].fresh else RESERVE)
            wait = max(wait, self._not_before - now)
            if wait > 0:
                self._woken.set()
                return wait
            await self._publish(wanted[0], found)
            del wanted[0]
        return rest

    async def _publish(self, opened: _Open, found: Survey) -> None:
        opened.fresh = False
        try:
            with speaking(await self._readers.of_identity(opened.home.identity)):
                message = await self._rendered(opened.home, found)
            people = dict(self._catalog().people)
            digest = await self._gateway.digest(message, people)
            if digest == opened.digest:
                return
            self._bucket.take(self._now())
            await self._gateway.show_home(opened.home.identity, message, people)
            opened.digest = digest
        except Temporary as error:
            if error.retry_after:
                self._not_before = self._now() + error.retry_after
            raise
        except Permanent as error:
            log.warning("the home of %s could not be shown: %s", opened.home.identity, error)
            self._open.pop(opened.home.identity, None)

    async def _rendered(self, opened: OpenHome, found: Survey) -> Message:
        catalog = self._catalog()
        who = {"chat": opened.chat, "identity": opened.identity, "email": opened.email}
        person = identify(catalog, **who)
        if person is None:
            return home.stranger(unknown_person(catalog, **who))
        overview = seen_by(person, catalog, found)
        return home.home(overview, catalog, links=await self._links_of(overview))

    async def _links_of(self, overview: Overview) -> dict[RunId, str]:
        """Answer where the cards of the runs stand that are shown."""
        shown = [*(run for run, _ in overview.waiting), *overview.under_way, *overview.mine]
        wanted = list(dict.fromkeys(each.id for each in shown))[: home.MOST_PLACES]
        links: dict[RunId, str] = {}
        for run in wanted:
            card = await self._ledger.get(f"{run}/card")
            if card is None or not card.ts:
                continue
            if run not in self._links:
                try:
                    self._links[run] = await self._gateway.permalink(card.channel, card.ts)
                except (Temporary, Permanent) as error:
                    log.info("the card of %s has no address: %s", run, error)
                    continue
            links[run] = self._links[run]
        return links

    def _forget(self) -> None:
        """Let those go that were opened too long ago, or before too many others."""
        since = self._now() - OPEN_FOR
        keep = [each for each in self._open.items() if each[1].home.opened > since][-MOST:]
        self._open = dict(keep)
        for remembered in (self._links, self._seen):
            if len(remembered) > REMEMBERED:
                remembered.clear()

    def _now(self) -> float:
        return self._clock.now().timestamp()


def _visible(run: Run) -> int:
    """Answer what stands for everything of a run that a home shows."""
    steps = tuple((each.phase, each.reason, len(each.votes)) for each in run.steps)
    return hash((run.phase, run.suspended_by, run.revision, run.message, steps))
