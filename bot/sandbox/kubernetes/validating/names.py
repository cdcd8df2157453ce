"""Names, labels and annotations: what they may be made of. Pure."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from bot.sandbox.kubernetes.validating.causes import Cause, invalid, required

Object = dict[str, Any]

SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
DNS_1035 = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
NAME_PART = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]")
LABEL_VALUE = re.compile(r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?")
CONFIG_KEY = re.compile(r"[-._a-zA-Z0-9]+")

SUBDOMAIN_TEXT = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', "
    "and must start and end with an alphanumeric character (e.g. 'example.com', regex used for "
    "validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)
LABEL_TEXT = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must "
    "start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for "
    "validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
)
DNS_1035_TEXT = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an "
    "alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', "
    "regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"
)
NAME_PART_TEXT = (
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with "
    "an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for "
    "validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
)
LABEL_VALUE_TEXT = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', "
    "and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or "
    "'12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
)
CONFIG_KEY_TEXT = (
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  "
    "or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
)
LONGEST_NAME, LONGEST_LABEL = 253, 63
LONGEST_NOTES = 256 * 1024
FREE = frozenset({"rbac.authorization.k8s.io"})
"""Groups whose objects may have any name."""


def metadata(kind: str, group: str, meta: Object) -> Iterator[Cause]:
    """Yield what is wrong with an object's metadata."""
    yield from _name(kind, group, str(meta.get("name") or ""))
    yield from labels(meta.get("labels") or {}, "metadata.labels")
    yield from _annotations(meta.get("annotations") or {})


def _name(kind: str, group: str, name: str) -> Iterator[Cause]:
    field = "metadata.name"
    if not name:
        yield required(field, "name or generateName is required")
    elif group in FREE:
        if name in {".", ".."} or "/" in name or "%" in name:
            yield invalid(
                field, name, "may not contain '/'" if "/" in name else f"may not be '{name}'"
            )
    elif kind == "Namespace" and "." in name:
        yield invalid(field, name, "must not contain dots")
    elif kind == "Namespace":
        yield from label(field, name)
    elif kind == "Service":
        yield from _matching(field, name, DNS_1035, DNS_1035_TEXT, LONGEST_LABEL)
    else:
        yield from subdomain(field, name)


def subdomain(field: str, name: str) -> Iterator[Cause]:
    """Yield what keeps a text from being a subdomain, as most names are."""
    yield from _matching(field, name, SUBDOMAIN, SUBDOMAIN_TEXT, LONGEST_NAME)


def label(field: str, name: str) -> Iterator[Cause]:
    """Yield what keeps a text from being one part of a domain, as a container's name is."""
    yield from _matching(field, name, LABEL, LABEL_TEXT, LONGEST_LABEL)


def _matching(
    field: str, name: str, pattern: re.Pattern[str], text: str, longest: int
) -> Iterator[Cause]:
    if len(name) > longest:
        yield invalid(field, name, f"must be no more than {longest} characters")
    if not pattern.fullmatch(name):
        yield invalid(field, name, text)


def labels(found: Mapping[str, Any], field: str) -> Iterator[Cause]:
    """Yield what is wrong with labels."""
    for key, value in sorted(found.items()):
        yield from _key(key, field)
        if len(str(value)) > LONGEST_LABEL:
            yield invalid(field, value, f"must be no more than {LONGEST_LABEL} characters")
        if not LABEL_VALUE.fullmatch(str(value)):
            yield invalid(field, value, LABEL_VALUE_TEXT)


def _annotations(found: Mapping[str, Any]) -> Iterator[Cause]:
    for key in sorted(found):
        yield from _key(key.lower(), "metadata.annotations", key)
    if sum(len(key) + len(str(value)) for key, value in found.items()) > LONGEST_NOTES:
        said = f"Too long: may not be more than {LONGEST_NOTES} bytes"
        yield "metadata.annotations", "FieldValueTooLong", said


def _key(key: str, field: str, written: str = "") -> Iterator[Cause]:
    """Yield what keeps a text from being a qualified name: `prefix.example/name`."""
    prefix, slash, name = key.rpartition("/")
    shown = written or key
    if slash and not prefix:
        yield invalid(field, shown, "prefix part must be non-empty")
    elif prefix and not SUBDOMAIN.fullmatch(prefix):
        yield invalid(field, shown, f"prefix part {SUBDOMAIN_TEXT}")
    if not name:
        yield invalid(field, shown, "name part must be non-empty")
    elif len(name) > LONGEST_LABEL:
        said = f"name part must be no more than {LONGEST_LABEL} characters"
        yield invalid(field, shown, said)
    if not NAME_PART.fullmatch(name):
        yield invalid(field, shown, NAME_PART_TEXT)
