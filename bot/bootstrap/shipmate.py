"""The composition root: builds every part from settings and joins them.

The only module that knows both the core and the edges. Nothing is built at import, and what is started here is
stopped here, in the opposite order.
"""

import logging
import uuid
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from functools import partial
from importlib.metadata import version

from bot.bootstrap.equipment import read_catalog, revealing, step_types
from bot.bootstrap.web import Web, checks
from bot.catalog.holder import CatalogHolder
from bot.catalog.model import Catalog
from bot.chat.announcer import Announcer
from bot.chat.delivery import Delivery
from bot.chat.homes import Homes
from bot.chat.notices import RunNotices
from bot.chat.presenters.refusals import held
from bot.chat.reception import Reception
from bot.chat.roster import Roster
from bot.chat.slack.app import SlackChat
from bot.chat.slack.connection import Connection
from bot.chat.slack.counting import CountedClient
from bot.chat.slack.gateway import SlackGateway, web_client
from bot.chat.slack.http import HttpRequests
from bot.chat.slack.sockets import Sockets
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
from bot.settings import Settings, SlackSettings
from bot.steps.contract import Capabilities
from bot.steps.http import HttpCalls
from bot.store.database import Store, open_store
from bot.web.health import Check
from bot.web.metrics import Metrics
from bot.web.server import HttpServer

log = logging.getLogger(__name__)


