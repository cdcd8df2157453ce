"""The schema of a custom kind at work: what its objects must be, what is filled in and what is not kept. Pure.

Reads the structural OpenAPI v3 schema of a CustomResourceDefinition. Rules in CEL (`x-kubernetes-validations`) are not
looked at.
"""

import copy
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from bot.sandbox.kubernetes.shapes import ABSENT, Shape

Cause = tuple[str, str, str]
RULES = (
    "enum",
    "pattern",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
)
TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "map": (dict,),
    "list": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "int-or-string": (int, str),
}
CALLED = {"map": "object", "list": "array"}
OWN = frozenset({"apiVersion", "kind", "metadata"})


def shape_of(schema: Mapping[str, Any]) -> Shape:
    """Read a schema."""
    kept = {name: schema[name] for name in RULES if name in schema}
    made = Shape(
        form=_form(schema),
        default=schema.get("default", ABSENT),
        open=bool(schema.get("x-kubernetes-preserve-unknown-fields")),
        nullable=bool(schema.get("nullable")),
        required=tuple(schema.get("required", ())),
        rules=kept,
    )
    if made.form == "object":
        made.fields = {name: shape_of(each) for name, each in schema.get("properties", {}).items()}
        made.relation = schema.get("x-kubernetes-map-type", "granular")
    elif made.form == "map":
        made.item = shape_of(schema["additionalProperties"])
        made.relation = schema.get("x-kubernetes-map-type", "granular")
    elif made.form == "list":
        made.item = shape_of(schema.get("items") or {})
        made.relation = schema.get("x-kubernetes-list-type", "atomic")
        made.keys = tuple(schema.get("x-kubernetes-list-map-keys", ()))
    return made


def _form(schema: Mapping[str, Any]) -> str:
    if schema.get("x-kubernetes-int-or-string"):
        return "int-or-string"
    found = str(schema.get("type", ""))
    if found == "object":
        return "map" if isinstance(schema.get("additionalProperties"), dict) else "object"
    return {"array": "list", "": "any"}.get(found, found)


def unknown(shape: Shape, value: Any, path: str = "") -> Iterator[str]:
    """Yield the paths of the fields that a schema does not name."""
    if isinstance(value, dict):
        for key, each in value.items():
            if not path and key in OWN:
                continue
            here = f"{path}.{key}" if path else key
            below = shape.below(key)
            if below is not None:
                yield from unknown(below, each, here)
            elif not shape.open and shape.form in {"object", "map"}:
                yield here
    elif isinstance(value, list) and shape.item is not None:
        for at, each in enumerate(value):
            yield from unknown(shape.item, each, f"{path}[{at}]")


def pruned(shape: Shape, value: Any, *, top: bool = True) -> Any:
    """Answer a value without the fields that its schema does not name, and without nulls that it does not allow."""
    if isinstance(value, dict) and shape.form in {"object", "map"}:
        kept = {}
        for key, each in value.items():
            below = shape.below(key)
            if top and key in OWN:
                kept[key] = each
            elif below is not None and (each is not None or below.nullable):
                kept[key] = pruned(below, each, top=False)
            elif below is None and shape.open:
                kept[key] = each
        return kept
    if isinstance(value, list) and shape.item is not None:
        return [pruned(shape.item, each, top=False) for each in value]
    return value


def fill(shape: Shape, value: Any) -> None:
    """Fill in the defaults of a schema, in place."""
    if isinstance(value, dict):
        for key, each in shape.fields.items():
            if key not in value and each.default is not ABSENT:
                value[key] = copy.deepcopy(each.default)
        for key, each in value.items():
            below = shape.below(key)
            if below is not None:
                fill(below, each)
    elif isinstance(value, list) and shape.item is not None:
        for each in value:
            fill(shape.item, each)


