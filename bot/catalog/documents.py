"""YAML files as plain values that know their lines.

Stricter than PyYAML: a key that stands twice is an error, so is a number that readers of YAML disagree about,
and size, depth and number of values are bounded before anything is built, for these files come from many
hands. Values are those of JSON; a date stays the text it was.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from typing import Any

import yaml
from typing_extensions import override

LARGEST = 1024 * 1024
"""Bytes of a file."""
DEEPEST = 40
MOST = 20_000
"""Values of a document, each use of an alias counted: aliases of aliases grow without end."""

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
    raw = file.read_bytes()
    if len(raw) > LARGEST:
        raise YamlProblem(1, "the file is larger than 1 MiB")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise YamlProblem(1, "the file is not UTF-8") from error
    try:
        nodes = list(yaml.compose_all(text, Loader=_Loader))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        said = str(getattr(error, "problem", None) or "it cannot be read")
        raise YamlProblem(mark.line + 1 if mark else 1, f"no valid YAML: {said}") from error
    except (ValueError, OverflowError) as error:  # of an escape or a directive with a huge number
        raise YamlProblem(1, f"no valid YAML: {error}") from error
    for node in nodes:
        if node is not None:
            made = Document(file)
            made.value = _value(node, (), made)
            if made.value is not None:
                yield made


class _Loader(yaml.SafeLoader):
    """PyYAML's, which stops where it is too deep instead of going on for minutes."""

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self._depth = 0

    @override
    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise YamlProblem(self.get_mark().line + 1, f"nested deeper than {DEEPEST}")
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node


def _value(node: yaml.Node, path: Path_, document: Document) -> Any:
    line = node.start_mark.line + 1
    document.lines[path] = line
    if len(path) > DEEPEST:
        raise YamlProblem(line, f"nested deeper than {DEEPEST}")
    if len(document.lines) > MOST:
        raise YamlProblem(line, f"more than {MOST} values")
    if not isinstance(node, yaml.ScalarNode) and node.tag not in CONTAINERS:
        raise YamlProblem(line, f"the tag {node.tag} is not taken")
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, document)
    if isinstance(node, yaml.SequenceNode):
        return [_value(each, (*path, at), document) for at, each in enumerate(node.value)]
    assert isinstance(node, yaml.ScalarNode)
    return _scalar(node, line)


def _mapping(node: yaml.MappingNode, path: Path_, document: Document) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode) or key_node.tag == "tag:yaml.org,2002:merge":
            raise YamlProblem(line, "a key must be a plain text")
        key = str(key_node.value)
        if key in found:
            raise YamlProblem(line, f"the key {key} stands here twice")
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
            raise YamlProblem(line, f"the tag {other} is not taken")


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
