"""HorizontalPodAutoscalers: keep the replicas of their target between the least and the most, and where the load wants them.

The load is pretended: it is what the target utilization says, unless the fault `load` says otherwise. As with the real
one, nothing is known of pods that do not say what they ask for.
"""

import math
from dataclasses import dataclass

from bot.sandbox.kubernetes import writes
from bot.sandbox.kubernetes.controllers.context import (
    MANAGER,
    POD,
    Context,
    Target,
    condition,
    workloads_of,
)
from bot.sandbox.kubernetes.quantities import requests_of, spell
from bot.sandbox.kubernetes.registry import BY_KIND, Resource
from bot.sandbox.kubernetes.scales import scale_of
from bot.sandbox.kubernetes.selectors import selector_labels
from bot.sandbox.kubernetes.storage import Object, now

SCALER = BY_KIND["autoscaling/v2", "HorizontalPodAutoscaler"]
COMPONENT = "horizontal-pod-autoscaler"
EVERY, CALM = 15.0, 300.0
"""Seconds between two looks, and for how long fewer must be enough before there are fewer."""
TOLERANCE = 0.1
ABOVE = "Current number of replicas above Spec.MaxReplicas"
BELOW = "Current number of replicas below Spec.MinReplicas"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What is known of the load, in percent of what is asked for; or why nothing is."""

    metrics: list[Object]
    wanted: int
    problem: str = ""


def reconcile(context: Context, scaler: Object) -> None:
    """Look at the target of an autoscaler, and at it again after a while."""
    if scaler["metadata"].get("deletionTimestamp"):
        return
    context.again(_target(scaler), EVERY / context.speed)
    reference = scaler["spec"]["scaleTargetRef"]
    resource = context.storage.kinds.of(reference["apiVersion"], reference["kind"])
    namespace = scaler["metadata"]["namespace"]
    target = None
    if resource is not None:
        target = context.storage.find(resource, namespace, reference["name"])
    if resource is None or target is None:
        _cannot_scale(context, scaler, resource, reference)
        return
    current = int(target["spec"].get("replicas", 1))
    if current == 0:
        said = "scaling is disabled since the replica count of the target is zero"
        _report(context, scaler, 0, 0, [("ScalingActive", "False", "ScalingDisabled", said)])
        return
    _steer(context, scaler, resource, target, current)


def _steer(
    context: Context, scaler: Object, resource: Resource, target: Object, current: int
) -> None:
    spec = scaler["spec"]
    least, most = spec.get("minReplicas", 1), spec["maxReplicas"]
    measured = _measure(context, scaler, target, current)
    if current > most:
        wanted, reason = most, ABOVE
    elif current < least:
        wanted, reason = least, BELOW
    elif measured.problem:
        context.event(scaler, "Warning", "FailedGetResourceMetric", measured.problem, COMPONENT)
        wanted, reason = current, ""
    else:
        wanted = max(least, min(most, measured.wanted))
        way = "above" if wanted > current else "below"
        reason = f"cpu resource utilization (percentage of request) {way} target"
        if not _is_calm(context, scaler, fewer=wanted < current):
            wanted = current
    if wanted != current:
        _rescale(context, resource, target, wanted)
        said = f"New size: {wanted}; reason: {reason}"
        context.event(scaler, "Normal", "SuccessfulRescale", said, COMPONENT)
    made = _conditions(scaler, measured, current, wanted)
    _report(context, scaler, current, wanted, made, measured.metrics)


def _is_calm(context: Context, scaler: Object, *, fewer: bool) -> bool:
    """Say whether the replicas may be changed: to fewer only when fewer have been enough for a while."""
    key = f"{scaler['metadata']['uid']}/calm"
    if not fewer:
        context.stages.pop(key, None)
        return True
    return context.waited(_target(scaler), key, "fewer", CALM)


def _rescale(context: Context, resource: Resource, target: Object, replicas: int) -> None:
    meta = target["metadata"]
    ask = writes.Ask(
        resource=resource,
        version=resource.version,
        namespace=meta["namespace"],
        name=meta["name"],
        subresource="scale",
        manager=MANAGER,
    )
    scale = scale_of(target)
    writes.replace(context.storage, ask, {**scale, "spec": {"replicas": replicas}})


def _measure(context: Context, scaler: Object, target: Object, current: int) -> Measured:
    """Answer the pretended utilization of the target's pods, and how many of them it would take."""
    matches = selector_labels(target["spec"].get("selector") or {})
    pods = [
        each for each in context.storage.of(POD, target["metadata"]["namespace"]) if matches(each)
    ]
    metrics, wanted = [], 0
    for each in scaler["spec"].get("metrics") or []:
        found = each.get("resource") or {}
        goal = (found.get("target") or {}).get("averageUtilization")
        name = str(found.get("name"))
        if goal is None:
            continue
        silent = next((pod for pod in pods if not requests_of(pod["spec"]).get(name)), None)
        if silent is not None or not pods:
            return Measured(metrics=[], wanted=current, problem=_unknown(name, silent))
        fault = context.fault("load", *workloads_of(context, pods[0]), target["metadata"]["name"])
        used = int(fault.details.get("percent", 200)) if fault is not None else goal
        ratio = used / goal
        steady = abs(ratio - 1) <= TOLERANCE
        wanted = max(wanted, current if steady else math.ceil(current * ratio))
        average = requests_of(pods[0]["spec"])[name] * used / 100
        value = {"averageUtilization": used, "averageValue": spell(average)}
        metrics.append({"type": "Resource", "resource": {"name": name, "current": value}})
    return Measured(metrics=metrics, wanted=wanted or current)


