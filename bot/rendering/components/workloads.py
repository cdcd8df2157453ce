"""What keeps running: `webservice`, `worker` (Deployments), `daemon` (DaemonSet) and `statefulset`. Pure.

A number of replicas is given by KubeVela's trait `scaler` or by the property; without either it is left to the
cluster, so that an autoscaler keeps what it has set.
"""

from typing import Any

from bot.rendering.components.ports import Listening, exposing, service
from bot.rendering.containers import ContainerParameters, pod_template
from bot.rendering.objects import Manifest, Place, given
from bot.rendering.parameters import Replicas, Seconds


class Worker(ContainerParameters):
    """Properties of `worker`: something that is called by nobody."""

    replicas: Replicas | None = None
    progress_deadline_seconds: Seconds | None = None


class Webservice(Listening):
    """Properties of `webservice`: something that answers on ports."""

    replicas: Replicas | None = None
    progress_deadline_seconds: Seconds | None = None


class Statefulset(Listening):
    """Properties of `statefulset`: pods with names and an order."""

    replicas: Replicas | None = None


def webservice(place: Place, parameters: Webservice) -> list[Manifest]:
    """Make a Deployment, and a Service for what is exposed."""
    template = pod_template(place, parameters, parameters.all_ports())
    return [_deployment(place, parameters, template), *exposing(place, parameters)]


def worker(place: Place, parameters: Worker) -> list[Manifest]:
    """Make a Deployment without ports."""
    return [_deployment(place, parameters, pod_template(place, parameters, []))]


def daemon(place: Place, parameters: Listening) -> list[Manifest]:
    """Make a DaemonSet, and a Service for what is exposed."""
    spec = {
        "selector": {"matchLabels": place.selector},
        "template": pod_template(place, parameters, parameters.all_ports()),
    }
    return [place.manifest("apps/v1", "DaemonSet", spec), *exposing(place, parameters)]


def statefulset(place: Place, parameters: Statefulset) -> list[Manifest]:
    """Make a StatefulSet, the headless Service that gives its pods names, and one for what is exposed.

    The headless one has a name of its own, for which Service governs a StatefulSet can never be changed.
    """
    headless = f"{place.component.name}-headless"
    spec = given(
        replicas=parameters.replicas,
        serviceName=headless,
        selector={"matchLabels": place.selector},
        template=pod_template(place, parameters, parameters.all_ports()),
    )
    governing = service(place, headless, parameters.all_ports())
    governing["spec"] = given(
        clusterIP="None", selector=place.selector, ports=governing["spec"]["ports"]
    )
    return [
        place.manifest("apps/v1", "StatefulSet", spec),
        governing,
        *exposing(place, parameters),
    ]


def _deployment(
    place: Place, parameters: Webservice | Worker, template: dict[str, Any]
) -> Manifest:
    spec = given(
        replicas=parameters.replicas,
        progressDeadlineSeconds=parameters.progress_deadline_seconds,
        selector={"matchLabels": place.selector},
        template=template,
    )
    return place.manifest("apps/v1", "Deployment", spec)
