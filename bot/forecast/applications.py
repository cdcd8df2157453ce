"""What changes when one application follows another, field by field, in words that a person can check.

Made for confirming a rollback and for reading a difference on a phone: items of lists are found by their
names, so that a variable put in between changes one line and not all that follow. Values of variables that
look like secrets are never told.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from bot.catalog.model import Application, Component
from bot.forecast.masking import is_secret, shown
from bot.rendering.cloud.modules import sensitive_names
from bot.rendering.redaction import HIDDEN
from bot.wording import Sentence

Difference = tuple[str, str, str, str]
"""Component, path inside it, what it was and what it becomes (empty: not there)."""

COMPONENT: Final = Sentence("component")
"""The path of a component as a whole."""
_PARTS: Final = re.compile(r"[^.\[\]]+")
_NAMES: Final = ("name", "port")


class Text(NamedTuple):
    """A value as a text, as it may be shown, and whether it is a secret by where it stands."""

    text: str
    shown: str
    secret: bool = False


def changes(before: Application, after: Application) -> tuple[Difference, ...]:
    """List the differences, in the order of the components of `after`; what is gone comes last."""
    old = {each.name: each for each in before.components}
    new = {each.name: each for each in after.components}
    found: list[Difference] = []
    for name, component in new.items():
        if name not in old:
            found.append((name, COMPONENT, "", _summary(component)))
        else:
            hidden = sensitive_names(old[name]) | sensitive_names(component)
            found += _between(name, _fields(old[name]), _fields(component), hidden)
    found += [
        (name, COMPONENT, _summary(component), "")
        for name, component in old.items()
        if name not in new
    ]
    return tuple(found)


def _between(
    component: str,
    before: Mapping[str, Text],
    after: Mapping[str, Text],
    hidden: frozenset[str],
) -> Iterator[Difference]:
    nothing = Text("", "")
    for path in [*after, *(each for each in before if each not in after)]:
        was, becomes = before.get(path, nothing), after.get(path, nothing)
        if was.text == becomes.text:
            continue
        parts = _PARTS.findall(path)
        variable = parts[1:2] if parts[0] == "variable" else parts[:1]
        secret = was.secret or becomes.secret or is_secret(parts) or not hidden.isdisjoint(variable)
        told = [HIDDEN if each.text and secret else each.shown for each in (was, becomes)]
        if told[0] == told[1]:
            told = [HIDDEN, HIDDEN]
        yield component, path, told[0], told[1]


def _summary(component: Component) -> str:
    return f"{component.type} {component.properties.get('image', '')}".strip()


def _fields(component: Component) -> dict[str, Text]:
    """Flatten a component into texts by path; `properties.` is left out, as people say `image`."""
    fields = {"type": Text(component.type, component.type)}
    fields.update(_flat(component.properties, ""))
    for index, trait in enumerate(component.traits):
        same = sum(each.type == trait.type for each in component.traits[:index])
        path = f"traits.{trait.type}" + (f"[{same}]" if same else "")
        fields.update(
            _flat(trait.properties, path)
            if trait.properties
            else [(path, Text("yes", Sentence("yes")))]
        )
    return fields


def _flat(value: Any, path: str, *, secret: bool = False) -> Iterator[tuple[str, Text]]:
    """Yield texts by path; `secret` below the values of a Secret."""
    if isinstance(value, Mapping) and (value or not path):
        of_secret = value.get("kind") == "Secret"
        for key, each in value.items():
            hidden = secret or (of_secret and key in {"data", "stringData"})
            yield from _flat(each, f"{path}.{key}" if path else key, secret=hidden)
    elif isinstance(value, list | tuple) and any(isinstance(each, Mapping) for each in value):
        for name, each in zip(_item_names(value), value, strict=True):
            yield from _flat(each, f"{path}[{name}]", secret=secret)
    else:
        yield (
            path,
            Text(
                json.dumps(value, ensure_ascii=False),
                shown(value, _PARTS.findall(path)[-1:]),
                secret=secret,
            ),
        )


def _item_names(items: list[Any] | tuple[Any, ...]) -> list[str]:
    """Name the items of a list: by the field that tells them apart, or else by their places."""
    for key in _NAMES:
        names = [str(each[key]) for each in items if isinstance(each, Mapping) and key in each]
        if len(set(names)) == len(items):
            return names
    return [str(index) for index in range(len(items))]
