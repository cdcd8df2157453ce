"""The composition root: builds every part from settings and joins them.

The only module that knows both the core and the edges. Nothing is built at import, and what is started here is
stopped here, in the opposite order.
"""

import logging
import uuid
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from importlib.metadata import version

from bot.bootstrap.chats import (
    LIMITS,
    Chat,
    DingTalk,
    Slack,
    Speakers,
    channel_of,
    connect,
    dingtalk,
    say_what_is_not_told,
    slack,
)
from bot.bootstrap.equipment import read_catalog, revealing, step_types
from bot.catalog.holder import CatalogHolder
from bot.catalog.model import Catalog
from bot.chat.announcer import Announcer
from bot.chat.delivery import Delivery
from bot.chat.dingtalk.gateway import DingTalkGateway
from bot.chat.gateway import Gateway
from bot.chat.homes import Homes
from bot.chat.notices import Everywhere, RunNotices
from bot.chat.presenters.refusals import held
from bot.chat.reception import Reception
from bot.chat.roster import Roster
from bot.chat.slack.gateway import SlackGateway
from bot.clock import Clock, SystemClock
from bot.cluster.kube.clusters import KubeClusters
from bot.command.router import Router
from bot.engine.engine import Engine
from bot.engine.observers import Observers
from bot.events import RunId
from bot.operations.admission import holding
from bot.operations.desk import Desk
from bot.operations.keeping import Keeper
from bot.operations.ports import Locks
from bot.operations.turns import Turns
from bot.run.model import Run
from bot.run.ports import Hold
from bot.schedule.alarms import ClockAlarms
from bot.settings import Settings
from bot.steps.contract import Capabilities
from bot.steps.http import HttpCalls
from bot.store.database import Store, open_store

log = logging.getLogger(__name__)


