"""What components hand to each other within a delivery: values of the live objects of one into the properties of another. Pure."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from typing import Any

from bot.catalog.model import Component, Trait
from bot.cluster.port import Manifest
from bot.errors import Permanent
from bot.rendering.secrets import without_values
from bot.workflow.expressions import ExpressionError
from bot.workflow.values import put, value_from

IN_COMPONENT = ("properties", "traits[")


def with_inputs(component: Component, values: Mapping[str, Any]) -> Component:
    """Put what other components have left into a component; what is not there is null, as in KubeVela.

    Raises Permanent when a `parameterKey` does not fit the component.
    """
    keys = [each for each in component.inputs if each.parameter_key]
    if not keys:
        return component
    here: dict[str, Any] = {
        "properties": deepcopy(dict(component.properties)),
        "traits": [{"properties": deepcopy(dict(each.properties))} for each in component.traits],
    }
    for each in keys:
        key = each.parameter_key
        path = key if key.startswith(IN_COMPONENT) else f"properties.{key}"
        try:
            put(here, path, _value(values, each.from_))
        except ExpressionError as error:
            raise Permanent(f"{component.name} cannot take {each.from_}: {error}") from error
    return replace(
        component,
        properties=here["properties"],
        traits=tuple(
            Trait(type=each.type, properties=given.get("properties", {}))
            for each, given in zip(component.traits, here["traits"], strict=False)
        ),
    )


def outputs_of(component: Component, live: Sequence[Manifest | None]) -> dict[str, Any]:
    """Answer what a component leaves, read from its live objects.

    As in KubeVela `output` is the workload and `outputs` has what was made beside it, here by its kind (`outputs.service`).
    """
    scope = {**objects_of(live), "context": {"name": component.name}}
    found: dict[str, Any] = {}
    for each in component.outputs:
        try:
            found[each.name] = value_from(each.value_from, scope)
        except ExpressionError:
            found[each.name] = None
    return found


def objects_of(live: Sequence[Manifest | None]) -> dict[str, Any]:
    """Answer the live objects of a component as `valueFrom` sees them; of Secrets without their values."""
    there = [without_values(each) for each in live if each is not None]
    return {
        "output": there[0] if there else {},
        "outputs": {each["kind"].lower(): each for each in reversed(there[1:])},
    }


def _value(values: Mapping[str, Any], source: str) -> Any:
    if source in values:
        return values[source]
    try:
        return value_from(source, values)
    except ExpressionError:
        return None
