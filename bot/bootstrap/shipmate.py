"""The composition root: builds every part from settings and joins them.

The only module that knows both the core and the edges. Nothing is built at import, and what is started here is
stopped here, in the opposite order.
"""

import logging
import uuid
from contextlib import AsyncExitStack
from importlib.metadata import version

from bot.bootstrap.equipment import read_catalog, revealing, step_types
from bot.catalog.holder import CatalogHolder
from bot.chat.announcer import Announcer
from bot.chat.delivery import Delivery
from bot.chat.reception import Reception
from bot.chat.slack.app import SlackChat
from bot.chat.slack.gateway import SlackGateway, web_client
from bot.clock import Clock, SystemClock
from bot.cluster.kube.clusters import KubeClusters
from bot.command.router import Router
from bot.engine.engine import Engine
from bot.engine.ports import Both, Observer
from bot.events import RunId
from bot.operations.desk import Desk
from bot.operations.turns import Turns
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
        self._chat: SlackChat | None = None

    @property
    def ready(self) -> bool:
        """Whether it is connected to its chat."""
        return self._chat is not None and self._chat.connected

    async def connected(self) -> None:
        """Wait until it is connected to its chat."""
        if self._chat is not None:
            await self._chat.wait_until_connected()

    async def start(self) -> None:
        """Build and start everything; go on with what a dead process left.

        Raises UserError for what whoever starts it has to mend. Waits for a chat that is away; runs go on meanwhile.
        """
        settings = self._settings
        catalog = CatalogHolder(settings.workflows, read_catalog)
        store = open_store(settings.store_url, self._clock)
        self._stack.push_async_callback(store.close)
        client = web_client(settings.slack.bot_token.reveal(), settings.slack.api_url)
        gateway = SlackGateway(client)
        delivery = Delivery(
            gateway=gateway,
            ledger=store.ledger,
            runs=store.runs,
            catalog=catalog,
            clock=self._clock,
        )
        announcer = Announcer(
            chat=gateway.name,
            ledger=store.ledger,
            runs=store.runs,
            touch=delivery.touch,
            wake=delivery.wake,
        )
        clusters = self._clusters(catalog)
        turns = Turns(delivery.touch)
        engine, alarms = self._engine(store, clusters, delivery, Both(announcer, turns))
        desk = Desk(
            catalog=catalog,
            runs=store.runs,
            inventory=store.inventory,
            clusters=clusters,
            engine=engine,
            clock=self._clock,
            new_id=new_run_id,
        )
        reception = Reception(
            gateway=gateway, inbox=store.inbox, router=Router(desk), catalog=catalog
        )
        chat = SlackChat(
            client=client, app_token=settings.slack.app_token.reveal(), reception=reception
        )
        await self._bring_up(engine, alarms, announcer, delivery, reception, chat, turns, desk)

    async def stop(self) -> None:
        """Stop everything, the last started first. Runs stay as they are stored."""
        await self._stack.aclose()

    def _clusters(self, catalog: CatalogHolder) -> KubeClusters:
        clusters = KubeClusters(
            lambda: catalog().clusters,
            self._settings.kubeconfig,
            self._clock,
            reveal=revealing(self._settings.secrets),
        )
        self._stack.push_async_callback(clusters.close)
        return clusters

    def _engine(
        self, store: Store, clusters: KubeClusters, delivery: Delivery, observer: Observer
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
                notices=delivery,
                http=http,
            ),
            clock=self._clock,
            alarms=alarms,
            observer=observer,
        )
        return engine, alarms

    async def _bring_up(
        self,
        engine: Engine,
        alarms: ClockAlarms,
        announcer: Announcer,
        delivery: Delivery,
        reception: Reception,
        chat: SlackChat,
        turns: Turns,
        desk: Desk,
    ) -> None:
        """Start the parts: those that speak first, so that what the others do is told; then those that hear."""
        await delivery.start()
        self._stack.push_async_callback(delivery.stop)
        announcer.start()
        self._stack.push_async_callback(announcer.stop)
        alarms.start(engine.wake)
        self._stack.callback(alarms.stop)
        self._stack.push_async_callback(engine.stop)
        found = await engine.recover()
        turns.start(desk)
        self._stack.push_async_callback(turns.stop)
        answered = await reception.replay()
        if found or answered:
            log.info("went on with %d runs and %d unanswered requests", found, answered)
        await chat.start()
        self._stack.push_async_callback(chat.stop)
        self._chat = chat


def new_run_id() -> RunId:
    """Make an id that no other run has, in any database."""
    return RunId(uuid.uuid4().hex)
