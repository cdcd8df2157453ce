"""The values that flow between steps: inputs into properties, outputs out of what a step leaves behind. Pure."""

import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from bot.catalog.model import Step
from bot.workflow.expressions import ExpressionError, check, evaluate, fill_in

PATH = re.compile(r"[A-Za-z_]\w*(?:\.[\w$]+|\[\d{1,9}\]|\[\"[^\"]+\"\])*")
"""A `valueFrom` that needs no expression: `output.value.status["my-key"][0]`."""
PART = re.compile(r"([^.\[\]]+)|\[(\d{1,9})\]|\[\"([^\"]+)\"\]")

Values = Mapping[str, Any]


def input_values(step: Step, scope: Values) -> dict[str, Any]:
    """Answer `inputs` of a step by what they come from; one that is not there is null, as in KubeVela."""
    return {each.from_: _find(each.from_, scope) for each in step.inputs}


def resolve_properties(
    step: Step, context: Values, outputs: Values, *, status: Values
) -> dict[str, Any]:
    """Answer a step's properties with expressions evaluated and inputs put in their places.

    An input replaces a property given at its `parameterKey`. Raises ExpressionError.
    """
    known = {"context": context, "outputs": outputs, "parameter": dict(step.properties)}
    inputs = input_values(step, known)
    scope = {**known, "inputs": inputs, "status": status}
    properties: dict[str, Any] = fill_in(dict(step.properties), scope)
    for each in step.inputs:
        if each.parameter_key:
            put(properties, each.parameter_key, inputs[each.from_])
    return properties


def resolve_outputs(
    step: Step, left: Values, context: Values, properties: Values
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Answer a step's named outputs, and what could not be found.

    Each `valueFrom` is a path into what the step's type left, or an expression over it. One that leads nowhere
    is null, as in KubeVela, and is named in the second part of the answer.
    """
    scope = {
        **left,
        "output": left.get("output", left),
        "context": context,
        "parameter": properties,
    }
    values: dict[str, Any] = {}
    missing: list[str] = []
    for each in step.outputs:
        try:
            values[each.name] = value_from(each.value_from, scope)
        except ExpressionError as error:
            values[each.name] = None
            missing.append(f"failed to get output from {each.value_from}: {error}")
    return values, tuple(missing)


def value_from(expression: str, scope: Values) -> Any:
    """Answer what a `valueFrom` says. KubeVela's `$returns` in a path is passed over. Raises ExpressionError."""
    path = _as_path(expression)
    if path is None:
        return evaluate(expression, scope)
    here: Any = scope
    for at, key in enumerate(path):
        found = _get(here, key)
        if found is None and not _has(here, key):
            raise ExpressionError(f"there is no {spell(path[: at + 1])}")
        here = found
    return here


def check_value_from(expression: str) -> None:
    """Raise ExpressionError when a `valueFrom` is neither a path nor CEL."""
    if _as_path(expression) is None:
        check(expression)


def spell(path: list[str | int]) -> str:
    """Write the parts of a path as people do."""
    said = ""
    for each in path:
        said += f"[{each}]" if isinstance(each, int) else f".{each}" if said else each
    return said


def _as_path(expression: str) -> list[str | int] | None:
    """Answer the parts of an expression that is only a path; None when it is more."""
    text = expression.strip()
    if not PATH.fullmatch(text) or text in {"true", "false", "null"}:
        return None
    return [each for each in parts_of(text) if each != "$returns"]


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
    if isinstance(here, Mapping):
        return here.get(key)
    if isinstance(here, list | tuple) and isinstance(key, int) and key < len(here):
        return here[key]
    return None


def _has(here: Any, key: str | int) -> bool:
    if isinstance(here, Mapping):
        return key in here
    return isinstance(here, list | tuple) and isinstance(key, int) and key < len(here)


def _assign(here: Any, key: str | int, value: Any, path: str) -> None:
    if isinstance(here, list) and isinstance(key, int) and key <= len(here) + 99:
        here.extend([None] * (key + 1 - len(here)))
        here[key] = value
    elif isinstance(here, dict) and isinstance(key, str):
        here[key] = value
    else:
        raise ExpressionError(f"{path!r} does not fit the shape of the properties")


def _find(name: str, scope: Values) -> Any:
    """Find what an input comes from: an output by its whole name or a path into it, `context` or `parameter`."""
    outputs: Values = scope["outputs"]
    if name in outputs:
        return outputs[name]
    first, *path = parts_of(name)
    here: Any = scope[first] if first in {"context", "parameter"} else outputs.get(str(first))
    for key in path:
        here = _get(here, key)
    return here
