"""The composition root: builds every part from settings and joins them.

The only module, with those beside it, that knows both the core and the edges. Nothing is built at import, and what is
started here is stopped here, in the opposite order.
"""

import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from functools import partial
from importlib.metadata import version

from bot.bootstrap.chats import Chat, Ends, connect, ends_of, readers_of, say_what_is_not_told
from bot.bootstrap.doctor import Doctor
from bot.bootstrap.election import Election
from bot.bootstrap.equipment import read_catalog, revealing, step_types
from bot.bootstrap.helm import Helm
from bot.bootstrap.leading import Leading
from bot.bootstrap.outwards import egress_of
from bot.bootstrap.secrets import learn_all, opening, seals_of
from bot.bootstrap.web import Web, checks
from bot.catalog.holder import CatalogHolder
from bot.catalog.model import Catalog
from bot.chat.afterthoughts import Afterthoughts
from bot.chat.counter import Counter, SharedGroups, SharedVisits
from bot.chat.gateway import Gateway
from bot.chat.ports import Groups
from bot.chat.presenters.refusals import held
from bot.chat.readers import Readers
from bot.chat.reception import Reception
from bot.chat.roster import Roster
from bot.chat.slack.gateway import SlackGateway
from bot.clock import Clock, SystemClock
from bot.cluster.kube.clusters import KubeClusters
from bot.command.router import Router
from bot.events import RunId
from bot.lease import Lease
from bot.operations.admission import holding
from bot.operations.desk import Desk
from bot.operations.ports import Locks
from bot.operations.replicas import Replica
from bot.run.model import Run
from bot.run.ports import Hold
from bot.settings import Settings
from bot.steps.http import HttpCalls
from bot.steps.mailing import SmtpMail
from bot.store.database import Store, open_store
from bot.store.exporting import Export
from bot.store.pruner import Pruner
from bot.store.signals import Signals, Word
from bot.web.health import Check
from bot.web.metrics import Metrics
from bot.web.server import HttpServer


