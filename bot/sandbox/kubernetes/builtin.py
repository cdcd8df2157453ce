"""The shapes of the built-in kinds, read from the table beside this file when one is first asked for."""

import json
from functools import cache
from pathlib import Path

from bot.sandbox.kubernetes.shapes import Shape

TABLE = Path(__file__).with_name("builtin.txt")
FORMS = {
    "int32": "integer",
    "int64": "integer",
    "number": "number",
    "bool": "boolean",
    "string": "string",
    "bytes": "bytes",
    "time": "time",
    "microtime": "time",
    "quantity": "quantity",
    "intstr": "int-or-string",
    "any": "any",
}


def shape_of(kind: str) -> Shape | None:
    """Answer the shape of a built-in kind or type by its name; None when the table has none."""
    return _types().get(kind)


def metadata() -> Shape:
    """Answer the shape of every object's metadata."""
    return _types()["ObjectMeta"]


@cache
def _types() -> dict[str, Shape]:
    types: dict[str, Shape] = {}
    here = Shape(form="object")
    fields: list[tuple[Shape, str]] = []
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        if line.startswith(" "):
            fields.append((here, line))
            continue
        name, _, flag = line.partition(" ")
        here = Shape(form="object", name=name.rpartition(".")[2], relation=flag or "granular")
        types[name] = here
    for owner, line in fields:
        _read_field(owner, line, types)
    for each in types.values():
        for name in each.required:
            nothing = {"string": "", "integer": 0}.get(each.fields[name].form)
            if nothing is not None:
                each.defaults.setdefault(name, nothing)
    return types


def _read_field(owner: Shape, line: str, types: dict[str, Shape]) -> None:
    name, number, kind, *flags = line.split(maxsplit=3)
    said = flags[0].split() if flags else []
    shape = _type(kind, types)
    if "by" in said:
        shape.relation, shape.keys = "map", tuple(said[said.index("by") + 1].split(","))
    elif "set" in said:
        shape.relation = "set"
    if "atomic" in said and shape.form in {"map", "object"}:
        shape = _atomic(shape)
    if "!" in said:
        owner.required = (*owner.required, name)
    if "?" in said:
        owner.told = (*owner.told, name)
    if "=" in said:
        owner.present = (*owner.present, name)
    if "default" in said:
        owner.defaults[name] = json.loads(said[said.index("default") + 1])
    owner.fields[name] = shape
    owner.numbers[name] = tuple(int(each) for each in number.split("."))


def _type(kind: str, types: dict[str, Shape]) -> Shape:
    if kind.startswith("["):
        return Shape(form="list", item=_type(kind[1:-1], types), relation="atomic")
    if kind.startswith("{"):
        return Shape(form="map", item=_type(kind[1:-1], types), relation="granular")
    if kind in FORMS:
        return Shape(form=FORMS[kind], name=kind)
    return types[kind]


def _atomic(shape: Shape) -> Shape:
    """Answer a shape that is owned as a whole; a named type may be both, in different places."""
    return Shape(
        form=shape.form,
        name=shape.name,
        fields=shape.fields,
        item=shape.item,
        relation="atomic",
        required=shape.required,
        numbers=shape.numbers,
        present=shape.present,
        told=shape.told,
        defaults=shape.defaults,
    )
