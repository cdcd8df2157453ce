"""What only the replica that leads does: moving runs, announcing, speaking, keeping homes and gates true, answering, and removing what is kept no more.

All of it is made anew each time a replica begins to lead, so that nothing is remembered from a time when another one
led; what there is to know is in the store. What is started here is ended here, in the opposite order.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Protocol

from bot.bootstrap.chats import LIMITS, Speakers, channel_of
from bot.bootstrap.helm import Helm
from bot.catalog.model import Catalog
from bot.chat.afterthoughts import Afterthoughts
from bot.chat.announcer import Announcer
from bot.chat.counter import SharedVisits
from bot.chat.delivery import Delivery
from bot.chat.gateway import Gateway
from bot.chat.homes import Homes
from bot.chat.notices import Everywhere, RunNotices
from bot.chat.pages import Pages
from bot.chat.readers import Readers
from bot.chat.regrets import Reach, Regrets
from bot.chat.slack.gateway import SlackGateway
from bot.clock import Clock
from bot.cluster.port import Clusters
from bot.command.router import Router
from bot.engine.engine import Engine
from bot.engine.observers import Observers
from bot.engine.ports import Observer
from bot.operations.desk import Desk
from bot.operations.keeping import Keeper
from bot.operations.turns import Turns
from bot.schedule.alarms import ClockAlarms
from bot.sealing import Seals
from bot.secrecy import Secrecy
from bot.steps.contract import Capabilities, Http, Mail, StepType
from bot.store.database import Store
from bot.store.pruner import Pruner

log = logging.getLogger(__name__)


class Answering(Protocol):
    """Answers what any replica has taken in: a counter of a chat, or the hatch of HTTP."""

    def open(self) -> None:
        """Begin to answer, first what was left."""
        ...

    async def close(self) -> None:
        """Answer no more."""
        ...


class Leading:
    """The parts that lead, when this replica does."""

    def __init__(
        self,
        *,
        store: Store,
        gateways: Sequence[Gateway],
        readers: Mapping[str, Readers],
        catalog: Callable[[], Catalog],
        clock: Clock,
        clusters: Clusters,
        http: Http,
        mail: Mail,
        types: Mapping[str, StepType],
        secrecy: Secrecy,
        seals: Seals,
        helm: Helm,
        desk: Desk,
        router: Router,
        counters: Sequence[Answering],
        visits: SharedVisits,
        observers: Sequence[Observer],
        afterthoughts: Mapping[str, Afterthoughts],
        pruner: Pruner,
    ) -> None:
        """`readers` and `afterthoughts` are by chat; `counters` are opened in order, when everything else has begun."""
        self._observers = observers
        self._pruner = pruner
        self._afterthoughts = afterthoughts if store.replicas.shared else {}
        self._wake: Callable[[], None] = lambda: None
        self._store = store
        self._gateways = gateways
        self._readers = readers
        self._catalog = catalog
        self._clock = clock
        self._clusters = clusters
        self._http = http
        self._mail = mail
        self._types = types
        self._secrecy = secrecy
        self._seals = seals
        self._helm = helm
        self._desk = desk
        self._router = router
        self._counters = counters
        self._visits = visits
        self._stack = AsyncExitStack()

    async def begin(self) -> None:
        """Build and start everything; go on with what a dead process left. Raises Temporary when the store is away."""
        speakers = Speakers([self._delivery(each) for each in self._gateways])
        announcer = self._announcer(speakers)
        turns = Turns(speakers.touch)
        observers = Observers(announcer, turns, *self._observers)
        alarms = ClockAlarms()
        engine = self._engine(speakers, alarms, observers)
        keeper = Keeper(self._desk, others=announcer.look_again)
        observers.add(keeper)
        announcer.listen_to_locks(keeper.look)
        announcer.listen_to_locks(turns.look)
        announcer.listen_to_locks(engine.look)
        self._helm.take(engine, announcer.look)
        self._stack.callback(self._helm.let_go)
        await self._speak(speakers, announcer, keeper)
        await self._show_homes(announcer)
        await self._move(engine, alarms, turns)
        for each in self._counters:
            each.open()
            self._stack.push_async_callback(each.close)
        self._pruner.start()
        self._stack.push_async_callback(self._pruner.stop)

    async def end(self) -> None:
        """End everything that was begun. Runs stay as they are stored."""
        stack, self._stack = self._stack, AsyncExitStack()
        await stack.aclose()

    def look_at_messages(self) -> None:
        """Take notice that a message may show something old."""
        self._wake()

    def _delivery(self, gateway: Gateway) -> Delivery:
        return Delivery(
            gateway=gateway,
            ledger=self._store.ledger,
            runs=self._store.runs,
            catalog=self._catalog,
            clock=self._clock,
            pages=Pages(
                runs=self._store.runs,
                ledger=self._store.ledger,
                catalog=self._catalog,
                clock=self._clock,
                hold=self._desk.hold,
                readers=self._readers[gateway.name],
            ),
            regrets=self._regrets(gateway),
            limits=LIMITS[gateway.name],
            afterthoughts=self._afterthoughts.get(gateway.name),
        )

    def _regrets(self, gateway: Gateway) -> Regrets:
        others = [each for each in self._gateways if each is not gateway]
        return Regrets(
            reach=[
                Reach(gateway=each, readers=self._readers[each.name]) for each in (gateway, *others)
            ],
            ledger=self._store.ledger,
            catalog=self._catalog,
        )

    def _announcer(self, speakers: Speakers) -> Announcer:
        return Announcer(
            chats=tuple(each.name for each in self._gateways),
            ledger=self._store.ledger,
            runs=self._store.runs,
            catalog=self._catalog,
            touch=speakers.touch,
            wake=speakers.wake,
            channel_of=lambda name, chat: channel_of(self._catalog, name, chat),
        )

    async def _show_homes(self, announcer: Announcer) -> None:
        """Keep the homes true of those who use Slack; DingTalk has none."""
        slack = next((each for each in self._gateways if each.name == SlackGateway.name), None)
        if slack is None:
            return
        homes = self._homes(slack)
        announcer.listen(homes.touch)
        announcer.listen_to_locks(homes.look)
        self._stack.push_async_callback(homes.stop)
        await homes.start()
        self._visits.homes = homes
        self._stack.callback(self._visits.forget)

    def _homes(self, gateway: Gateway) -> Homes:
        return Homes(
            gateway=gateway,
            shelf=self._store.homes,
            ledger=self._store.ledger,
            router=self._router,
            catalog=self._catalog,
            clock=self._clock,
            readers=self._readers[gateway.name],
        )

    def _engine(self, speakers: Speakers, alarms: ClockAlarms, observers: Observers) -> Engine:
        return Engine(
            runs=self._store.runs,
            types=self._types,
            granted=Capabilities(
                clusters=self._clusters,
                inventory=self._store.inventory,
                runs=self._store.runs,
                notices=RunNotices(
                    Everywhere(speakers.deliveries), self._store.ledger, SlackGateway.name
                ),
                http=self._http,
                mail=self._mail,
                robots=self._store.robots,
            ),
            clock=self._clock,
            alarms=alarms,
            observer=observers,
            hold=self._desk.hold,
            secrecy=self._secrecy,
            seals=self._seals,
        )

    async def _speak(self, speakers: Speakers, announcer: Announcer, keeper: Keeper) -> None:
        """Start the parts that speak, so that what the others do is told."""
        self._stack.push_async_callback(speakers.stop)
        await speakers.start()
        self._wake = speakers.wake
        announcer.start()
        self._stack.push_async_callback(announcer.stop)
        keeper.start()
        self._stack.push_async_callback(keeper.stop)

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
