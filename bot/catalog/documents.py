"""YAML files as plain values that know their lines.

Stricter than PyYAML: a key that stands twice is an error, so is a number that readers of YAML disagree about,
and size, depth and number of values are bounded before anything is built, for these files come from many
hands. Values are those of JSON; a date stays the text it was.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from typing import Any

import yaml
from yaml.reader import ReaderError
from yaml.resolver import Resolver

LARGEST = 1024 * 1024
"""Bytes of a file."""
DEEPEST = 40
MOST = 20_000
"""Values of a document, each use of an alias counted: aliases of aliases grow without end."""

MOST_OF_FILE = 60_000
"""Values of all documents of a file as they are written."""
SHOWN = 100
"""Characters of what a file says that are repeated to people."""
PARSER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The parser of libyaml, which every wheel of PyYAML has; the one in Python reads the same, much slower."""

CONTAINERS = ("tag:yaml.org,2002:map", "tag:yaml.org,2002:seq")
FRACTION = re.compile(r"[-+]?[0-9]*\.?[0-9]*(?:[eE][-+]?[0-9]+)?", re.ASCII)
WHOLE = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})", re.ASCII)

Path_ = tuple[str | int, ...]


@dataclass(slots=True)
class Document:
    """One document of a file: its value, and the line of each place in it."""

    file: Path
    value: Any = None
    lines: dict[Path_, int] = field(default_factory=dict)
    key_lines: dict[Path_, int] = field(default_factory=dict)
    size: int = 0
    """Characters of its texts, each use of an alias counted."""

    def line(self, path: Path_) -> int:
        """Answer the line of a place, or of the nearest place around it that is there."""
        for length in range(len(path), -1, -1):
            found = self.key_lines.get(path[:length]) or self.lines.get(path[:length])
            if found is not None:
                return found
        return 1


class YamlProblem(Exception):  # noqa: N818 - it is told as a complaint, not raised to a caller
    """A file is no YAML that we take; `line` counts from 1."""

    def __init__(self, line: int, text: str) -> None:
        super().__init__(text)
        self.line = line


def yaml_files(folder: Path) -> list[Path]:
    """List the YAML files below `folder`, in order, without those in hidden folders.

    A ConfigMap that is mounted as a folder keeps each file twice: in a hidden folder a version, and as a link.
    """
    found = [*folder.rglob("*.yaml"), *folder.rglob("*.yml")]
    return sorted(
        each
        for each in found
        if not any(part.startswith(".") for part in each.relative_to(folder).parts)
    )


def documents(file: Path) -> Iterator[Document]:
    """Read the documents of a file, empty ones left out. Raises YamlProblem."""
    try:
        if not file.is_file():  # what is no file may never end
            raise YamlProblem(1, "it is no file")
        with file.open("rb") as opened:
            raw = opened.read(LARGEST + 1)
    except OSError as error:
        raise YamlProblem(1, f"the file cannot be read: {error.strerror or error}") from error
    yield from documents_in(raw, file)


def documents_in(raw: bytes, file: Path = Path()) -> Iterator[Document]:
    """Read the documents that somebody has as bytes; `file` is what they are said to be of. Raises YamlProblem."""
    if len(raw) > LARGEST:
        raise YamlProblem(1, "the file is larger than 1 MiB")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise YamlProblem(line, "the file is not UTF-8") from error
    for node in list(_composed(text)):
        made = Document(file)
        made.value = _value(node, (), made)
        if made.value is not None:
            yield made


def shown(text: object) -> str:
    """Answer some of what a file says, fit for a line that people read."""
    said = "".join(
        each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in str(text)[:SHOWN]
    )
    return said if len(str(text)) <= SHOWN else f"{said}…"


def _composed(text: str) -> Iterator[yaml.Node]:
    """Put the documents of a text together. Raises YamlProblem."""
    try:
        yield from _Composer(text).documents()
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise YamlProblem(line, "no valid YAML: it has a character that no text has") from error
    except yaml.YAMLError as error:
        mark, last = getattr(error, "problem_mark", None), len(text.splitlines())
        said = shown(getattr(error, "problem", None) or "it cannot be read")
        line = (
            min(mark.line + 1, last) if mark else 1
        )  # what ends too soon is said to end after the end
        raise YamlProblem(line, f"no valid YAML: {said}") from error
    except (ValueError, OverflowError) as error:  # of an escape or a directive with a huge number
        raise YamlProblem(1, f"no valid YAML: {shown(error)}") from error


