"""Which pods belong to the newest template of a workload. Pure."""

from collections.abc import Sequence

from bot.cluster.port import Manifest

REVISION = "deployment.kubernetes.io/revision"
HASH = "controller-revision-hash"
"""The label by which a StatefulSet's and a DaemonSet's pods say of which template they are."""
GENERATION = ("deprecated.daemonset.template.generation", "pod-template-generation")
"""A DaemonSet's annotation, and its pods' label."""


def pods_of(
    subject: Manifest | None, replica_sets: Sequence[Manifest], pods: Sequence[Manifest]
) -> list[Manifest]:
    """List the pods of `subject` that are of its newest template and not on their way out."""
    if subject is None:
        return []
    staying = [each for each in pods if "deletionTimestamp" not in each["metadata"]]
    return [each for each in _owned(subject, replica_sets, staying) if _is_newest(subject, each)]


def newest_sets(subject: Manifest, replica_sets: Sequence[Manifest]) -> list[Manifest]:
    """List the ReplicaSets of a Deployment's newest template: one, once it is made."""
    owner = subject["metadata"]["uid"]
    revision = (subject["metadata"].get("annotations") or {}).get(REVISION)
    return [
        each
        for each in replica_sets
        if _is_owned(each, owner)
        and (each["metadata"].get("annotations") or {}).get(REVISION) == revision
    ]


def _owned(
    subject: Manifest, replica_sets: Sequence[Manifest], pods: Sequence[Manifest]
) -> list[Manifest]:
    if subject["kind"] == "Deployment":
        newest = [each["metadata"]["uid"] for each in newest_sets(subject, replica_sets)]
        return [pod for pod in pods if any(_is_owned(pod, uid) for uid in newest)]
    return [pod for pod in pods if _is_owned(pod, subject["metadata"]["uid"])]


def _is_owned(subject: Manifest, uid: str) -> bool:
    return any(each["uid"] == uid for each in subject["metadata"].get("ownerReferences") or [])


def _is_newest(subject: Manifest, pod: Manifest) -> bool:
    """Say whether a pod is of the template that is to be rolled out, as far as its owner says which that is."""
    labels = pod["metadata"].get("labels") or {}
    if subject["kind"] == "StatefulSet":
        wanted = (subject.get("status") or {}).get("updateRevision")
        return (
            wanted is None or labels.get(HASH) == wanted or wanted.endswith(f"-{labels.get(HASH)}")
        )
    if subject["kind"] == "DaemonSet":
        annotation, label = GENERATION
        wanted = (subject["metadata"].get("annotations") or {}).get(annotation)
        return wanted is None or labels.get(label) in {None, wanted}
    return True
