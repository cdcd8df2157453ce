"""What Shipmate has to be allowed to do where: the kinds that the catalog's applications make in each place. Pure."""

from collections.abc import Iterable
from typing import NamedTuple

from bot.catalog.model import Application, Catalog, Environment, Target
from bot.errors import Permanent
from bot.rendering.render import render

DELIVERED = ("get", "create", "patch", "delete")
WAITED_FOR = (*DELIVERED, "list", "watch")
WORKLOADS = frozenset({"Deployment", "StatefulSet", "DaemonSet", "Job", "PersistentVolumeClaim"})
"""Kinds that are followed until they are ready."""
LOOKED_AT = ("list", "watch")
CONFIGURATION = ("terraform.core.oam.dev/v1beta2", "Configuration")


class Right(NamedTuple):
    """What is done with one kind in one namespace."""

    api_version: str
    kind: str
    namespace: str
    verbs: tuple[str, ...]


def rights_in(catalog: Catalog, environment: Environment, target: Target) -> list[Right]:
    """List what is done in a target, each kind once; what cannot be rendered yet is left out."""
    kinds = {("v1", "Pod"): LOOKED_AT, ("v1", "ConfigMap"): DELIVERED}
    for application in catalog.applications.values():
        for api_version, kind in _kinds(application, environment, target):
            verbs = WAITED_FOR if kind in WORKLOADS else DELIVERED
            kinds[api_version, kind] = verbs
    return [
        Right(api_version, kind, target.namespace, verbs)
        for (api_version, kind), verbs in kinds.items()
    ]


def rights_of_clouds(catalog: Catalog, environment: Environment) -> list[Right]:
    """List what is done on the control cluster for an environment."""
    namespaces = {
        each.namespace for each in catalog.applications.values() if each.has_cloud(environment.name)
    }
    return [Right(*CONFIGURATION, namespace, WAITED_FOR) for namespace in sorted(namespaces)]


def _kinds(
    application: Application, environment: Environment, target: Target
) -> Iterable[tuple[str, str]]:
    for component in application.components:
        if component.is_cloud:
            continue
        try:
            made = render(application, component, environment, target)
        except Permanent:
            continue  # some of its values are known only in a run
        for each in made:
            yield str(each["apiVersion"]), str(each["kind"])
