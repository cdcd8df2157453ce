"""Joins the HTTP side to the rest: what is looked at, what is counted, who answers."""

from collections.abc import Callable, Iterator
from importlib.metadata import version

from bot.catalog.model import Catalog
from bot.chat.presenters.refusals import sentence
from bot.clock import Clock
from bot.cluster.kube.clusters import KubeClusters
from bot.command.router import Router
from bot.settings import HttpSettings
from bot.store.database import Store
from bot.web.app import make_app
from bot.web.calls import Calls
from bot.web.health import Check, Readiness, health
from bot.web.metrics import Metrics, metrics_route
from bot.web.once import Once
from bot.web.server import HttpServer
from bot.web.triggers import Triggers, trigger_routes

Connected = Callable[[], bool]


def checks(
    store: Store,
    chats: dict[str, Connected],
    clusters: KubeClusters,
    catalog: Callable[[], Catalog],
) -> Iterator[Check]:
    """Yield what has to be reached for everything to work: the database, each chat and each cluster of the files."""

    async def database() -> str:
        await store.look()
        return ""

    yield Check(name="database", look=database)
    for name, connected in chats.items():
        yield _chat(name, connected)
    for name in catalog().clusters:
        yield _cluster(name, clusters)


def _chat(name: str, connected: Connected) -> Check:
    async def look() -> str:
        return "" if connected() else "it is not connected"

    return Check(name=name, look=look)


def _cluster(name: str, clusters: KubeClusters) -> Check:
    async def look() -> str:
        await clusters.reach(name)
        return ""

    return Check(name=f"cluster/{name}", look=look)


def triggers_of(
    store: Store, router: Router, catalog: Callable[[], Catalog], clock: Clock
) -> Triggers:
    """Make what takes the calls of CI systems and registries."""
    return Triggers(
        catalog=catalog,
        tokens=store.tokens,
        requests=store.requests,
        once=Once(store.requests),
        calls=Calls(
            router=router, runs=store.runs, catalog=catalog, clock=clock, sentence=sentence
        ),
        clock=clock,
    )


def http_server(
    settings: HttpSettings,
    *,
    metrics: Metrics,
    looked_at: Callable[[], Iterator[Check]],
    triggers: Triggers,
) -> HttpServer:
    """Make the server of everything that is asked over HTTP."""
    here = version("shipmate")
    routers = [
        health(here, Readiness(looked_at)),
        metrics_route(metrics),
        trigger_routes(triggers),
    ]
    return HttpServer(
        make_app(here, routers), host=settings.host, port=settings.port, or_any=settings.or_any
    )
