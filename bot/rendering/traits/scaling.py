"""Traits that say how many pods there are: `scaler` and `hpa`. Pure."""

from typing import Annotated, Any, Literal

from pydantic import Field

from bot.rendering.draft import Draft
from bot.rendering.objects import RenderingError
from bot.rendering.parameters import Parameters, Replicas

SCALED = ("Deployment", "StatefulSet")
Count = Annotated[int, Field(ge=1, le=1000)]


class Scaler(Parameters):
    """Properties of `scaler`."""

    replicas: Replicas = 1


class Measured(Parameters):
    """How much of a resource a pod should use: percent of what it asks for, or an amount."""

    type: Literal["Utilization", "AverageValue"] = "Utilization"
    value: int = 50


class CustomMetric(Parameters):
    """A metric of the pods that the cluster knows by its name."""

    name: str
    value: str


class Hpa(Parameters):
    """Properties of `hpa`."""

    min: Count = 1
    max: Count = 10
    target_api_version: str = Field(default="", alias="targetAPIVersion")
    target_kind: str = ""
    cpu: Measured = Field(default_factory=Measured)
    mem: Measured | None = None
    pod_custom_metrics: list[CustomMetric] = Field(default_factory=list)


def scaler(draft: Draft, parameters: Scaler) -> None:
    """Set the number of replicas. Raises RenderingError where there are none or they are given already."""
    spec = _scaled(draft)
    if "replicas" in spec:
        raise RenderingError("the number of replicas is given twice; expected it once")
    spec["replicas"] = parameters.replicas


def hpa(draft: Draft, parameters: Hpa) -> None:
    """Add a HorizontalPodAutoscaler. Raises RenderingError where something else sets the number, too."""
    if "replicas" in _scaled(draft):
        raise RenderingError("the number of replicas is given, and an hpa sets it, too")
    if parameters.min > parameters.max:
        raise RenderingError(f"min {parameters.min} is more than max {parameters.max}", "min")
    workload = draft.workload
    metrics = [_resource("cpu", parameters.cpu)]
    metrics += [_resource("memory", parameters.mem)] if parameters.mem else []
    metrics += [_custom(each) for each in parameters.pod_custom_metrics]
    spec = {
        "scaleTargetRef": {
            "apiVersion": parameters.target_api_version or workload["apiVersion"],
            "kind": parameters.target_kind or workload["kind"],
            "name": workload["metadata"]["name"],
        },
        "minReplicas": parameters.min,
        "maxReplicas": parameters.max,
        "metrics": metrics,
    }
    draft.add(draft.place.manifest("autoscaling/v2", "HorizontalPodAutoscaler", spec))


def _scaled(draft: Draft) -> dict[str, Any]:
    if draft.workload["kind"] not in SCALED:
        raise RenderingError(f"a component of type {draft.place.component.type} has no replicas")
    spec: dict[str, Any] = draft.workload["spec"]
    return spec


def _resource(name: str, wanted: Measured) -> dict[str, Any]:
    target: dict[str, Any] = {"type": wanted.type}
    if wanted.type == "Utilization":
        target["averageUtilization"] = wanted.value
    else:
        target["averageValue"] = str(wanted.value)
    return {"type": "Resource", "resource": {"name": name, "target": target}}


def _custom(metric: CustomMetric) -> dict[str, Any]:
    target = {"type": "AverageValue", "averageValue": metric.value}
    return {"type": "Pods", "pods": {"metric": {"name": metric.name}, "target": target}}
