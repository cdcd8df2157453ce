"""Reads YAML files into documents of known kinds: what is in them and what is wrong with their shape."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from bot.catalog.complaints import Complaint, complain, nearest, of_shape
from bot.catalog.documents import Document, YamlProblem, documents
from bot.catalog.schema import FILES, Shape, WorkflowFile
from bot.catalog.sources import Templates

S = TypeVar("S", bound=Shape)
GROUPS = ("core.oam.dev", "shipmate.dev")
"""The API groups of the kinds that we know; an Application of Argo CD's is another thing."""


@dataclass(slots=True)
class Reading:
    """What has been read so far, by kind, each with the document that it stands in."""

    complaints: list[Complaint] = field(default_factory=list)
    files: dict[type[Shape], list[tuple[Document, Any]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    names: dict[type[Shape], list[str]] = field(default_factory=lambda: defaultdict(list))
    """What is declared, also by a file with a mistake: one mistake is told once, not for each use of a name."""
    others: list[Document] = field(default_factory=list)
    """Objects of other kinds: a ConfigMap beside an Application."""
    torn: bool = False
    """Whether a file could not be read to its end, so that names may be there that nobody has seen."""

    def of(self, model: type[S]) -> list[tuple[Document, S]]:
        """List the files of a kind."""
        return self.files[model]

    @property
    def templates(self) -> Templates:
        """The Workflows by their names, the first of each."""
        found: dict[str, tuple[Document, WorkflowFile]] = {}
        for document, each in self.of(WorkflowFile):
            found.setdefault(each.metadata.name, (document, each))
        return found


def read(files: Iterable[Path]) -> Reading:
    """Read files. What is wrong with them is in the answer; nothing is raised."""
    reading = Reading()
    for file in files:
        try:
            for document in documents(file):
                _take(document, reading)
        except YamlProblem as error:
            reading.torn = True
            found = Complaint(file=file, line=error.line, path="", text=str(error))
            reading.complaints.append(found)
        except OSError as error:
            reading.torn = True
            text = f"the file cannot be read: {error.strerror}"
            reading.complaints.append(Complaint(file=file, line=1, path="", text=text))
    return reading


def unknown_kind(document: Document) -> Complaint:
    """Complain about a document that is of no kind we know."""
    kind = document.value.get("kind") if isinstance(document.value, dict) else None
    known = ", ".join(FILES)
    said = f"expected a kind ({known}), found {kind!r}{nearest(str(kind), FILES)}"
    return complain(document, ("kind",), said)


def _take(document: Document, reading: Reading) -> None:
    value = document.value if isinstance(document.value, dict) else {}
    group = str(value.get("apiVersion", "")).partition("/")[0]
    model = FILES.get(str(value.get("kind")))
    if model is None or ("." in group and group not in GROUPS):
        reading.others.append(document)
        return
    metadata = value.get("metadata")
    if isinstance(metadata, dict) and isinstance(metadata.get("name"), str):
        reading.names[model].append(metadata["name"])
    try:
        reading.files[model].append((document, model.model_validate(document.value)))
    except ValidationError as error:
        reading.complaints += of_shape(document, model, error)
