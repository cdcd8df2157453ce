"""The trait `service-account`: who the pods of a component are to the cluster, and what they may do there. Pure."""

from typing import Annotated, Any, Literal

from pydantic import Field

from bot.rendering.draft import Draft
from bot.rendering.objects import given
from bot.rendering.parameters import ObjectName, Parameters, Words

RBAC = "rbac.authorization.k8s.io"


class Privileges(Parameters):
    """A rule of a Role or ClusterRole."""

    verbs: Annotated[Words, Field(min_length=1)]
    api_groups: Words | None = None
    resources: Words | None = None
    resource_names: Words | None = None
    non_resource_urls: Words | None = Field(default=None, alias="nonResourceURLs")
    scope: Literal["namespace", "cluster"] = "namespace"


class ServiceAccount(Parameters):
    """Properties of `service-account`."""

    name: ObjectName
    create: bool = False
    privileges: list[Privileges] = Field(default_factory=list)


def service_account(draft: Draft, parameters: ServiceAccount) -> None:
    """Give the pods an account; make it and its roles where that is asked for."""
    draft.pod()["serviceAccountName"] = parameters.name
    place, name = draft.place, parameters.name
    if parameters.create:
        draft.add(place.manifest("v1", "ServiceAccount", name=name))
    for scope in ("cluster", "namespace"):
        rules = [_rule(each) for each in parameters.privileges if each.scope == scope]
        if rules:
            _grant(draft, name, rules, cluster=scope == "cluster")


def _rule(privileges: Privileges) -> dict[str, Any]:
    return given(
        verbs=privileges.verbs,
        # The core group is the empty text, which has to be said; KubeVela leaves that to the author.
        apiGroups=privileges.api_groups or ([""] if privileges.resources else None),
        resources=privileges.resources,
        resourceNames=privileges.resource_names,
        nonResourceURLs=privileges.non_resource_urls,
    )


def _grant(draft: Draft, account: str, rules: list[dict[str, Any]], *, cluster: bool) -> None:
    place = draft.place
    kind = "ClusterRole" if cluster else "Role"
    name = f"{place.target.namespace}:{account}" if cluster else account
    subject = {"kind": "ServiceAccount", "name": account, "namespace": place.target.namespace}
    role = {**place.manifest(f"{RBAC}/v1", kind, name=name), "rules": rules}
    binding = {
        **place.manifest(f"{RBAC}/v1", f"{kind}Binding", name=name),
        "roleRef": {"apiGroup": RBAC, "kind": kind, "name": name},
        "subjects": [subject],
    }
    for each in (role, binding):
        if cluster:
            del each["metadata"]["namespace"]
        draft.add(each)
