"""The subresource `scale` of a workload: how many replicas it wants and has, apart from all the rest. Pure."""

import copy
from typing import Any

from bot.sandbox.kubernetes import errors
from bot.sandbox.kubernetes.registry import Resource

Object = dict[str, Any]


def scale_of(live: Object) -> Object:
    """Answer the `Scale` of a workload."""
    selector = (live["spec"].get("selector") or {}).get("matchLabels") or {}
    fields = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
    return {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {key: live["metadata"][key] for key in fields if key in live["metadata"]},
        "spec": {"replicas": live["spec"].get("replicas", 0)},
        "status": {
            "replicas": (live.get("status") or {}).get("replicas", 0),
            "selector": ",".join(f"{key}={value}" for key, value in selector.items()),
        },
    }


def scaled(resource: Resource, live: Object, scale: Object) -> Object:
    """Answer a workload that wants as many replicas as a `Scale` says. Raises StatusError."""
    wanted = copy.deepcopy(live)
    replicas = (scale.get("spec") or {}).get("replicas", 0)
    if not isinstance(replicas, int) or isinstance(replicas, bool):
        raise errors.StatusError(
            400,
            'Scale in version "v1" cannot be handled as a Scale: json: cannot unmarshal '
            f"{type(replicas).__name__} into Go struct field ScaleSpec.spec.replicas of type int32",
        )
    if replicas < 0:
        said = f"Invalid value: {replicas}: must be greater than or equal to 0"
        raise errors.invalid(
            resource, live["metadata"]["name"], [("spec.replicas", "FieldValueInvalid", said)]
        )
    wanted["spec"]["replicas"] = replicas
    version = (scale.get("metadata") or {}).get("resourceVersion")
    wanted["metadata"]["resourceVersion"] = version or live["metadata"]["resourceVersion"]
    return wanted