def _unknown(name: str, pod: Object | None) -> str:
    if pod is None:
        said = "no metrics returned from resource metrics API"
        return (
            f"failed to get {name} utilization: unable to get metrics for resource {name}: {said}"
        )
    container = pod["spec"]["containers"][0]["name"]
    place = f"in container {container} of Pod {pod['metadata']['name']}"
    return f"failed to get {name} utilization: missing request for {name} {place}"


def _conditions(
    scaler: Object, measured: Measured, current: int, wanted: int
) -> list[tuple[str, str, str, str]]:
    spec = scaler["spec"]
    if wanted != current:
        said = f"the HPA controller was able to update the target scale to {wanted}"
        able = ("AbleToScale", "True", "SucceededRescale", said)
    else:
        said = "recommended size matches current size"
        able = ("AbleToScale", "True", "ReadyForNewScale", said)
    if measured.problem:
        said = f"the HPA was unable to compute the replica count: {measured.problem}"
        return [able, ("ScalingActive", "False", "FailedGetResourceMetric", said)]
    said = (
        "the HPA was able to successfully calculate a replica count from cpu resource utilization "
        "(percentage of request)"
    )
    active = ("ScalingActive", "True", "ValidMetricFound", said)
    if measured.wanted > spec["maxReplicas"]:
        said = "the desired replica count is more than the maximum replica count"
        return [able, active, ("ScalingLimited", "True", "TooManyReplicas", said)]
    if measured.wanted < spec.get("minReplicas", 1):
        said = "the desired replica count is less than the minimum replica count"
        return [able, active, ("ScalingLimited", "True", "TooFewReplicas", said)]
    said = "the desired count is within the acceptable range"
    return [able, active, ("ScalingLimited", "False", "DesiredWithinRange", said)]


def _cannot_scale(
    context: Context, scaler: Object, resource: Resource | None, reference: Object
) -> None:
    kind = resource.qualified if resource is not None else str(reference["kind"]).lower()
    said = f'{kind} "{reference["name"]}" not found'
    context.event(scaler, "Warning", "FailedGetScale", said, COMPONENT)
    said = f"the HPA controller was unable to get the target's current scale: {said}"
    status = scaler.get("status") or {}
    made = [("AbleToScale", "False", "FailedGetScale", said)]
    _report(context, scaler, int(status.get("currentReplicas", 0)), 0, made)


def _report(
    context: Context,
    scaler: Object,
    current: int,
    wanted: int,
    conditions: list[tuple[str, str, str, str]],
    metrics: list[Object] | None = None,
) -> None:
    old = scaler.get("status") or {}
    made = [condition(old, *each) for each in conditions]
    for each in made:
        each.pop("lastUpdateTime")
    status: Object = {
        "conditions": made,
        "currentMetrics": metrics or None,
        "currentReplicas": current,
        "desiredReplicas": wanted,
    }
    if "lastScaleTime" in old:
        status["lastScaleTime"] = old["lastScaleTime"]
    if wanted and wanted != current:
        status["lastScaleTime"] = now()
    context.set_status(scaler, status)


def _target(scaler: Object) -> Target:
    return SCALER, scaler["metadata"]["namespace"], scaler["metadata"]["name"]
