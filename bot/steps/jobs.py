"""Jobs that are delivered again: one that succeeded is left alone, one that failed is made anew. Pure but for its cluster.

A Job carries the key of the round that made it, so that a step which was cut off after its Job had failed says so instead
of running it again, and a retry by a person runs it again.
"""

from collections.abc import Sequence

from bot.cluster.health import has_failed
from bot.cluster.port import Clusters, Manifest
from bot.errors import Temporary
from bot.run.inventory import ref_of

ROUND = "shipmate.dev/round"
"""The annotation: the idempotency key of the round of a step."""


async def prepared(
    clusters: Clusters, cluster: str, manifests: Sequence[Manifest], key: str
) -> list[Manifest]:
    """Answer the manifests as they are to be applied; delete the Jobs that failed in an earlier round.

    Raises Temporary while one of them is on its way out, and what the cluster raises.
    """
    jobs = [each for each in manifests if each["kind"] == "Job"]
    found = dict(
        zip(
            map(id, jobs),
            await clusters.live(cluster, [ref_of(each) for each in jobs]),
            strict=True,
        )
    )
    made: list[Manifest] = []
    for each in manifests:
        live = found.get(id(each))
        if each["kind"] != "Job":
            made.append(each)
            continue
        by = key if live is None else _round(live)
        if live is not None and has_failed(live) and by != key:
            if not await clusters.remove(cluster, ref_of(each)):
                raise Temporary(f"{cluster} is still deleting {ref_of(each).title}")
            by = key
        made.append(_marked(each, by))
    return made


def _round(job: Manifest) -> str:
    return str((job["metadata"].get("annotations") or {}).get(ROUND, ""))


def _marked(job: Manifest, key: str) -> Manifest:
    if not key:
        return job
    metadata = job["metadata"]
    notes = {**(metadata.get("annotations") or {}), ROUND: key}
    return {**job, "metadata": {**metadata, "annotations": notes}}
