"""YAML files as plain values that know their lines.

Stricter than PyYAML: a key that stands twice is an error, aliases are limited in number, and so is a file's
size, for these files come from many hands. Values are those of JSON; a date stays the text it was.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

LARGEST = 1024 * 1024
"""Bytes of a file."""
ALIASES = 50
DEEPEST = 40

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
        aliases = sum(
            1
            for each in yaml.scan(text, Loader=yaml.SafeLoader)
            if isinstance(each, yaml.AliasToken)
        )
        if aliases > ALIASES:
            raise YamlProblem(1, f"more than {ALIASES} aliases")
        nodes = list(yaml.compose_all(text, Loader=yaml.SafeLoader))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        said = str(getattr(error, "problem", None) or "it cannot be read")
        raise YamlProblem(mark.line + 1 if mark else 1, f"no valid YAML: {said}") from error
    except RecursionError as error:
        raise YamlProblem(1, f"nested deeper than {DEEPEST}") from error
    for node in nodes:
        if node is not None:
            made = Document(file)
            made.value = _value(node, (), made)
            if made.value is not None:
                yield made


def _value(node: yaml.Node, path: Path_, document: Document) -> Any:
    line = node.start_mark.line + 1
    document.lines[path] = line
    if len(path) > DEEPEST:
        raise YamlProblem(line, f"nested deeper than {DEEPEST}")
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
            return int(text) if text.lstrip("+-").isdigit() else text
        case "float":
            try:
                return float(text)
            except ValueError:
                return text
        case "str" | "timestamp":
            return text
        case other:
            raise YamlProblem(line, f"the tag {other} is not taken")
