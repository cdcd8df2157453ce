"""Images by the contents that they turned out to be, so that a rollback delivers what ran and not what a tag means now. Pure."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from bot.rendering.objects import Manifest

TEMPLATES = {
    "Pod": ("spec",),
    "CronJob": ("spec", "jobTemplate", "spec", "template", "spec"),
}
"""Where a kind has the spec of its pods; workloads have it below `spec.template`."""
WORKLOAD = ("spec", "template", "spec")


def pinned(manifest: Manifest, digests: Mapping[str, str]) -> Manifest:
    """Answer a manifest whose images say their digests, where these are known (`web:v1` → `sha256:…`)."""
    if not any(str(each.get("image")) in digests for each in containers_of(manifest)):
        return manifest
    made = deepcopy(manifest)
    for each in containers_of(made):
        digest = digests.get(str(each.get("image")))
        if digest and "@" not in each["image"]:
            each["image"] += f"@{digest}"
    return made


def containers_of(manifest: Manifest) -> Iterator[dict[str, Any]]:
    """Yield the containers of the pods that an object makes, those that run first included."""
    here: Any = manifest
    for key in TEMPLATES.get(manifest["kind"], WORKLOAD):
        here = here.get(key) if isinstance(here, dict) else None
    if isinstance(here, dict):
        for kind in ("initContainers", "containers"):
            yield from (each for each in here.get(kind) or () if isinstance(each, dict))
