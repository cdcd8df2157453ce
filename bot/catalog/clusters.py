"""Makes the clusters of the catalog, and says which of them is the control cluster. Pure."""

from collections.abc import Iterable, Iterator, Mapping

from bot.catalog.complaints import Complaint, complain
from bot.catalog.documents import Document
from bot.catalog.model import LOCAL, Cluster, SecretKey
from bot.catalog.schema import ClusterFile, ClusterSpec, SecretRefShape

SOURCES = "context (with or without a kubeconfig), kubeconfig, inCluster, secretRef or fromSetting"


def cluster(file: ClusterFile) -> Cluster:
    """Make a cluster."""
    spec = file.spec
    return Cluster(
        name=file.metadata.name,
        context=spec.context,
        kubeconfig=spec.kubeconfig or None,
        in_cluster=spec.in_cluster,
        secret=_secret(spec.secret_ref) if spec.secret_ref else None,
        from_setting=spec.from_setting,
        labels=file.metadata.labels,
        control=spec.control,
    )


def _secret(shape: SecretRefShape) -> SecretKey:
    return SecretKey(name=shape.name, namespace=shape.namespace, key=shape.key)


def control_of(clusters: Mapping[str, Cluster]) -> str:
    """Name the control cluster: the one that says so, else `local`, else the only one; empty: there is none."""
    chosen = next((each.name for each in clusters.values() if each.control), "")
    if chosen:
        return chosen
    if LOCAL in clusters:
        return LOCAL
    return next(iter(clusters)) if len(clusters) == 1 else ""


def check_clusters(files: Iterable[tuple[Document, ClusterFile]]) -> Iterator[Complaint]:
    """Complain about clusters without a source of credentials, or with two, and a second control cluster."""
    first: tuple[Document, ClusterFile] | None = None
    for document, file in files:
        given = _sources(file.spec)
        if len(given) != 1:
            said = f"expected one source: {SOURCES}; found {' and '.join(given) or 'none'}"
            yield complain(document, ("spec",), said)
        if not file.spec.control:
            continue
        if first is not None:
            there, other = first
            line = there.line(("spec", "control"))
            said = f"the control cluster is {other.metadata.name}, in {there.file}:{line}"
            yield complain(document, ("spec", "control"), said)
        first = first or (document, file)


def _sources(spec: ClusterSpec) -> list[str]:
    found = {
        "context": spec.context or spec.kubeconfig,
        "inCluster": spec.in_cluster,
        "secretRef": spec.secret_ref,
        "fromSetting": spec.from_setting,
    }
    return [key for key, there in found.items() if there]
