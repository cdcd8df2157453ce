"""Secrets, ConfigMaps and claims of storage. Pure."""

from collections.abc import Iterator
from typing import Any

from bot.sandbox.kubernetes.quantities import amount
from bot.sandbox.kubernetes.validating.causes import (
    IMMUTABLE,
    Cause,
    forbidden,
    invalid,
    required,
    unsupported,
)
from bot.sandbox.kubernetes.validating.names import CONFIG_KEY, CONFIG_KEY_TEXT

Object = dict[str, Any]

NEEDED = {
    "kubernetes.io/tls": ("tls.crt", "tls.key"),
    "kubernetes.io/dockerconfigjson": (".dockerconfigjson",),
    "kubernetes.io/dockercfg": (".dockercfg",),
    "kubernetes.io/ssh-auth": ("ssh-privatekey",),
}
LARGEST = 1024 * 1024
FROZEN = "field is immutable when `immutable` is set"
MODES = ("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod")


def secret(subject: Object, old: Object | None) -> Iterator[Cause]:
    """Yield what is wrong with a Secret that replaces `old`."""
    data = subject.get("data") or {}
    yield from _keys(data, "data")
    yield from _size(data, "data", 3 / 4)
    for key in NEEDED.get(subject.get("type", "Opaque"), ()):
        if key not in data:
            yield required(f"data[{key}]")
    if old is not None:
        if subject.get("type") != old.get("type"):
            yield invalid("type", subject.get("type"), IMMUTABLE)
        yield from _frozen(subject, old, "data")


def config_map(subject: Object, old: Object | None) -> Iterator[Cause]:
    """Yield what is wrong with a ConfigMap that replaces `old`."""
    data, binary = subject.get("data") or {}, subject.get("binaryData") or {}
    yield from _keys(data, "data")
    yield from _keys(binary, "binaryData")
    for key in sorted(data.keys() & binary.keys()):
        said = "duplicate of key present in binaryData"
        yield invalid(f"data[{key}]", key, said)
    yield from _size({**data, **binary}, "", 1)
    if old is not None:
        yield from _frozen(subject, old, "data", "binaryData")


def _keys(data: Object, field: str) -> Iterator[Cause]:
    for key in sorted(data):
        if len(key) > 253:
            yield invalid(f"{field}[{key}]", key, "must be no more than 253 characters")
        if key in {".", ".."}:
            yield invalid(f"{field}[{key}]", key, f"must not be '{key}'")
        elif not CONFIG_KEY.fullmatch(key):
            yield invalid(f"{field}[{key}]", key, CONFIG_KEY_TEXT)


def _size(data: Object, field: str, share: float) -> Iterator[Cause]:
    if sum(len(str(each)) for each in data.values()) * share > LARGEST:
        yield field, "FieldValueTooLong", f"Too long: may not be more than {LARGEST} bytes"


def _frozen(subject: Object, old: Object, *fields: str) -> Iterator[Cause]:
    if not old.get("immutable"):
        return
    if not subject.get("immutable"):
        yield forbidden("immutable", FROZEN)
    for field in fields:
        if subject.get(field) != old.get(field):
            yield forbidden(field, FROZEN)


CLAIM_FROZEN = (
    "spec is immutable after creation except resources.requests and volumeAttributesClassName for "
    "bound claims"
)


def claim(subject: Object, old: Object | None) -> Iterator[Cause]:
    """Yield what is wrong with a PersistentVolumeClaim that replaces `old`."""
    spec = subject.get("spec") or {}
    modes = spec.get("accessModes") or []
    if not modes:
        yield required("spec.accessModes", "at least 1 access mode is required")
    for each in modes:
        if each not in MODES:
            yield unsupported("spec.accessModes", each, MODES)
    wanted = ((spec.get("resources") or {}).get("requests") or {}).get("storage")
    if wanted is None:
        yield required("spec.resources[storage]")
    elif amount(wanted) <= 0:
        said = "must be greater than zero"
        yield invalid("spec.resources[storage]", str(wanted), said)
    if old is None:
        return
    before = old["spec"]
    had = ((before.get("resources") or {}).get("requests") or {}).get("storage")
    if wanted is not None and had is not None and amount(wanted) < amount(had):
        said = "field can not be less than status.capacity"
        yield forbidden("spec.resources.requests.storage", said)
    if {**spec, "resources": 0, "volumeName": 0} != {**before, "resources": 0, "volumeName": 0}:
        yield forbidden("spec", CLAIM_FROZEN)
