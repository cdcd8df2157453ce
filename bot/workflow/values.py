"""The values that flow between steps: inputs into properties, outputs out of what a step leaves behind. Pure."""

import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from bot.catalog.model import Step
from bot.workflow.expressions import ExpressionError, evaluate, fill_in

PART = re.compile(r"([^.\[\]]+)|\[(\d+)\]|\[\"([^\"]+)\"\]")

Values = Mapping[str, Any]


def input_values(step: Step, context: Values, outputs: Values) -> dict[str, Any]:
    """Answer `inputs` of a step by the name they come from; one that is not there is null, as in KubeVela."""
    return {each.from_: _find(each.from_, context, outputs) for each in step.inputs}


def resolve_properties(
    step: Step, context: Values, outputs: Values, *, status: Values
) -> dict[str, Any]:
    """Answer a step's properties with expressions evaluated and inputs put in their places.

    An input replaces a property given at its `parameterKey`. Raises ExpressionError.
    """
    inputs = input_values(step, context, outputs)
    scope = {"context": context, "inputs": inputs, "status": status, "outputs": outputs}
    properties: dict[str, Any] = fill_in(dict(step.properties), scope)
    for each in step.inputs:
        if each.parameter_key:
            put(properties, each.parameter_key, inputs[each.from_])
    return properties


def resolve_outputs(step: Step, left: Values, context: Values) -> dict[str, Any]:
    """Answer a step's named outputs: each `valueFrom` over `output` (what its type left) and `context`.

    Raises ExpressionError.
    """
    scope = {**left, "output": left, "context": context}
    return {each.name: evaluate(each.value_from, scope) for each in step.outputs}


def put(properties: dict[str, Any], path: str, value: Any) -> None:
    """Set a value at a dotted and indexed path, making maps and list positions on the way.

    Raises ExpressionError when the path leads through something else.
    """
    keys = parts_of(path)
    here: Any = properties
    for key, following in pairwise(keys):
        here = _step_into(here, key, [] if isinstance(following, int) else {}, path)
    _assign(here, keys[-1], value, path)


def parts_of(path: str) -> list[str | int]:
    """Split `slack.message["text"]` or `to[0]` into its parts. Raises ExpressionError."""
    parts: list[str | int] = []
    at = 0
    for found in PART.finditer(path):
        if path[at : found.start()] not in {"", "."}:
            break
        name, index, quoted = found.groups()
        parts.append(int(index) if index is not None else name or quoted)
        at = found.end()
    if at != len(path) or not parts:
        raise ExpressionError(f"{path!r} is no path of a property")
    return parts


def _step_into(here: Any, key: str | int, fresh: Any, path: str) -> Any:
    found = _get(here, key)
    if not isinstance(found, dict | list):
        _assign(here, key, fresh, path)
        return fresh
    return found


def _get(here: Any, key: str | int) -> Any:
    if isinstance(here, dict):
        return here.get(key)
    if isinstance(here, list) and isinstance(key, int) and key < len(here):
        return here[key]
    return None


def _assign(here: Any, key: str | int, value: Any, path: str) -> None:
    if isinstance(here, list) and isinstance(key, int) and key <= len(here) + 99:
        here.extend([None] * (key + 1 - len(here)))
        here[key] = value
    elif isinstance(here, dict) and isinstance(key, str):
        here[key] = value
    else:
        raise ExpressionError(f"{path!r} does not fit the shape of the properties")


def _find(name: str, context: Values, outputs: Values) -> Any:
    if name.startswith("context."):
        return _dig(context, name.removeprefix("context."))
    if name in outputs:
        return outputs[name]
    first, _, rest = name.partition(".")
    return _dig(outputs.get(first), rest) if rest else None


def _dig(here: Any, path: str) -> Any:
    for key in path.split("."):
        here = here.get(key) if isinstance(here, Mapping) else None
    return here
