"""What becomes of cloud resources when one application follows another in an environment. Pure.

Made for the proposal of a rollback: an older revision's variables are applied to the resource that is there, which Terraform may
replace for it, and no delivery brings back what was in it. Only names are told, no values.
"""

import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from bot.catalog.model import Application, Component, Environment
from bot.rendering.placement import components_in

MODULE = "module"
"""What is said to differ when the module itself is another one."""
SOURCE = ("hcl", "remote", "path", "gitRef")


class Turn(StrEnum):
    """What becomes of a cloud resource."""

    CHANGED = "changed"
    """It stays the same one, and is given other values."""
    MADE = "made"
    """It is not there, and is made empty."""
    LEFT = "left"
    """It is no part of the application any more, and stays as it is."""


class CloudChange(NamedTuple):
    """A cloud resource that differs: its component, what becomes of it, and the names of the variables that change."""

    component: str
    turn: Turn
    differs: tuple[str, ...] = ()


def cloud_changes(
    before: Application, after: Application, environment: Environment
) -> tuple[CloudChange, ...]:
    """List the cloud resources that differ when `after` is delivered where `before` is in force.

    In the order of the components of `after`; what is left comes last.
    """
    old, new = (_clouds(each, environment) for each in (before, after))
    found = []
    for name, component in new.items():
        if name not in old:
            found.append(CloudChange(name, Turn.MADE))
        elif differs := _differing(_fields(old[name]), _fields(component)):
            found.append(CloudChange(name, Turn.CHANGED, differs))
    found += [CloudChange(name, Turn.LEFT) for name in old if name not in new]
    return tuple(found)


def _clouds(application: Application, environment: Environment) -> dict[str, Component]:
    return {each.name: each for each in components_in(application, environment) if each.is_cloud}


def _fields(component: Component) -> dict[str, Any]:
    """Answer what is said of a cloud resource, by the names that people know it by."""
    said = dict(component.properties)
    type_ = dict(component.terraform or {})
    own = {} if type_ else said.pop("variable", None) or {}
    source = [type_.pop(key, None) for key in ("type", "configuration", "path")]
    source += [said.pop(key, None) for key in SOURCE if not type_ or key == "gitRef"]
    return {**type_, **said, **own, MODULE: source}


def _differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    names = [*after, *(each for each in before if each not in after)]
    return tuple(name for name in names if _json(before.get(name)) != _json(after.get(name)))


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)
