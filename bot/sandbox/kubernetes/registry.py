"""The kinds that every API server serves: one row each. Adding a kind is adding a row (`kinds` knows the custom ones).

What their objects look like stands in `builtin`.
"""

from dataclasses import dataclass

from bot.sandbox.kubernetes import builtin
from bot.sandbox.kubernetes.shapes import Shape


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version that a custom kind is served in."""

    name: str
    shape: Shape | None = None
    """What its objects look like; None: anything."""
    columns: tuple[tuple[str, str, str, int], ...] = ()
    """What a table shows beside the name: (heading, JSONPath, type, priority) each."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Resource:
    """One kind of object: where it is served and how it behaves."""

    group: str
    version: str
    """The version that its objects are kept in."""
    kind: str
    plural: str
    singular: str
    short: tuple[str, ...] = ()
    namespaced: bool = True
    categories: tuple[str, ...] = ()
    status: bool = False
    """Has a `/status` subresource: `status` is not changed by ordinary writes."""
    scale: bool = False
    generation: bool = False
    """Its `metadata.generation` counts the changes of its spec."""
    annotated: bool = False
    """Its generation counts the changes of its annotations, too."""
    served: tuple[Version, ...] = ()
    """The versions of a custom kind; a built-in one has only its own."""

    @property
    def api_version(self) -> str:
        """`apps/v1`, or `v1` for the core group."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def qualified(self) -> str:
        """`deployments.apps`, as error texts name it."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def versions(self) -> tuple[str, ...]:
        """The names of all versions that it is served in."""
        return tuple(each.name for each in self.served) or (self.version,)

    def api_version_of(self, version: str) -> str:
        """`apps/v1`, for one of its versions."""
        return f"{self.group}/{version}" if self.group else version

    def shape_at(self, version: str) -> Shape:
        """Answer what its objects look like in a version; of a custom kind without a schema, that anything goes."""
        found = self.at(version).shape if self.served else builtin.shape_of(self.kind)
        return found or Shape(form="object", open=True, fields={"metadata": builtin.metadata()})

    def at(self, version: str) -> Version:
        """Answer what a version of it says; nothing, for a built-in kind."""
        found = (each for each in self.served if each.name == version)
        return next(found, Version(name=version))


def _row(
    api_version: str, kind: str, plural: str, *short: str, flags: str = "", namespaced: bool = True
) -> Resource:
    group, _, version = api_version.rpartition("/")
    return Resource(
        group=group,
        version=version,
        kind=kind,
        plural=plural,
        singular=kind.lower(),
        short=short,
        namespaced=namespaced,
        categories=("all",) if "a" in flags else (),
        status="s" in flags or "w" in flags,
        scale="c" in flags,
        generation="g" in flags or "w" in flags,
        annotated=kind == "Deployment",
    )


# Flags: a in the category `all`, s status subresource, c scale, g generation, w a workload (s and g).
RESOURCES: tuple[Resource, ...] = (
    _row("v1", "Namespace", "namespaces", "ns", flags="s", namespaced=False),
    _row("v1", "Node", "nodes", "no", flags="s", namespaced=False),
    _row("v1", "ConfigMap", "configmaps", "cm"),
    _row("v1", "Secret", "secrets"),
    _row("v1", "Service", "services", "svc", flags="as"),
    _row("v1", "ServiceAccount", "serviceaccounts", "sa"),
    _row("v1", "Endpoints", "endpoints", "ep"),
    _row("v1", "Pod", "pods", "po", flags="asg"),
    _row("v1", "Event", "events", "ev"),
    _row("v1", "PersistentVolumeClaim", "persistentvolumeclaims", "pvc", flags="s"),
    _row("v1", "PersistentVolume", "persistentvolumes", "pv", flags="s", namespaced=False),
    _row("v1", "ResourceQuota", "resourcequotas", "quota", flags="s"),
    _row("v1", "LimitRange", "limitranges", "limits"),
    _row("apps/v1", "Deployment", "deployments", "deploy", flags="awc"),
    _row("apps/v1", "ReplicaSet", "replicasets", "rs", flags="awc"),
    _row("apps/v1", "StatefulSet", "statefulsets", "sts", flags="awc"),
    _row("apps/v1", "DaemonSet", "daemonsets", "ds", flags="aw"),
    _row("apps/v1", "ControllerRevision", "controllerrevisions"),
    _row("batch/v1", "Job", "jobs", flags="aw"),
    _row("batch/v1", "CronJob", "cronjobs", "cj", flags="aw"),
    _row(
        "autoscaling/v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", "hpa", flags="as"
    ),
    _row("storage.k8s.io/v1", "StorageClass", "storageclasses", "sc", namespaced=False),
    _row("networking.k8s.io/v1", "IngressClass", "ingressclasses", namespaced=False, flags="g"),
    _row("networking.k8s.io/v1", "Ingress", "ingresses", "ing", flags="sg"),
    _row("networking.k8s.io/v1", "NetworkPolicy", "networkpolicies", "netpol", flags="g"),
    _row("policy/v1", "PodDisruptionBudget", "poddisruptionbudgets", "pdb", flags="sg"),
    _row("rbac.authorization.k8s.io/v1", "Role", "roles"),
    _row("rbac.authorization.k8s.io/v1", "RoleBinding", "rolebindings"),
    _row("rbac.authorization.k8s.io/v1", "ClusterRole", "clusterroles", namespaced=False),
    _row(
        "rbac.authorization.k8s.io/v1",
        "ClusterRoleBinding",
        "clusterrolebindings",
        namespaced=False,
    ),
    _row("coordination.k8s.io/v1", "Lease", "leases"),
    _row("discovery.k8s.io/v1", "EndpointSlice", "endpointslices", flags="g"),
    _row(
        "apiextensions.k8s.io/v1",
        "CustomResourceDefinition",
        "customresourcedefinitions",
        "crd",
        "crds",
        flags="sg",
        namespaced=False,
    ),
)

BY_KIND = {(each.api_version, each.kind): each for each in RESOURCES}
"""The built-in kinds."""
