"""Jobs that are delivered again: what has succeeded is left alone, what failed is made anew. Pure but for its cluster.

A Job carries the key of the round that made it, so that a step which was cut off after its Job had failed says so instead
of running it again, and a retry by a person runs it again. One that is there is never written to: what a Job runs cannot
be changed.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from bot.cluster.health import has_failed, has_succeeded
from bot.cluster.port import Applied, Clusters, Manifest
from bot.errors import Temporary
from bot.rendering.objects import APPLICATION_LABEL, COMPONENT_LABEL, ROUND
from bot.run.inventory import Ref, ref_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What is to be done with objects among which there may be Jobs."""

    fresh: list[Manifest] = field(default_factory=list)
    """To be applied."""
    standing: list[Applied] = field(default_factory=list)
    """Jobs that are there: to be followed only."""
    over: list[Ref] = field(default_factory=list)
    """Jobs that succeeded once and that the cluster has forgotten since: nothing to be done."""
    told: frozenset[Ref] = frozenset()
    """Jobs that this round makes or has made: what they say is news."""


async def prepared(
    clusters: Clusters,
    cluster: str,
    manifests: Sequence[Manifest],
    key: str,
    done: Collection[Ref] = (),
) -> Prepared:
    """Look what is there of the Jobs, and delete those that failed in an earlier round; `done` have succeeded once.

    Raises Temporary while one of them is on its way out, and what the cluster raises.
    """
    jobs = [each for each in manifests if each["kind"] == "Job"]
    found = await clusters.live(cluster, [ref_of(each) for each in jobs]) if jobs else []
    live = dict(zip([ref_of(each) for each in jobs], found, strict=True))
    made = Prepared()
    told: set[Ref] = set()
    for each in manifests:
        ref = ref_of(each)
        if each["kind"] != "Job":
            made.fresh.append(each)
            continue
        there = await _left(clusters, cluster, ref, live[ref], key)
        if there is None and ref in done:
            made.over.append(ref)
        elif there is None:
            made.fresh.append(_marked(each, key))
            told.add(ref)
        elif not _is_ours(there, each):
            made.fresh.append(each)  # the server says whose it is
        else:
            made.standing.append(_applied(there))
            if round_of(there) == key:
                told.add(ref)
    return Prepared(fresh=made.fresh, standing=made.standing, over=made.over, told=frozenset(told))


async def _left(
    clusters: Clusters, cluster: str, ref: Ref, live: Manifest | None, key: str
) -> Manifest | None:
    """Answer what stays of a Job: one that failed in an earlier round is deleted."""
    if live is None:
        return None
    going = "deletionTimestamp" in live["metadata"]
    failed = has_failed(live) and not has_succeeded(live) and round_of(live) != key
    if going or (failed and not await clusters.remove(cluster, ref)):
        raise Temporary(f"{cluster} is still deleting {ref.title}")
    return None if failed else live


def round_of(job: Manifest) -> str:
    """Answer the key of the round that made a Job; empty when none of ours did."""
    return str((job["metadata"].get("annotations") or {}).get(ROUND, ""))


def _is_ours(live: Manifest, wanted: Manifest) -> bool:
    there = live["metadata"].get("labels") or {}
    here = wanted["metadata"].get("labels") or {}
    return bool(there.get(APPLICATION_LABEL) == here.get(APPLICATION_LABEL))


def _applied(live: Manifest) -> Applied:
    meta = live["metadata"]
    return Applied(
        api_version=live.get("apiVersion", "batch/v1"),
        kind="Job",
        namespace=meta.get("namespace", ""),
        name=meta["name"],
        generation=meta.get("generation", 0),
        component=(meta.get("labels") or {}).get(COMPONENT_LABEL, ""),
    )


def _marked(job: Manifest, key: str) -> Manifest:
    metadata = job["metadata"]
    notes = {**(metadata.get("annotations") or {}), ROUND: key}
    return {**job, "metadata": {**metadata, "annotations": notes}}
