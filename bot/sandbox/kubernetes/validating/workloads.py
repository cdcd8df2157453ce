"""Deployments, ReplicaSets, StatefulSets and DaemonSets. Pure."""

import re
from collections.abc import Iterator
from typing import Any

from bot.sandbox.kubernetes.selectors import selector_labels
from bot.sandbox.kubernetes.validating.causes import (
    IMMUTABLE,
    Cause,
    forbidden,
    invalid,
    natural,
    required,
    unsupported,
)
from bot.sandbox.kubernetes.validating.names import labels
from bot.sandbox.kubernetes.validating.pods import pod_spec

Object = dict[str, Any]

PERCENT = re.compile(r"[0-9]+%")
PERCENT_TEXT = (
    "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or "
    "'93%', regex used for validation is '[0-9]+%')"
)
MUTABLE_OF_A_SET = (
    "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', "
    "'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and "
    "'minReadySeconds' are forbidden"
)
MUTABLE = frozenset(
    {
        "replicas",
        "ordinals",
        "template",
        "updateStrategy",
        "revisionHistoryLimit",
        "persistentVolumeClaimRetentionPolicy",
        "minReadySeconds",
    }
)


def workload(kind: str, subject: Object, old: Object | None) -> Iterator[Cause]:
    """Yield what is wrong with a workload that replaces `old`."""
    spec = subject.get("spec") or {}
    template = spec.get("template") or {}
    yield from natural(spec, "spec", "replicas", "minReadySeconds", "revisionHistoryLimit")
    yield from natural(spec, "spec", "progressDeadlineSeconds")
    yield from _selector(spec, template)
    yield from labels((template.get("metadata") or {}).get("labels") or {}, "spec.template.labels")
    pod = template.get("spec") or {}
    yield from pod_spec(pod, "spec.template.spec")
    if pod.get("restartPolicy", "Always") in {"OnFailure", "Never"}:
        yield unsupported("spec.template.spec.restartPolicy", pod["restartPolicy"], ("Always",))
    if kind == "Deployment":
        yield from _strategy(spec)
    if old is not None:
        yield from _frozen(kind, spec, old["spec"])


def _selector(spec: Object, template: Object) -> Iterator[Cause]:
    selector = spec.get("selector") or {}
    found = (template.get("metadata") or {}).get("labels")
    if "selector" not in spec:
        yield required("spec.selector")
    elif not any(selector.values()):
        yield invalid("spec.selector", selector, "empty selector is invalid for deployment")
    matches = bool(selector) and selector_labels(selector)({"metadata": {"labels": found or {}}})
    if not matches:
        said = "`selector` does not match template `labels`"
        yield invalid("spec.template.metadata.labels", found, said)


def _strategy(spec: Object) -> Iterator[Cause]:
    strategy = spec.get("strategy") or {}
    kind, rolling = strategy.get("type", "RollingUpdate"), strategy.get("rollingUpdate")
    if kind not in {"Recreate", "RollingUpdate"}:
        shown = {"Type": kind, "RollingUpdate": rolling}
        yield unsupported("spec.strategy", shown, ("Recreate", "RollingUpdate"))
    elif kind == "Recreate" and rolling is not None:
        said = "may not be specified when strategy `type` is 'Recreate'"
        yield forbidden("spec.strategy.rollingUpdate", said)
    elif rolling:
        path = "spec.strategy.rollingUpdate"
        for field in ("maxUnavailable", "maxSurge"):
            yield from _share(rolling.get(field), f"{path}.{field}")
        if {str(rolling.get(each, "")).rstrip("%") for each in ("maxUnavailable", "maxSurge")} == {
            "0"
        }:
            said = "may not be 0 when `maxSurge` is 0"
            yield invalid(f"{path}.maxUnavailable", rolling["maxUnavailable"], said)


def _share(value: Any, path: str) -> Iterator[Cause]:
    if isinstance(value, str) and not PERCENT.fullmatch(value):
        yield invalid(path, value, PERCENT_TEXT)
    elif isinstance(value, int) and value < 0:
        yield invalid(path, value, "must be greater than or equal to 0")


def _frozen(kind: str, spec: Object, old: Object) -> Iterator[Cause]:
    if kind == "StatefulSet":
        changed = [key for key in {**spec, **old} if spec.get(key) != old.get(key)]
        if any(key not in MUTABLE for key in changed):
            yield forbidden("spec", MUTABLE_OF_A_SET)
    elif spec.get("selector") != old.get("selector"):
        yield invalid("spec.selector", spec.get("selector"), IMMUTABLE)
