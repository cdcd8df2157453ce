"""Values of objects and files as they may be shown: without what is a secret by its name, its place or its form. Pure.

A name decides for all that stands below it. What only names a Secret (`secretKeyRef`, `imagePullSecrets` …) is none.
"""

import json
import re
import shlex
from collections.abc import Mapping, Sequence
from typing import Any, Final

from bot.rendering.images import is_image
from bot.rendering.redaction import HIDDEN, WORDS, redact

_SECRET: Final = re.compile(rf"{WORDS}|passw|_dsn\b", re.IGNORECASE)
_FLAG: Final = re.compile(rf"--?[\w-]{{0,60}}{WORDS}[\w-]{{0,60}}", re.IGNORECASE)
_REFERENCES: Final = frozenset(
    {
        "secretKeyRef",
        "secretRef",
        "secretName",
        "secretStoreRef",
        "imagePullSecrets",
        "automountServiceAccountToken",
        "serviceAccountToken",
        "tokenExpirationSeconds",
    }
)
"""Fields that have the name of a Secret, or no secret in them."""
_OF_VOLUMES: Final = frozenset(
    {"name", "secretName", "defaultMode", "optional", "key", "path", "mode", "mountPath", "subPath"}
)
"""What may stand below `secret` without being one."""
_BREAKS: Final = re.compile(r"[\s\"'\\]")
_DATA: Final = frozenset({"data", "stringData"})


def is_secret(path: Sequence[str]) -> bool:
    """Say whether what stands at `path` (names of fields and variables) is a secret: the last name that tells decides."""
    for at in range(len(path) - 1, -1, -1):
        name = path[at]
        if name in _REFERENCES:
            return False
        if name in {"secret", "secrets"}:
            return path[-1] not in _OF_VOLUMES or not _DATA.isdisjoint(path[at:])
        if _SECRET.search(name):
            return True
    return False


def shown(value: Any, path: Sequence[str] = ()) -> str:
    """Answer a value as a text without secrets: as it is, as a command line, or as JSON."""
    if isinstance(value, str) and value:
        if is_secret(path):
            return HIDDEN
        is_name = list(path[-1:]) == ["image"] and is_image(value)
        return value if is_name else redact(value)  # `auth-token:v1` is no token
    masked = concealed(value, path)
    if _is_command(masked):
        return " ".join(
            shlex.quote(each) if _BREAKS.search(each) else each or "''" for each in masked
        )
    return json.dumps(masked, ensure_ascii=False)


def concealed(value: Any, path: Sequence[str] = ()) -> Any:
    """Answer a JSON value with what is a secret in it replaced; `path` says where it stands."""
    if isinstance(value, Mapping):
        named = value.get("name") if "value" in value else None
        own = (*path, named) if isinstance(named, str) else tuple(path)
        hidden = _DATA if value.get("kind") == "Secret" else frozenset[str]()
        return {
            key: _all_hidden(each)
            if key in hidden
            else (each if key == "name" and named else concealed(each, (*own, key)))
            for key, each in value.items()
        }
    if isinstance(value, list | tuple):
        return _items(value, path)
    if is_secret(path) and value not in (None, ""):
        return HIDDEN
    return redact(value) if isinstance(value, str) else value


def _all_hidden(value: Any) -> Any:
    return dict.fromkeys(value, HIDDEN) if isinstance(value, Mapping) else HIDDEN


def _items(items: Sequence[Any], path: Sequence[str]) -> list[Any]:
    """Conceal a list; what follows an option that is named like a secret is one."""
    found: list[Any] = []
    for at, each in enumerate(items):
        before = items[at - 1] if at else ""
        after_flag = isinstance(before, str) and _FLAG.fullmatch(before) is not None
        if after_flag and isinstance(each, str):
            found.append(HIDDEN)
        else:
            found.append(concealed(each, path))
    return found


def _is_command(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, str) for each in value)
