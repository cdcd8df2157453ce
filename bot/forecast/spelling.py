"""How people call the fields of an object: `image`, `env LOG_LEVEL`, `data[app.yaml]`. Pure."""

import re
from collections.abc import Mapping
from typing import Any, Final

from bot.forecast.alignment import Path
from bot.rendering.objects import Manifest
from bot.rendering.pinning import TEMPLATES, WORKLOAD

_PLAIN: Final = re.compile(r"[A-Za-z0-9_-]+")
_CONTAINERS: Final = {"containers": "", "initContainers": "init "}


def field_name(path: Path, *versions: Manifest | None) -> str:
    """Answer what people call a field: without what leads to a pod, and without its container where there is only one."""
    names = [each.name for each in path]
    kind = next((each["kind"] for each in versions if each), "")
    template = TEMPLATES.get(kind, WORKLOAD)
    for prefix in (template, ("spec", "jobTemplate", "spec"), ("spec",), ("metadata",)):
        if tuple(names[: len(prefix)]) == prefix and len(names) > len(prefix):
            if prefix == template and path[len(prefix)].name in _CONTAINERS:
                return _in_container(path[len(prefix) :], template, versions)
            return _joined(path[len(prefix) :])
    return _joined(path)


def _in_container(
    path: Path, template: tuple[str, ...], versions: tuple[Manifest | None, ...]
) -> str:
    kind, *below = path
    if not below:
        return kind.name
    container, *field = below
    said = _joined(tuple(field))
    alone = kind.name == "containers" and all(_count(each, template) <= 1 for each in versions)
    where = "" if alone and field else f"{_CONTAINERS[kind.name]}{container.name}"
    return f"{where} {said}".strip()


def _count(version: Manifest | None, template: tuple[str, ...]) -> int:
    """Count the containers of a version."""
    here: Any = version or {}
    for key in (*template, "containers"):
        here = here.get(key) if isinstance(here, Mapping) else None
    return len(here) if isinstance(here, list) else 0


def _joined(path: Path) -> str:
    if len(path) > 1 and path[0].name == "env" and path[1].item:
        rest = path[2:] if [each.name for each in path[2:]] != ["value"] else ()
        return f"env {path[1].name}" + (f" {_joined(rest)}" if rest else "")
    said = ""
    for each in path:
        if each.item or not _PLAIN.fullmatch(each.name):
            said += f"[{each.name}]"
        else:
            said += f".{each.name}" if said else each.name
    return said
