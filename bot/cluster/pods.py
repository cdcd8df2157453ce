"""Which pods belong to the newest template of a workload. Pure."""

from collections.abc import Sequence

from bot.cluster.port import Manifest

REVISION = "deployment.kubernetes.io/revision"


def pods_of(
    subject: Manifest | None, replica_sets: Sequence[Manifest], pods: Sequence[Manifest]
) -> list[Manifest]:
    """List the pods of `subject`; for a Deployment those of its newest ReplicaSet only."""
    if subject is None:
        return []
    owner = subject["metadata"]["uid"]
    if subject["kind"] == "Deployment":
        revision = (subject["metadata"].get("annotations") or {}).get(REVISION)
        newest = [
            each["metadata"]["uid"]
            for each in replica_sets
            if _is_owned(each, owner)
            and (each["metadata"].get("annotations") or {}).get(REVISION) == revision
        ]
        return [pod for pod in pods if any(_is_owned(pod, uid) for uid in newest)]
    return [pod for pod in pods if _is_owned(pod, owner)]


def _is_owned(subject: Manifest, uid: str) -> bool:
    return any(each["uid"] == uid for each in subject["metadata"].get("ownerReferences") or [])
