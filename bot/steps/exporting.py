"""Data that a step writes into ConfigMaps and Secrets: its keys, its values as texts, the settings that hold a secret.

What is wrong with a value is said without the value, for it may be a secret. Pure but for the settings.
"""

import json
import re
from base64 import b64encode
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator

from bot.cluster.port import Manifest
from bot.steps.contract import PropertyError
from bot.steps.endpoints import Secrets, reveal

KEY = re.compile(r"[-._a-zA-Z0-9]{1,253}")
FROM_SETTING = "fromSetting"


def _data(given: Any) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        raise ValueError("expected a map of keys and values")  # noqa: TRY004 - pydantic's way
    for key in given:
        if not KEY.fullmatch(str(key)):
            raise ValueError(
                f"a key has letters, digits, dashes, dots and underscores, not {key!r}"
            )
    return {str(key): value for key, value in given.items()}


def _text(given: Any) -> Any:
    if isinstance(given, str) or _setting(given):
        return given
    if isinstance(given, int | float) and not isinstance(given, bool):
        return json.dumps(given)
    raise ValueError("expected a text, or {fromSetting: NAME}")


Data = Annotated[dict[str, Any], BeforeValidator(_data)]
"""Keys and values; what is no text is written as JSON."""
Hidden = Annotated[Any, BeforeValidator(_text)]
"""A text that may be a secret, or the name of the setting that holds it."""


def config_map(name: str, data: Mapping[str, Any]) -> Manifest:
    """Make a ConfigMap. Raises PropertyError for a value that is null, or a secret."""
    for key, value in data.items():
        if _setting(value):
            raise PropertyError(("data", key), "a ConfigMap is no place for a secret; use a Secret")
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name},
        "data": {key: _written(value, key) for key, value in data.items()},
    }


def secret(name: str, data: Mapping[str, Any], secrets: Secrets, type: str = "") -> Manifest:  # noqa: A002 - as in YAML
    """Make a Secret, with the values of the settings that are named.

    Raises PropertyError for a value that is null, and Permanent when a setting is missing.
    """
    values = {key: revealed(value, secrets, key) for key, value in data.items()}
    made: Manifest = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name},
        # Not `stringData`: of that a server keeps no account, so that a key taken away would stay.
        "data": {key: b64encode(value.encode()).decode() for key, value in values.items()},
    }
    return {**made, "type": type} if type else made


def revealed(value: Any, secrets: Secrets, *path: str) -> str:
    """Answer a value as text, or what the setting holds that it names."""
    name = _setting(value)
    return reveal(name, secrets) if name else _written(value, *path)


def check_data(data: Mapping[str, Any]) -> None:
    """Raise PropertyError for a value in a file that cannot be meant."""
    for key, value in data.items():
        if value is None:
            raise PropertyError(("data", key), "expected a value")


def _setting(value: Any) -> str:
    """Answer the setting that a value names; empty: none."""
    if isinstance(value, Mapping) and set(value) == {FROM_SETTING}:
        return str(value[FROM_SETTING] or "")
    return ""


def _written(value: Any, *path: str) -> str:
    if value is None:
        raise PropertyError(("data", *path), "it is null: what was to leave it has left nothing")
    if isinstance(value, str):
        return value
    # Expressions hand maps on in any order; the same data is to be the same text.
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
