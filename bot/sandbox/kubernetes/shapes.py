"""What the objects of a kind look like, field by field: for defaults, validation and the account of who owns what.

A shape is data: the built-in ones are read from a table (`builtin`), those of custom kinds from the schema in
their definition (`structural`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

ABSENT: Any = object()
"""No default, as opposed to the default null."""


@dataclass(slots=True, kw_only=True, eq=False)
class Shape:
    """One node of a schema."""

    form: str
    """`object` (named fields), `map` (any names, one shape), `list`, `string`, `integer`, `number`, `boolean`,
    `bytes`, `time`, `quantity`, `int-or-string` or `any`."""
    name: str = ""
    """What Kubernetes' own code calls an object of this shape, as some error texts do."""
    fields: dict[str, "Shape"] = field(default_factory=dict)
    item: "Shape | None" = None
    """The shape of a list's items or a map's values."""
    relation: str = ""
    """How parts are owned: of a list `atomic`, `set` or `map`; of an object or map `granular` or `atomic`."""
    keys: tuple[str, ...] = ()
    """The fields that tell the items of a list of relation `map` apart."""
    required: tuple[str, ...] = ()
    present: tuple[str, ...] = ()
    """The fields that an object has even when nothing was said of them."""
    told: tuple[str, ...] = ()
    """The fields of which zero is told from nothing."""
    defaults: dict[str, Any] = field(default_factory=dict)
    """What a field is when it is left out of a key."""
    numbers: dict[str, tuple[int, ...]] = field(default_factory=dict)
    """Where in protobuf a field stands."""
    default: Any = ABSENT
    open: bool = False
    """An object that keeps fields which its shape does not name."""
    nullable: bool = False
    rules: Mapping[str, Any] = field(default_factory=dict)
    """`enum`, `minimum`, `pattern` and their like, as JSON Schema writes them."""

    def below(self, key: str) -> "Shape | None":
        """Answer the shape of a field or of a map's value; None when it is not known."""
        if self.form == "map":
            return self.item
        return self.fields.get(key)