def mistakes(shape: Shape, value: Any, path: str = "") -> Iterator[Cause]:
    """Yield what breaks the schema's rules: (field, reason, text) each."""
    if value is None and shape.nullable:
        return
    if not _fits(shape, value):
        called = CALLED.get(shape.form, shape.form)
        found = json.dumps(_type_of(value))
        said = f"Invalid value: {found}: {path} in body must be of type {called}: {found}"
        yield path, "FieldValueTypeInvalid", said
        return
    yield from _broken_rules(shape, value, path)
    if isinstance(value, dict):
        for key in shape.required:
            if key not in value:
                yield f"{path}.{key}" if path else key, "FieldValueRequired", "Required value"
        for key, each in value.items():
            below = shape.below(key)
            if below is not None and (path or key not in OWN):
                yield from mistakes(below, each, f"{path}.{key}" if path else key)
    elif isinstance(value, list) and shape.item is not None:
        for at, each in enumerate(value):
            yield from mistakes(shape.item, each, f"{path}[{at}]")
        yield from _twice(shape, value, path)


def _twice(shape: Shape, items: list[Any], path: str) -> Iterator[Cause]:
    """Yield the items of a list that should be told apart and cannot be."""
    if shape.relation not in {"set", "map"}:
        return
    seen = []
    for at, each in enumerate(items):
        keys = each
        if shape.relation == "map":
            keys = {key: each[key] for key in shape.keys if key in each}
        if keys in seen:
            shown = json.dumps(keys, separators=(",", ":"))
            yield f"{path}[{at}]", "FieldValueDuplicate", f"Duplicate value: {shown}"
        seen.append(keys)


def _fits(shape: Shape, value: Any) -> bool:
    wanted = TYPES.get(shape.form)
    if wanted is None:
        return True
    if isinstance(value, bool):
        return bool in wanted
    if shape.form == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, wanted)


def _type_of(value: Any) -> str:
    names = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array"}
    return names.get(type(value), "null" if value is None else "object")


def _broken_rules(shape: Shape, value: Any, path: str) -> Iterator[Cause]:
    rules = shape.rules
    if "enum" in rules and value not in rules["enum"]:
        known = ", ".join(json.dumps(each) for each in rules["enum"])
        said = f"Unsupported value: {json.dumps(value)}: supported values: {known}"
        yield path, "FieldValueNotSupported", said
    if isinstance(value, str):
        yield from _broken_text(rules, value, path)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield from _broken_number(rules, value, path)
    elif isinstance(value, list):
        if len(value) < rules.get("minItems", 0):
            said = f"{path} in body should have at least {rules['minItems']} items"
            yield path, "FieldValueInvalid", f"Invalid value: {len(value)}: {said}"
        if "maxItems" in rules and len(value) > rules["maxItems"]:
            said = f"Too many: {len(value)}: must have at most {rules['maxItems']} items"
            yield path, "FieldValueTooMany", said


def _broken_number(rules: Mapping[str, Any], value: float, path: str) -> Iterator[Cause]:
    said = ""
    if "minimum" in rules and value < rules["minimum"]:
        said = f"{path} in body should be greater than or equal to {rules['minimum']}"
    elif "maximum" in rules and value > rules["maximum"]:
        said = f"{path} in body should be less than or equal to {rules['maximum']}"
    if said:
        yield path, "FieldValueInvalid", f"Invalid value: {value}: {said}"


def _broken_text(rules: Mapping[str, Any], value: str, path: str) -> Iterator[Cause]:
    if "pattern" in rules and not re.search(rules["pattern"], value):
        said = f"{path} in body should match '{rules['pattern']}'"
        yield path, "FieldValueInvalid", f'Invalid value: "{value}": {said}'
    if len(value) < rules.get("minLength", 0):
        said = f"{path} in body should be at least {rules['minLength']} chars long"
        yield path, "FieldValueInvalid", f'Invalid value: "{value}": {said}'
    if "maxLength" in rules and len(value) > rules["maxLength"]:
        said = f"Too long: may not be more than {rules['maxLength']} bytes"
        yield path, "FieldValueTooLong", said