class Shipmate:
    """The bot: everything between a chat and the clusters. One process, beside others on a database that is shared."""

    def __init__(self, settings: Settings, *, clock: Clock | None = None) -> None:
        self._settings = settings
        self._egress = egress_of(settings)
        self._clock = clock or SystemClock()
        self._stack = AsyncExitStack()
        self._seals = seals_of(settings)
        self._lease = Lease()
        self._chats: dict[str, Chat] = {}
        self._election: Election | None = None
        self._metrics = Metrics(version("shipmate"))
        self._http: HttpServer | None = None

    @property
    def ready(self) -> bool:
        """Whether it is connected to all its chats."""
        return bool(self._chats) and all(each.connected for each in self._chats.values())

    @property
    def leads(self) -> bool:
        """Whether it is the replica that moves runs, speaks and answers."""
        return self._election is not None and self._election.leads

    @property
    def address(self) -> str:
        """Where Slack's requests are taken in HTTP mode; empty in Socket Mode."""
        return self.address_for(SlackGateway.name)

    def address_for(self, chat: str) -> str:
        """Answer where the requests of a chat are taken that calls us; empty where it does not."""
        found = self._chats.get(chat)
        return found.address if found is not None else ""

    @property
    def http_address(self) -> str:
        """Where health, metrics, the API and triggers are; empty where they are off."""
        return self._http.address if self._http is not None else ""

    async def connected(self) -> None:
        """Wait until it is connected to all its chats."""
        for each in self._chats.values():
            await each.wait_until_connected()

    async def start(self) -> None:
        """Build and start everything; if no other replica leads, go on with what a dead process left.

        Raises UserError for what whoever starts it has to mend. Waits for a chat that is away; all else goes on meanwhile.
        """
        store, holder = self._open()
        ends = self._ends()
        gateways = ends.gateways
        say_what_is_not_told(holder(), gateways)
        catalog = Roster(holder, gateways[0])
        groups = SharedGroups(catalog, partial(store.signals.say, Word.GROUPS))
        readers = readers_of(gateways, catalog, self._settings.language)
        helm = Helm()
        clusters = self._clusters(catalog)
        desk = self._desk(catalog, store, clusters, helm)
        router = Router(desk)
        receptions = {
            each.name: self._reception(each, store, groups, router, catalog, readers[each.name])
            for each in gateways
        }
        counters = {name: self._counter(store, name, each) for name, each in receptions.items()}
        visits = SharedVisits(gateway=gateways[0], shelf=store.homes, clock=self._clock)
        web = self._web(store, router, catalog, groups)
        leading = Leading(
            store=store,
            gateways=gateways,
            readers=readers,
            catalog=catalog,
            clock=self._clock,
            clusters=clusters,
            http=self._http_calls(),
            mail=SmtpMail(self._egress),
            types=step_types(self._settings.secrets),
            secrecy=self._settings.secrecy,
            seals=self._seals,
            helm=helm,
            desk=desk,
            router=router,
            counters=(web.hatch, *counters.values()),
            visits=visits,
            observers=(self._metrics, web.following),
            afterthoughts={each.name: self._afterthoughts(each, store) for each in gateways},
            pruner=self._pruner(store),
        )
        self._chats = ends.chats(receptions, counters, groups, visits)
        self._keep_up(catalog, web, store.signals)
        self._hear_others(store.signals, tuple(counters.values()), visits, catalog, leading)
        await self._take_part(store, leading)
        await self._serve(web, partial(checks, store, self._chats, clusters, catalog))
        await self._connect()

    def _ends(self) -> Ends:
        """Make the sides of the chats: closed after all that speaks by them, though listening ends first."""
        ends = ends_of(self._settings, self._clock, self._lease.certain, self._metrics.called)
        self._stack.push_async_callback(ends.close)
        return ends

    def _keep_up(self, roster: Roster, web: Web, signals: Signals) -> None:
        """Ask from now on who is in the groups of the files, and hear what is to be told over HTTP."""
        web.listen(signals)
        roster.start()
        self._stack.push_async_callback(roster.stop)

    async def _connect(self) -> None:
        """Connect to all chats; raises UserError when one refuses us."""
        for each in self._chats.values():
            self._stack.push_async_callback(each.stop)
        await connect(tuple(self._chats.values()))

    def _open(self) -> tuple[Store, CatalogHolder]:
        """Open the files and the store. Raises UserError."""
        settings = self._settings
        holder = CatalogHolder(settings.workflows, read_catalog)
        learn_all(settings, holder())
        store = open_store(settings.store_url, self._clock, shared=True, open_=opening(self._seals))
        self._stack.push_async_callback(store.close)
        store.listen(self._metrics.happened, self._metrics.committed)
        return store, holder

    async def stop(self) -> None:
        """Stop everything, the last started first. Runs stay as they are stored; another replica goes on at once."""
        await self._stack.aclose()

    def _reception(
        self,
        gateway: Gateway,
        store: Store,
        groups: Groups,
        router: Router,
        catalog: Callable[[], Catalog],
        readers: Readers,
    ) -> Reception:
        return Reception(
            gateway=gateway,
            inbox=store.inbox,
            ledger=store.ledger,
            groups=groups,
            router=router,
            runs=store.runs,
            catalog=catalog,
            readers=readers,
            answered=self._metrics.answered,
        )

    def _web(self, store: Store, router: Router, catalog: Roster, groups: Groups) -> Web:
        return Web(
            store=store,
            router=router,
            catalog=catalog,
            clock=self._clock,
            refresh=groups.refresh,
            secrecy=self._settings.secrecy,
        )

    async def _serve(self, web: Web, looked_at: Callable[[], Iterator[Check]]) -> None:
        """Answer over HTTP, before any chat is there: whoever looks after the process wants to know."""
        if self._settings.http is not None:
            self._http = web.server(self._settings.http, self._metrics, looked_at)
            self._stack.push_async_callback(self._http.stop)
        self._stack.callback(web.close)
        if self._http is not None:
            await self._http.start()

    def _counter(self, store: Store, chat: str, reception: Reception) -> Counter:
        return Counter(
            chat=chat,
            reception=reception,
            inbox=store.inbox,
            clock=self._clock,
            shared=store.replicas.shared,
            secrecy=self._settings.secrecy,
        )

    def _afterthoughts(self, gateway: Gateway, store: Store) -> Afterthoughts:
        made = Afterthoughts(gateway=gateway, ledger=store.ledger)
        self._stack.push_async_callback(made.stop)
        return made

    def _pruner(self, store: Store) -> Pruner:
        folder = self._settings.export
        return Pruner(
            history=store.history,
            rules=self._settings.keep,
            clock=self._clock,
            export=Export(folder) if folder is not None else None,
            pruned=self._metrics.pruned,
            failed=self._metrics.prune_failed,
        )

    def _hear_others(
        self,
        signals: Signals,
        counters: Sequence[Counter],
        visits: SharedVisits,
        roster: Roster,
        leading: Leading,
    ) -> None:
        """Listen to what the other replicas say."""
        signals.listen(Word.MESSAGES, leading.look_at_messages)
        for each in counters:
            signals.listen(Word.INBOX, each.look)
        signals.listen(Word.HOME, visits.look)
        signals.listen(Word.GROUPS, roster.forget)
        signals.listen(Word.LEASE, self._look)
        signals.start()
        self._stack.push_async_callback(signals.stop)

    async def _take_part(self, store: Store, leading: Leading) -> None:
        """Say that this replica is there, and lead if no other one does."""
        self._election = Election(
            me=Replica(
                id=uuid.uuid4().hex,
                name=self._settings.replica,
                version=version("shipmate"),
                started=self._clock.now(),
            ),
            replicas=store.replicas,
            lease=self._lease,
            begin=leading.begin,
            end=leading.end,
            led=self._metrics.led,
        )
        if store.fence is not None:
            store.fence.listen(self._election.was_refused)
        self._stack.push_async_callback(self._election.stop)
        await self._election.start()

    def _look(self) -> None:
        if self._election is not None:
            self._election.look()

    def _clusters(self, catalog: Callable[[], Catalog]) -> KubeClusters:
        clusters = KubeClusters(
            lambda: catalog().clusters,
            self._settings.kubeconfig,
            self._clock,
            reveal=revealing(self._settings.secrets),
            certain=self._lease.certain,
            on_request=self._metrics.asked_cluster,
            on_answer=self._metrics.cluster_answered,
        )
        self._stack.push_async_callback(clusters.close)
        return clusters

    def _http_calls(self) -> HttpCalls:
        http = HttpCalls(f"shipmate/{version('shipmate')}", self._egress, self._lease.certain)
        self._stack.push_async_callback(http.close)
        return http

    def _desk(
        self, catalog: Callable[[], Catalog], store: Store, clusters: KubeClusters, helm: Helm
    ) -> Desk:
        return Desk(
            catalog=catalog,
            runs=store.runs,
            inventory=store.inventory,
            clusters=clusters,
            engine=helm,
            clock=self._clock,
            new_id=new_run_id,
            locks=store.locks,
            audit=store.audit,
            announce=helm.announce,
            examine=Doctor(self._settings, self._clock, catalog=catalog).examine,
            hold=held_by(catalog, store.locks, self._clock),
            replicas=store.replicas.there_are,
            keep=self._settings.keep,
        )


def held_by(catalog: Callable[[], Catalog], locks: Locks, clock: Clock) -> Hold:
    """Make what says why a run may not begin: a lock or a freeze of its place."""

    async def hold(run: Run) -> str:
        found = holding(catalog(), run, await locks.there_are(run.environment), clock.now())
        return held(found) if found is not None else ""

    return hold


def new_run_id() -> RunId:
    """Make an id that no other run has, in any database."""
    return RunId(uuid.uuid4().hex)