class _Composer:
    """Makes nodes of what the parser finds, and stops where it is too deep or too much.

    PyYAML's own composer counts nothing, and its parser in Python takes a minute for a file that is mean enough.
    """

    def __init__(self, text: str) -> None:
        self._events = iter(yaml.parse(text, Loader=PARSER))
        self._resolver = Resolver()
        self._anchors: dict[str, yaml.Node] = {}
        self._made = 0

    def documents(self) -> Iterator[yaml.Node]:
        """Yield the root of each document."""
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                self._anchors = {}
                yield self._node(next(self._events), 0)

    def _node(self, event: Any, depth: int) -> yaml.Node:
        line = event.start_mark.line + 1
        self._made += 1
        if self._made > MOST_OF_FILE:
            raise YamlProblem(line, f"more than {MOST_OF_FILE} values in one file")
        if depth > DEEPEST:
            raise YamlProblem(line, f"nested deeper than {DEEPEST}")
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self._anchors:
                raise YamlProblem(line, f"there is no anchor {shown(event.anchor)} before this")
            return self._anchors[event.anchor]
        if event.anchor and event.anchor in self._anchors:
            raise YamlProblem(line, f"the anchor {shown(event.anchor)} is there twice")
        made = self._empty(event)
        if event.anchor:
            self._anchors[event.anchor] = made
        if isinstance(made, yaml.CollectionNode):
            self._fill(made, depth + 1)
        return made

    def _empty(self, event: Any) -> yaml.Node:
        kind, value = _KINDS[type(event)]
        given = event.value if value is None else value()
        tag = event.tag
        if tag is None or tag == "!":
            tag = self._resolver.resolve(kind, given, event.implicit)  # type: ignore[no-untyped-call] # PyYAML's
        made: yaml.Node = kind(tag, given, event.start_mark, event.end_mark)
        return made

    def _fill(self, node: yaml.CollectionNode, depth: int) -> None:
        keyed = isinstance(node, yaml.MappingNode)
        while not isinstance(event := next(self._events), yaml.CollectionEndEvent):
            found = self._node(event, depth)
            node.value.append((found, self._node(next(self._events), depth)) if keyed else found)


_KINDS: dict[type, tuple[Any, Callable[[], list[Any]] | None]] = {
    yaml.ScalarEvent: (yaml.ScalarNode, None),
    yaml.SequenceStartEvent: (yaml.SequenceNode, list),
    yaml.MappingStartEvent: (yaml.MappingNode, list),
}
"""The kind of node that each event begins, and what it holds at first: None is the event's own text."""


def _value(node: yaml.Node, path: Path_, document: Document) -> Any:
    line = node.start_mark.line + 1
    document.lines[path] = line
    if len(path) > DEEPEST:
        raise YamlProblem(line, f"nested deeper than {DEEPEST}")
    if len(document.lines) > MOST:
        raise YamlProblem(line, f"more than {MOST} values")
    if not isinstance(node, yaml.ScalarNode) and node.tag not in CONTAINERS:
        raise YamlProblem(line, f"the tag {shown(node.tag)} is not taken")
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, document)
    if isinstance(node, yaml.SequenceNode):
        return [_value(each, (*path, at), document) for at, each in enumerate(node.value)]
    assert isinstance(node, yaml.ScalarNode)
    _measure(node, line, document)
    return _scalar(node, line)


def _measure(node: yaml.ScalarNode, line: int, document: Document) -> None:
    """Count a text. Raises YamlProblem: aliases of one long text make no large file, but a large value."""
    document.size += len(node.value)
    if document.size > LARGEST:
        raise YamlProblem(line, "its texts, each use of an alias counted, are longer than 1 MiB")


def _mapping(node: yaml.MappingNode, path: Path_, document: Document) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode) or key_node.tag == "tag:yaml.org,2002:merge":
            raise YamlProblem(line, "a key must be a plain text")
        _measure(key_node, line, document)
        key = str(key_node.value)
        if key in found:
            raise YamlProblem(line, f"the key {shown(key)} stands here twice")
        document.key_lines[(*path, key)] = line
        found[key] = _value(value_node, (*path, key), document)
    return found


def _scalar(node: yaml.ScalarNode, line: int) -> Any:
    text = str(node.value)
    match node.tag.rpartition(":")[2]:
        case "null":
            return None
        case "bool":
            # YAML 1.1 takes yes, no, on and off for truth values; nobody who writes them means that.
            return text.lower() == "true" if text.lower() in {"true", "false"} else text
        case "int":
            return _whole(text, line)
        case "float":
            return _fraction(text, line)
        case "str" | "timestamp":
            return text
        case other:
            raise YamlProblem(line, f"the tag {shown(other)} is not taken")


def _whole(text: str, line: int) -> int | str:
    """Read a number; sexagesimal ones (`12:30`) are text, as in YAML 1.2."""
    if ":" in text:
        return text
    if WHOLE.fullmatch(text):
        return int(text)
    raise YamlProblem(line, f"the number {text[:20]} is not taken; write it plainly, or in quotes")


def _fraction(text: str, line: int) -> float | str:
    if ":" in text:
        return text
    if FRACTION.fullmatch(text) and isfinite(float(text)):
        return float(text)
    raise YamlProblem(line, f"the number {text[:20]} is not taken; write it plainly, or in quotes")
