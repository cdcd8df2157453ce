"""Tries out a cluster for `doctor`: whether it answers, its version, and what we may do in a namespace. Nothing is changed.

What we may do is asked by SelfSubjectAccessReview, which the API server answers to everyone about themselves.
"""

from collections.abc import Iterable
from functools import partial

from bot.cluster.kube.api import ClusterApi
from bot.cluster.kube.errors import Missing
from bot.cluster.kube.paths import Paths
from bot.cluster.kube.together import together
from bot.errors import Permanent
from bot.placement.rights import Right

REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"


async def version_of(api: ClusterApi) -> str:
    """Answer the version of an API server. Raises Temporary or Permanent."""
    answer = await api.call("GET", "/version")
    return str(answer.get("gitVersion", "of an unknown version"))


async def denied(api: ClusterApi, paths: Paths, rights: Iterable[Right]) -> list[str]:
    """List what we may not do of `rights`, in words; a kind that is not served among it. Raises Temporary or Permanent."""
    found = await together([partial(_denied, api, paths, each) for each in rights])
    return [text for each in found for text in each]


async def _denied(api: ClusterApi, paths: Paths, right: Right) -> list[str]:
    try:
        path = await paths.of_list(right.api_version, right.kind, right.namespace)
    except Missing:
        return [f"use {right.kind} ({right.api_version}): the cluster does not serve it"]
    resource = path.rpartition("/")[2]
    group = right.api_version.rpartition("/")[0]
    answers = await together(
        [partial(_may, api, group, resource, right.namespace, verb) for verb in right.verbs]
    )
    missing = [verb for verb, may in zip(right.verbs, answers, strict=True) if not may]
    return [f"{', '.join(missing)} {resource}"] if missing else []


async def _may(api: ClusterApi, group: str, resource: str, namespace: str, verb: str) -> bool:
    asked = {"group": group, "resource": resource, "namespace": namespace, "verb": verb}
    answer = await api.call(
        "POST",
        REVIEWS,
        body={
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": asked},
        },
    )
    if not isinstance(answer.get("status"), dict):
        raise Permanent(f"{api.name} does not say what we may do")
    return bool(answer["status"].get("allowed"))
