"""What is kept of a watched object: what its health, its troubles and its owners are told by. Pure.

A Pod takes 27 kilobytes as it comes, and half a one as it is kept while it is well. What is equal is kept once: conditions and
owners of a thousand pods are mostly the same few.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from bot.cluster.digests import KEPT, images_of
from bot.cluster.port import Manifest

NOTES = frozenset({"deployment.kubernetes.io/revision", "deprecated.daemonset.template.generation"})
LABELS = frozenset({"controller-revision-hash", "pod-template-generation"})
META = ("name", "uid", "generation", "deletionTimestamp")
SPEC = (
    "replicas",
    "completions",
    "parallelism",
    "suspend",
    "paused",
    "updateStrategy",
    "progressDeadlineSeconds",
    "storageClassName",
)
"""Of whatever has a template, or is large otherwise."""
CONDITION = ("type", "status", "reason", "message", "observedGeneration")
CONTAINER = ("name", "image", "ready", "started", "restartCount", "state", "lastState")
POD = ("phase", "reason", "message", "startTime")

MOST = 5000
"""So many parts are remembered to be found again."""

T = TypeVar("T")


class Trimming:
    """Trims objects, and keeps one of each part that is equal."""

    def __init__(self) -> None:
        self._parts: dict[str, Any] = {}

    def __call__(self, manifest: Manifest) -> Manifest:
        """Answer what is kept of an object."""
        pod = manifest.get("kind") == "Pod" and manifest.get("apiVersion") == "v1"
        status = manifest.get("status")
        kept: Manifest = {
            "apiVersion": self._one(manifest.get("apiVersion", "")),
            "kind": self._one(manifest.get("kind", "")),
            "metadata": self._meta(manifest["metadata"]),
        }
        if pod:
            images = images_of(manifest)
            if images:
                kept[KEPT] = self._one(images)
        else:
            spec = manifest.get("spec")
            kept["spec"] = self._one(_only(spec, SPEC) if isinstance(spec, dict) else {})
        if isinstance(status, dict):
            kept["status"] = self._pod(status) if pod else self._status(status)
        return kept

    def _meta(self, meta: Mapping[str, Any]) -> dict[str, Any]:
        kept = _only(meta, META)
        for key, names in (("labels", LABELS), ("annotations", NOTES)):
            found = {name: value for name, value in (meta.get(key) or {}).items() if name in names}
            if found:
                kept[key] = self._one(found)
        owners = [_only(each, ("uid",)) for each in meta.get("ownerReferences") or []]
        if owners:
            kept["ownerReferences"] = self._one(owners)
        return kept

    def _status(self, status: Mapping[str, Any]) -> dict[str, Any]:
        conditions = status.get("conditions")
        kept = dict(status)
        if isinstance(conditions, list):
            kept["conditions"] = [_only(each, CONDITION) for each in conditions]
        return kept

    def _pod(self, status: Mapping[str, Any]) -> dict[str, Any]:
        conditions = [_only(each, CONDITION) for each in status.get("conditions") or []]
        ready = [each for each in conditions if each.get("type") == "Ready"]
        if status.get("phase") == "Succeeded" or any(
            each.get("status") == "True" for each in ready
        ):
            only = [{"type": "Ready", "status": str(each.get("status"))} for each in ready]
            return self._one({"phase": status.get("phase", ""), "conditions": only})
        kept = _only(status, POD)
        kept["conditions"] = [self._one(each) for each in conditions]
        for key in ("initContainerStatuses", "containerStatuses"):
            if status.get(key):
                kept[key] = [_only(each, CONTAINER) for each in status[key]]
        return kept

    def _one(self, part: T) -> T:
        """Answer the one part that is kept of all that are equal."""
        if len(self._parts) > MOST:
            self._parts.clear()  # what is kept of objects stays with them
        found: T = self._parts.setdefault(_written(part), part)
        return found


def _only(given: Mapping[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    return {key: given[key] for key in keys if key in given}


_written: Callable[[Any], str] = json.JSONEncoder(separators=(",", ":")).encode
