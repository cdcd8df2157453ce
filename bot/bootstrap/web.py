"""Joins the HTTP side to the rest: what is looked at, what is counted, who answers."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from functools import partial
from importlib.metadata import version
from typing import Protocol

from bot.catalog.model import Catalog
from bot.chat.presenters.refusals import sentence
from bot.clock import Clock
from bot.cluster.kube.clusters import KubeClusters
from bot.command.router import Router
from bot.secrecy import Secrecy
from bot.settings import HttpSettings
from bot.store.database import Store
from bot.store.signals import Signals, Word
from bot.web.access import Access
from bot.web.api import Api, api_routes
from bot.web.app import make_app
from bot.web.calls import Calls
from bot.web.elsewhere import Elsewhere
from bot.web.following import Following
from bot.web.hatch import Hatch
from bot.web.health import Check, Readiness, health
from bot.web.metrics import Metrics, metrics_route
from bot.web.once import Once
from bot.web.server import HttpServer
from bot.web.triggers import Triggers, trigger_routes


class Connected(Protocol):
    """A chat, as far as it is looked at."""

    @property
    def connected(self) -> bool:
        """Whether what happens there reaches us now."""
        ...


def checks(
    store: Store,
    chats: Mapping[str, Connected],
    clusters: KubeClusters,
    catalog: Callable[[], Catalog],
) -> Iterator[Check]:
    """Yield what has to be reached for everything to work: the database, each chat and each cluster of the files."""

    async def database() -> str:
        await store.look()
        return ""

    yield Check(name="database", look=database)
    for name, chat in chats.items():
        yield _chat(name, chat)
    for name in catalog().clusters:
        yield _cluster(name, clusters)


def _chat(name: str, chat: Connected) -> Check:
    async def look() -> str:
        return "" if chat.connected else "it is not connected"

    return Check(name=name, look=look)


def _cluster(name: str, clusters: KubeClusters) -> Check:
    async def look() -> str:
        await clusters.version(name)
        return ""

    return Check(name=f"cluster/{name}", look=look)


class Web:
    """What is asked over HTTP, put together; `following` and `metrics` are told of every change of a run."""

    def __init__(
        self,
        *,
        store: Store,
        router: Router,
        catalog: Callable[[], Catalog],
        clock: Clock,
        refresh: Callable[[], Awaitable[None]],
        secrecy: Secrecy,
    ) -> None:
        """`refresh` learns who is in the groups by which people have roles."""
        self._secrecy = secrecy
        self.elsewhere = Elsewhere(store.requests)
        once = Once(store.requests, self.elsewhere)
        shared = store.replicas.shared
        self.following = Following(
            store.runs, partial(store.signals.say, Word.RUNS) if shared else None
        )
        calls = Calls(
            router=router, runs=store.runs, catalog=catalog, clock=clock, sentence=sentence
        )
        self.triggers = Triggers(
            catalog=catalog,
            tokens=store.tokens,
            once=once,
            calls=calls,
            clock=clock,
        )
        access = Access(tokens=store.tokens, catalog=catalog, clock=clock, refresh=refresh)
        self.api = Api(
            router=router, access=access, once=once, following=self.following, sentence=sentence
        )
        self.hatch = Hatch(
            requests=store.requests,
            once=once,
            doers={"api": self.api, "trigger": self.triggers},
            clock=clock,
            shared=shared,
        )

    def listen(self, signals: Signals) -> None:
        """Hear what the other replicas say."""
        signals.listen(Word.CALLS, self.hatch.look)
        signals.listen(Word.ANSWERS, self.elsewhere.look)
        signals.listen(Word.RUNS, self.following.look)

    def close(self) -> None:
        """Let everyone go who waits: the process ends."""
        self.following.close()
        self.elsewhere.close()

    def server(
        self, settings: HttpSettings, metrics: Metrics, looked_at: Callable[[], Iterator[Check]]
    ) -> HttpServer:
        """Make the server of all of it."""
        here = version("shipmate")
        routers = [
            health(here, Readiness(looked_at)),
            metrics_route(metrics),
            trigger_routes(self.triggers),
            api_routes(self.api),
        ]
        return HttpServer(
            make_app(here, routers, self._secrecy),
            host=settings.host,
            port=settings.port,
            or_any=settings.or_any,
        )