class Shipmate:
    """The bot: everything between a chat and the clusters."""

    def __init__(self, settings: Settings, *, clock: Clock | None = None) -> None:
        self._settings = settings
        self._clock = clock or SystemClock()
        self._stack = AsyncExitStack()
        self._chats: dict[str, Chat] = {}

    @property
    def ready(self) -> bool:
        """Whether it is connected to all its chats."""
        return bool(self._chats) and all(each.connected for each in self._chats.values())

    @property
    def address(self) -> str:
        """Where Slack's requests are taken in HTTP mode; empty in Socket Mode."""
        return self.address_for(SlackGateway.name)

    def address_for(self, chat: str) -> str:
        """Answer where the requests of a chat are taken that calls us; empty where it does not."""
        found = self._chats.get(chat)
        return found.address if found is not None else ""

    async def connected(self) -> None:
        """Wait until it is connected to all its chats."""
        for each in self._chats.values():
            await each.wait_until_connected()

    async def start(self) -> None:
        """Build and start everything; go on with what a dead process left.

        Raises UserError for what whoever starts it has to mend. Waits for a chat that is away; runs go on meanwhile, and
        another chat is answered.
        """
        settings = self._settings
        holder = CatalogHolder(settings.workflows, read_catalog)
        store = open_store(settings.store_url, self._clock)
        self._stack.push_async_callback(store.close)
        of_slack, of_dingtalk = self._ends()
        gateways: list[Gateway] = [
            each.gateway for each in (of_slack, of_dingtalk) if each is not None
        ]
        say_what_is_not_told(holder(), gateways)
        catalog = Roster(holder, gateways[0])
        hold = held_by(catalog, store.locks, self._clock)
        speakers, announcer = self._speaking(store, gateways, catalog, hold)
        clusters = self._clusters(catalog)
        turns = Turns(speakers.touch)
        observers = Observers(announcer, turns)
        engine, alarms = self._engine(store, clusters, speakers, observers)
        desk = self._desk(catalog, store, clusters, engine, announcer, hold)
        keeper = Keeper(desk, others=announcer.look_again)
        observers.add(keeper)
        announcer.listen_to_locks(keeper.look)
        announcer.listen_to_locks(turns.look)
        router = Router(desk)
        catalog.start()
        self._stack.push_async_callback(catalog.stop)
        await self._speak(speakers, announcer, keeper)
        receptions = [self._reception(each, store, router, catalog) for each in gateways]
        if of_slack is not None:
            homes = await self._homes(of_slack.gateway, store, router, catalog, announcer)
            self._chats[SlackGateway.name] = of_slack.chat(receptions[0], catalog, homes)
        if of_dingtalk is not None:
            self._chats[DingTalkGateway.name] = of_dingtalk.chat(receptions[-1])
        await self._move(engine, alarms, turns, desk)
        await self._hear(receptions)

    async def stop(self) -> None:
        """Stop everything, the last started first. Runs stay as they are stored."""
        await self._stack.aclose()

    def _ends(self) -> tuple[Slack | None, DingTalk | None]:
        """Make the ends of the chats that the settings name."""
        settings = self._settings
        use_dingtalk = settings.dingtalk.wanted
        use_slack = settings.slack.wanted or not use_dingtalk
        return (
            slack(settings.slack) if use_slack else None,
            dingtalk(settings.dingtalk, self._clock) if use_dingtalk else None,
        )

    def _speaking(
        self, store: Store, gateways: Sequence[Gateway], catalog: Roster, hold: Hold
    ) -> tuple[Speakers, Announcer]:
        speakers = Speakers(
            [
                Delivery(
                    gateway=each,
                    ledger=store.ledger,
                    runs=store.runs,
                    catalog=catalog,
                    clock=self._clock,
                    hold=hold,
                    others=[other for other in gateways if other is not each],
                    limits=LIMITS[each.name],
                )
                for each in gateways
            ]
        )
        announcer = Announcer(
            chats=tuple(each.name for each in gateways),
            ledger=store.ledger,
            runs=store.runs,
            catalog=catalog,
            touch=speakers.touch,
            wake=speakers.wake,
            channel_of=lambda name, chat: channel_of(catalog, name, chat),
        )
        return speakers, announcer

    def _reception(
        self, gateway: Gateway, store: Store, router: Router, catalog: Roster
    ) -> Reception:
        return Reception(
            gateway=gateway,
            inbox=store.inbox,
            ledger=store.ledger,
            groups=catalog,
            router=router,
            runs=store.runs,
            catalog=catalog,
        )

    def _clusters(self, catalog: Callable[[], Catalog]) -> KubeClusters:
        clusters = KubeClusters(
            lambda: catalog().clusters,
            self._settings.kubeconfig,
            self._clock,
            reveal=revealing(self._settings.secrets),
        )
        self._stack.push_async_callback(clusters.close)
        return clusters

    def _desk(
        self,
        catalog: Callable[[], Catalog],
        store: Store,
        clusters: KubeClusters,
        engine: Engine,
        announcer: Announcer,
        hold: Hold,
    ) -> Desk:
        return Desk(
            catalog=catalog,
            runs=store.runs,
            inventory=store.inventory,
            clusters=clusters,
            engine=engine,
            clock=self._clock,
            new_id=new_run_id,
            locks=store.locks,
            audit=store.audit,
            announce=announcer.look,
            hold=hold,
        )

    async def _homes(
        self,
        gateway: SlackGateway,
        store: Store,
        router: Router,
        catalog: Callable[[], Catalog],
        announcer: Announcer,
    ) -> Homes:
        """Make the homes of those who use Slack, and keep them true."""
        homes = Homes(
            gateway=gateway,
            shelf=store.homes,
            ledger=store.ledger,
            router=router,
            catalog=catalog,
            clock=self._clock,
        )
        announcer.listen(homes.touch)
        announcer.listen_to_locks(homes.look)
        await homes.start()
        self._stack.push_async_callback(homes.stop)
        return homes

    def _engine(
        self, store: Store, clusters: KubeClusters, speakers: Speakers, observers: Observers
    ) -> tuple[Engine, ClockAlarms]:
        http = HttpCalls(f"shipmate/{version('shipmate')}")
        self._stack.push_async_callback(http.close)
        alarms = ClockAlarms()
        engine = Engine(
            runs=store.runs,
            types=step_types(self._settings.secrets),
            granted=Capabilities(
                clusters=clusters,
                inventory=store.inventory,
                runs=store.runs,
                notices=RunNotices(
                    Everywhere(speakers.deliveries), store.ledger, SlackGateway.name
                ),
                http=http,
            ),
            clock=self._clock,
            alarms=alarms,
            observer=observers,
        )
        return engine, alarms

    async def _speak(self, speakers: Speakers, announcer: Announcer, keeper: Keeper) -> None:
        """Start the parts that speak, so that what the others do is told."""
        self._stack.push_async_callback(speakers.stop)
        await speakers.start()
        announcer.start()
        self._stack.push_async_callback(announcer.stop)
        keeper.start()
        self._stack.push_async_callback(keeper.stop)

    async def _move(self, engine: Engine, alarms: ClockAlarms, turns: Turns, desk: Desk) -> None:
        """Start the parts that move runs: what is under way goes on, and then whose turn it is begins."""
        alarms.start(engine.wake)
        self._stack.callback(alarms.stop)
        self._stack.push_async_callback(engine.stop)
        found = await engine.recover()
        if found:
            log.info("went on with %d runs", found)
        turns.start(desk)
        self._stack.push_async_callback(turns.stop)

    async def _hear(self, receptions: Sequence[Reception]) -> None:
        """Answer what a dead process had taken in, and listen."""
        answered = sum([await each.replay() for each in receptions])
        if answered:
            log.info("answered %d requests that were left", answered)
        for each in self._chats.values():
            self._stack.push_async_callback(each.stop)
        await connect(tuple(self._chats.values()))


def held_by(catalog: Callable[[], Catalog], locks: Locks, clock: Clock) -> Hold:
    """Make what says why a run may not begin: a lock or a freeze of its place."""

    async def hold(run: Run) -> str:
        found = holding(catalog(), run, await locks.there_are(run.environment), clock.now())
        return held(found) if found is not None else ""

    return hold


def new_run_id() -> RunId:
    """Make an id that no other run has, in any database."""
    return RunId(uuid.uuid4().hex)
