"""The Deployment of a component that keeps running: what webservice and worker have in common. Pure.

Parameters and selector are KubeVela's; `replicas` and `progressDeadlineSeconds` are ours. A number of
replicas is given by KubeVela's trait `scaler` or by the property; without either it is left to the cluster,
so that an autoscaler keeps what it has set. Properties were checked by `parameters` when the file was loaded.
"""

from typing import Any, Final

from bot.catalog.model import Component, Properties
from bot.rendering.objects import Manifest, Place, given

PROBES: Final = ("livenessProbe", "readinessProbe")


def deployment(place: Place, ports: list[dict[str, Any]]) -> Manifest:
    """Make the Deployment of a component whose container listens on `ports`."""
    properties = place.component.properties
    template = {
        "metadata": given(
            labels={**properties.get("labels", {}), **place.labels},
            annotations=dict(properties.get("annotations", {})),
        ),
        "spec": {"containers": [_container(place.component, ports)]},
    }
    spec = given(
        replicas=_replicas(place.component),
        progressDeadlineSeconds=properties.get("progressDeadlineSeconds"),
        selector={"matchLabels": place.selector},
        template=template,
    )
    return place.manifest("apps/v1", "Deployment", spec)


def _container(component: Component, ports: list[dict[str, Any]]) -> dict[str, Any]:
    properties = component.properties
    return given(
        name=component.name,
        image=properties["image"],
        imagePullPolicy=properties.get("imagePullPolicy"),
        command=properties.get("cmd"),
        args=properties.get("args"),
        env=properties.get("env"),
        ports=ports,
        resources=_resources(properties),
        **{name: properties.get(name) for name in PROBES},
    )


def _resources(properties: Properties) -> dict[str, Any]:
    """Answer the resources: in KubeVela, what is asked for is also the limit."""
    amounts = {name: str(properties[name]) for name in ("cpu", "memory") if name in properties}
    return given(requests=amounts, limits=dict(amounts))


def _replicas(component: Component) -> int | None:
    for trait in component.traits:
        if trait.type == "scaler":
            return int(trait.properties.get("replicas", 1))
    replicas: int | None = component.properties.get("replicas")
    return replicas
