"""In which order objects are applied, so that what others need is there first. Pure.

It goes by group and kind, for a `Service` of another group is another thing. What is in no table comes with the workloads,
in the order in which its author wrote it.
"""

from collections.abc import Sequence

from bot.cluster.port import Manifest

CRD = ("apiextensions.k8s.io", "CustomResourceDefinition")

RBAC = "rbac.authorization.k8s.io"
ADMISSION = "admissionregistration.k8s.io"

FIRST: tuple[tuple[str, str], ...] = (
    ("", "Namespace"),
    CRD,
    ("scheduling.k8s.io", "PriorityClass"),
    ("node.k8s.io", "RuntimeClass"),
    ("networking.k8s.io", "IngressClass"),
    ("storage.k8s.io", "CSIDriver"),
    ("storage.k8s.io", "StorageClass"),
    ("storage.k8s.io", "VolumeAttributesClass"),
    ("", "ResourceQuota"),
    ("", "LimitRange"),
    ("networking.k8s.io", "NetworkPolicy"),
    ("", "ServiceAccount"),
    ("", "Secret"),
    ("", "ConfigMap"),
    ("", "PersistentVolume"),
    ("", "PersistentVolumeClaim"),
    (RBAC, "ClusterRole"),
    (RBAC, "ClusterRoleBinding"),
    (RBAC, "Role"),
    (RBAC, "RoleBinding"),
    ("", "Service"),
)
"""What has to be there before the workloads."""

LAST: tuple[tuple[str, str], ...] = (
    ("autoscaling", "HorizontalPodAutoscaler"),
    ("policy", "PodDisruptionBudget"),
    ("networking.k8s.io", "Ingress"),
    ("apiregistration.k8s.io", "APIService"),
    (ADMISSION, "ValidatingAdmissionPolicy"),
    (ADMISSION, "MutatingAdmissionPolicy"),
    (ADMISSION, "ValidatingAdmissionPolicyBinding"),
    (ADMISSION, "MutatingAdmissionPolicyBinding"),
    (ADMISSION, "MutatingWebhookConfiguration"),
    (ADMISSION, "ValidatingWebhookConfiguration"),
)
"""What acts on workloads, or is answered by them: a webhook before its server would refuse everything after it."""

RANKS = {each: at - len(FIRST) for at, each in enumerate(FIRST)} | {
    each: at + 1 for at, each in enumerate(LAST)
}


def group_of(manifest: Manifest) -> tuple[str, str]:
    """Answer the group and the kind of an object."""
    return str(manifest["apiVersion"]).rpartition("/")[0], str(manifest["kind"])


def ordered(manifests: Sequence[Manifest]) -> list[Manifest]:
    """Answer the objects in the order in which they are applied."""
    return sorted(manifests, key=lambda each: RANKS.get(group_of(each), 0))


def defined(manifest: Manifest) -> tuple[str, str] | None:
    """Answer the group and kind that a CustomResourceDefinition defines; None for any other object."""
    if group_of(manifest) != CRD:
        return None
    spec = manifest.get("spec") or {}
    return str(spec.get("group", "")), str((spec.get("names") or {}).get("kind", ""))
