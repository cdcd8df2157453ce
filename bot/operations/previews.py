"""Looks ahead: what a run would change in the clusters, and what others have changed there. Nothing is written.

All clusters are asked side by side, each once for all of its targets, and no longer than a person waits: what has not
answered by then is named, and what has is shown. One that cannot be reached keeps no other from being shown.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.catalog.model import Application, Environment, Target
from bot.cluster.port import Clusters
from bot.errors import Permanent, Temporary
from bot.forecast.outlook import Outlook, Parcel, outlook
from bot.operations.desk import Desk
from bot.operations.forecasts import Forecast, TargetForecast
from bot.operations.looking import Account, Look, Told
from bot.placement.garbage import garbage
from bot.rendering.redaction import redact
from bot.rendering.repeating import Kept
from bot.run.inventory import Item, Key, key_of, ref_of
from bot.run.model import Run
from bot.wording import Sentence

PATIENCE = 15.0
"""Seconds that a person waits for all clusters together."""
AT_ONCE = 8
"""Clusters that are asked side by side."""


@dataclass(slots=True)
class _Load:
    """What is to be looked at on one cluster."""

    parcels: list[Parcel] = field(default_factory=list)
    garbage: list[Item] = field(default_factory=list)


async def foresee(
    desk: Desk, run: Run, *, kept: Kept | None = None, patience: float = PATIENCE
) -> Forecast:
    """Say what a run that has not begun would change; `kept` is what the run has delivered that it repeats.

    Raises Temporary while the store is away.
    """
    plan = run.plan
    items = await desk.inventory.items(run.application, run.environment)
    done = await desk.inventory.done(run.application, run.environment)
    found = outlook(run, kept or {})
    loads: dict[str, _Load] = defaultdict(_Load)
    for parcel in found.parcels.values():
        loads[parcel.target.cluster].parcels.append(parcel)
    for item in _garbage(run, found, items):
        loads[item.cluster].garbage.append(item)
    account = Account(
        application=plan.application,
        sent={each.key: each for each in items},
        done=done,
        owners=await desk.inventory.owners(run.application, run.environment, _keys(found)),
    )
    answers = await _asked(desk.clusters, loads, account, patience)
    return Forecast(
        at=desk.clock.now(),
        targets=_targets(plan.environment, loads, answers),
        unseen=tuple(found.unseen),
    )


async def compare_live(
    desk: Desk,
    application: Application,
    environment: Environment,
    *,
    patience: float = PATIENCE,
) -> Forecast:
    """Say what others have changed of everything that was sent and not removed since.

    Raises Temporary while the store is away.
    """
    items = await desk.inventory.items(application.name, environment.name)
    loads: dict[str, _Load] = defaultdict(_Load)
    for parcel in _parcels(items, environment):
        loads[parcel.target.cluster].parcels.append(parcel)
    account = Account(application=application, sent={each.key: each for each in items}, again=True)
    answers = await _asked(desk.clusters, loads, account, patience)
    return Forecast(at=desk.clock.now(), targets=_targets(environment, loads, answers))


def _keys(found: Outlook) -> list[Key]:
    """Name all objects that are to be delivered."""
    return [
        key_of(parcel.target.cluster, ref_of(each))
        for parcel in found.parcels.values()
        for each in parcel.manifests
    ]


def _garbage(run: Run, found: Outlook, items: Sequence[Item]) -> list[Item]:
    """Answer what a run would delete at its end, if it delivers what it is to deliver."""
    sent = {
        key_of(parcel.target.cluster, ref_of(each)): (parcel, each)
        for parcel in found.parcels.values()
        for each in parcel.manifests
    }
    after = [each for each in items if each.key not in sent]
    after += [
        Item(
            cluster=key.cluster,
            ref=ref_of(manifest),
            target=parcel.target.name,
            namespace=parcel.target.namespace if parcel.target.name else "",
            component=parcel.component,
            run=run.id,
            manifest=manifest,
        )
        for key, (parcel, manifest) in sent.items()
    ]
    return list(garbage(run, after))


def _parcels(items: Iterable[Item], environment: Environment) -> list[Parcel]:
    """Put what was sent together, by target and component."""
    targets = {each.name: each for each in environment.targets}
    together: dict[tuple[str, str, str], list[Item]] = defaultdict(list)
    for each in items:
        together[each.cluster, each.target, each.component].append(each)
    return [
        Parcel(
            target=replace(
                targets.get(name)
                or Target(name=name, cluster=cluster, namespace=found[0].ref.namespace),
                cluster=cluster,
            ),
            component=component,
            manifests=tuple(each.manifest for each in found),
        )
        for (cluster, name, component), found in together.items()
    ]


async def _asked(
    clusters: Clusters, loads: Mapping[str, _Load], account: Account, patience: float
) -> dict[str, Told | str]:
    """Ask all clusters; answer for each what it says, or why it said nothing."""
    limit = asyncio.Semaphore(AT_ONCE)

    async def ask(cluster: str, load: _Load) -> Told:
        async with limit:
            look = Look(clusters, cluster, account)
            return await look.at(load.parcels, load.garbage)

    tasks = {
        cluster: asyncio.create_task(ask(cluster, load), name=f"look at {cluster}")
        for cluster, load in loads.items()
    }
    if not tasks:
        return {}
    try:
        await asyncio.wait(tasks.values(), timeout=patience)
    finally:
        for each in tasks.values():
            each.cancel()
        await asyncio.gather(*tasks.values(), return_exceptions=True)
    return {cluster: _answer(task, cluster, patience) for cluster, task in tasks.items()}


def _answer(task: asyncio.Task[Told], cluster: str, patience: float) -> Told | str:
    if task.cancelled():
        return Sentence(
            "{cluster} did not answer within {seconds} s", cluster=cluster, seconds=f"{patience:g}"
        )
    try:
        return task.result()
    except (Temporary, Permanent) as error:
        return redact(str(error))


def _targets(
    environment: Environment, loads: Mapping[str, _Load], answers: Mapping[str, Told | str]
) -> tuple[TargetForecast, ...]:
    """Put the answers together, in the order of the environment's targets; what is no target comes last."""
    places: dict[tuple[str, str], None] = {}
    for cluster, load in loads.items():
        places.update(dict.fromkeys((each.place, cluster) for each in load.parcels))
        places.update(dict.fromkeys((each.target or cluster, cluster) for each in load.garbage))
    rank = {each.name: at for at, each in enumerate(environment.targets)}
    found: list[TargetForecast] = []
    for name, cluster in sorted(places, key=lambda each: rank.get(each[0], len(rank))):
        answer = answers[cluster]
        if isinstance(answer, str):
            found.append(TargetForecast(name=name, cluster=cluster, unknown=answer))
        else:
            objects = tuple(each for target, each in answer if target == name)
            found.append(TargetForecast(name=name, cluster=cluster, objects=objects))
    return tuple(found)
