"""What only the replica that leads does: moving runs, announcing, speaking, keeping homes and gates true, and answering.

All of it is made anew each time a replica begins to lead, so that nothing is remembered from a time when another one
led; what there is to know is in the store. What is started here is ended here, in the opposite order.
"""

import logging
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack

from bot.bootstrap.helm import Helm
from bot.catalog.model import Catalog
from bot.chat.afterthoughts import Afterthoughts
from bot.chat.announcer import Announcer
from bot.chat.counter import Counter, SharedVisits
from bot.chat.delivery import Delivery
from bot.chat.gateway import Gateway
from bot.chat.homes import Homes
from bot.chat.notices import RunNotices
from bot.clock import Clock
from bot.cluster.port import Clusters
from bot.command.router import Router
from bot.engine.engine import Engine
from bot.engine.observers import Observers
from bot.operations.desk import Desk
from bot.operations.keeping import Keeper
from bot.operations.turns import Turns
from bot.schedule.alarms import ClockAlarms
from bot.steps.contract import Capabilities, Http, StepType
from bot.store.database import Store

log = logging.getLogger(__name__)


class Leading:
    """The parts that lead, when this replica does."""

    def __init__(
        self,
        *,
        store: Store,
        gateway: Gateway,
        catalog: Callable[[], Catalog],
        clock: Clock,
        clusters: Clusters,
        http: Http,
        types: Mapping[str, StepType],
        helm: Helm,
        desk: Desk,
        router: Router,
        counter: Counter,
        visits: SharedVisits,
        afterthoughts: Afterthoughts,
    ) -> None:
        self._afterthoughts = afterthoughts if store.replicas.shared else None
        self._wake: Callable[[], None] = lambda: None
        self._store = store
        self._gateway = gateway
        self._catalog = catalog
        self._clock = clock
        self._clusters = clusters
        self._http = http
        self._types = types
        self._helm = helm
        self._desk = desk
        self._router = router
        self._counter = counter
        self._visits = visits
        self._stack = AsyncExitStack()

    async def begin(self) -> None:
        """Build and start everything; go on with what a dead process left. Raises Temporary when the store is away."""
        delivery = self._delivery()
        announcer = self._announcer(delivery)
        turns = Turns(delivery.touch)
        observers = Observers(announcer, turns)
        alarms = ClockAlarms()
        engine = self._engine(delivery, alarms, observers)
        keeper = Keeper(self._desk, others=announcer.look_again)
        observers.add(keeper)
        announcer.listen_to_locks(keeper.look)
        announcer.listen_to_locks(turns.look)
        homes = self._homes()
        announcer.listen(homes.touch)
        announcer.listen_to_locks(homes.look)
        self._helm.take(engine, announcer.look)
        self._stack.callback(self._helm.let_go)
        await self._speak(delivery, announcer, keeper, homes)
        await self._move(engine, alarms, turns)
        self._counter.open()
        self._stack.push_async_callback(self._counter.close)

    async def end(self) -> None:
        """End everything that was begun. Runs stay as they are stored."""
        stack, self._stack = self._stack, AsyncExitStack()
        await stack.aclose()

    def look_at_messages(self) -> None:
        """Take notice that a message may show something old."""
        self._wake()

    def _delivery(self) -> Delivery:
        return Delivery(
            gateway=self._gateway,
            ledger=self._store.ledger,
            runs=self._store.runs,
            catalog=self._catalog,
            clock=self._clock,
            hold=self._desk.hold,
            afterthoughts=self._afterthoughts,
        )

    def _announcer(self, delivery: Delivery) -> Announcer:
        return Announcer(
            chat=self._gateway.name,
            ledger=self._store.ledger,
            runs=self._store.runs,
            catalog=self._catalog,
            touch=delivery.touch,
            wake=delivery.wake,
            channel_of=lambda name: channel_of(self._catalog, name),
        )

    def _homes(self) -> Homes:
        return Homes(
            gateway=self._gateway,
            shelf=self._store.homes,
            ledger=self._store.ledger,
            router=self._router,
            catalog=self._catalog,
            clock=self._clock,
        )

    def _engine(self, delivery: Delivery, alarms: ClockAlarms, observers: Observers) -> Engine:
        return Engine(
            runs=self._store.runs,
            types=self._types,
            granted=Capabilities(
                clusters=self._clusters,
                inventory=self._store.inventory,
                runs=self._store.runs,
                notices=RunNotices(delivery, self._store.ledger, self._gateway.name),
                http=self._http,
            ),
            clock=self._clock,
            alarms=alarms,
            observer=observers,
        )

    async def _speak(
        self, delivery: Delivery, announcer: Announcer, keeper: Keeper, homes: Homes
    ) -> None:
        """Start the parts that speak, so that what the others do is told."""
        self._stack.push_async_callback(delivery.stop)
        await delivery.start()
        self._wake = delivery.wake
        announcer.start()
        self._stack.push_async_callback(announcer.stop)
        keeper.start()
        self._stack.push_async_callback(keeper.stop)
        self._stack.push_async_callback(homes.stop)
        await homes.start()
        self._visits.homes = homes
        self._stack.callback(self._visits.forget)

    async def _move(self, engine: Engine, alarms: ClockAlarms, turns: Turns) -> None:
        """Start the parts that move runs: what is under way goes on, and then whose turn it is begins."""
        alarms.start(engine.wake)
        self._stack.callback(alarms.stop)
        self._stack.push_async_callback(engine.stop)
        found = await engine.recover()
        if found:
            log.info("went on with %d runs", found)
        turns.start(self._desk)
        self._stack.push_async_callback(turns.stop)


def channel_of(catalog: Callable[[], Catalog], environment: str) -> str:
    """Answer the channel of an environment; empty when it has none, or is there no more."""
    found = catalog().environments.get(environment)
    return found.slack_channel if found else ""