class Shipmate:
    """The bot: everything between a chat and the clusters."""

    def __init__(self, settings: Settings, *, clock: Clock | None = None) -> None:
        self._settings = settings
        self._clock = clock or SystemClock()
        self._stack = AsyncExitStack()
        self._chat: SlackChat | None = None
        self._http: HttpServer | None = None

    @property
    def ready(self) -> bool:
        """Whether it is connected to its chat."""
        return self._chat is not None and self._chat.connected

    @property
    def address(self) -> str:
        """Where Slack's requests are taken in HTTP mode; empty in Socket Mode."""
        return self._chat.address if self._chat is not None else ""

    @property
    def http_address(self) -> str:
        """Where health, metrics, the API and triggers are; empty where they are off."""
        return self._http.address if self._http is not None else ""

    async def connected(self) -> None:
        """Wait until it is connected to its chat."""
        if self._chat is not None:
            await self._chat.wait_until_connected()

    async def start(self) -> None:
        """Build and start everything; go on with what a dead process left.

        Raises UserError for what whoever starts it has to mend. Waits for a chat that is away; runs go on meanwhile.
        """
        settings = self._settings
        holder = CatalogHolder(settings.workflows, read_catalog)
        store = open_store(settings.store_url, self._clock)
        self._stack.push_async_callback(store.close)
        metrics = Metrics(version("shipmate"))
        store.listen(metrics.happened, metrics.committed)
        client = self._client(metrics)
        gateway = SlackGateway(client)
        catalog = Roster(holder, gateway)
        hold = held_by(catalog, store.locks, self._clock)
        delivery, announcer = self._speaking(store, gateway, catalog, hold)
        clusters = self._clusters(catalog, metrics)
        turns = Turns(delivery.touch)
        observers = Observers(announcer, turns, metrics)
        engine, alarms = self._engine(store, clusters, delivery, observers)
        desk = self._desk(catalog, store, clusters, engine, announcer, hold)
        keeper = Keeper(desk, others=announcer.look_again)
        observers.add(keeper)
        announcer.listen_to_locks(keeper.look)
        announcer.listen_to_locks(turns.look)
        router = Router(desk)
        homes = self._homes(gateway, store, router, catalog)
        announcer.listen(homes.touch)
        announcer.listen_to_locks(homes.look)
        reception = self._reception(gateway, store, router, catalog, metrics)
        chat = SlackChat(
            client=client,
            connection=connection(settings.slack),
            reception=reception,
            groups=catalog,
            homes=homes,
        )
        catalog.start()
        self._stack.push_async_callback(catalog.stop)
        await self._speak(delivery, announcer, keeper, homes)
        await self._move(engine, alarms, turns, desk)
        chats = {SlackGateway.name: lambda: chat.connected}
        web = self._web(store, router, catalog)
        observers.add(web.following)
        await self._serve(metrics, partial(checks, store, chats, clusters, catalog), web)
        await self._hear(reception, chat)

    async def stop(self) -> None:
        """Stop everything, the last started first. Runs stay as they are stored."""
        await self._stack.aclose()

    def _speaking(
        self, store: Store, gateway: SlackGateway, catalog: Roster, hold: Hold
    ) -> tuple[Delivery, Announcer]:
        delivery = Delivery(
            gateway=gateway,
            ledger=store.ledger,
            runs=store.runs,
            catalog=catalog,
            clock=self._clock,
            hold=hold,
        )
        announcer = Announcer(
            chat=gateway.name,
            ledger=store.ledger,
            runs=store.runs,
            catalog=catalog,
            touch=delivery.touch,
            wake=delivery.wake,
            channel_of=lambda name: channel_of(catalog, name),
        )
        return delivery, announcer

    def _clusters(self, catalog: Callable[[], Catalog], metrics: Metrics) -> KubeClusters:
        clusters = KubeClusters(
            lambda: catalog().clusters,
            self._settings.kubeconfig,
            self._clock,
            reveal=revealing(self._settings.secrets),
            on_request=metrics.asked_cluster,
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

    def _client(self, metrics: Metrics) -> CountedClient:
        slack = self._settings.slack
        on_call = partial(metrics.called, SlackGateway.name)
        return web_client(slack.bot_token.reveal(), slack.api_url, on_call)

    def _web(self, store: Store, router: Router, catalog: Roster) -> Web:
        return Web(
            store=store,
            router=router,
            catalog=catalog,
            clock=self._clock,
            refresh=catalog.refresh,
        )

    def _reception(
        self,
        gateway: SlackGateway,
        store: Store,
        router: Router,
        catalog: Roster,
        metrics: Metrics,
    ) -> Reception:
        return Reception(
            gateway=gateway,
            inbox=store.inbox,
            ledger=store.ledger,
            groups=catalog,
            router=router,
            runs=store.runs,
            catalog=catalog,
            answered=metrics.answered,
        )

    def _homes(
        self, gateway: SlackGateway, store: Store, router: Router, catalog: Callable[[], Catalog]
    ) -> Homes:
        return Homes(
            gateway=gateway,
            shelf=store.homes,
            ledger=store.ledger,
            router=router,
            catalog=catalog,
            clock=self._clock,
        )

    def _engine(
        self, store: Store, clusters: KubeClusters, delivery: Delivery, observers: Observers
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
                notices=RunNotices(delivery, store.ledger, SlackGateway.name),
                http=http,
            ),
            clock=self._clock,
            alarms=alarms,
            observer=observers,
        )
        return engine, alarms

    async def _speak(
        self, delivery: Delivery, announcer: Announcer, keeper: Keeper, homes: Homes
    ) -> None:
        """Start the parts that speak, so that what the others do is told."""
        await delivery.start()
        self._stack.push_async_callback(delivery.stop)
        announcer.start()
        self._stack.push_async_callback(announcer.stop)
        keeper.start()
        self._stack.push_async_callback(keeper.stop)
        await homes.start()
        self._stack.push_async_callback(homes.stop)

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

    async def _serve(
        self, metrics: Metrics, looked_at: Callable[[], Iterator[Check]], web: Web
    ) -> None:
        """Answer over HTTP, before any chat is there: whoever looks after the process wants to know."""
        left = await web.triggers.replay()
        if left:
            log.info("did %d calls of triggers that were left", left)
        if self._settings.http is None:
            return
        self._http = web.server(self._settings.http, metrics, looked_at)
        self._stack.push_async_callback(self._http.stop)
        self._stack.callback(web.following.close)
        await self._http.start()

    async def _hear(self, reception: Reception, chat: SlackChat) -> None:
        """Answer what a dead process had taken in, and listen."""
        answered = await reception.replay()
        if answered:
            log.info("answered %d requests that were left", answered)
        self._stack.push_async_callback(chat.stop)
        await chat.start()
        self._chat = chat


def connection(slack: SlackSettings) -> Connection:
    """Answer how Slack is to reach us: over sockets, or by HTTP where there is a signing secret and no app-level token."""
    if slack.signing_secret and not slack.app_token:
        host, port = slack.listen
        return HttpRequests(signing_secret=slack.signing_secret.reveal(), host=host, port=port)
    token = slack.app_token.reveal()
    return Sockets(api_url=slack.api_url, app_token=token, count=slack.sockets)


def held_by(catalog: Callable[[], Catalog], locks: Locks, clock: Clock) -> Hold:
    """Make what says why a run may not begin: a lock or a freeze of its place."""

    async def hold(run: Run) -> str:
        found = holding(catalog(), run, await locks.there_are(run.environment), clock.now())
        return held(found) if found is not None else ""

    return hold


def channel_of(catalog: Callable[[], Catalog], environment: str) -> str:
    """Answer the channel of an environment; empty when it has none, or is there no more."""
    found = catalog().environments.get(environment)
    return found.slack_channel if found else ""


def new_run_id() -> RunId:
    """Make an id that no other run has, in any database."""
    return RunId(uuid.uuid4().hex)
