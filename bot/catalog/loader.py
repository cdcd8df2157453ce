"""Reads a folder of YAML into a catalog: all mistakes together, or a catalog that is consistent in itself."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeVar

from pydantic import ValidationError

from bot.catalog import building
from bot.catalog.complaints import CatalogProblems, Complaint, complain, nearest, of_shape
from bot.catalog.documents import Document, Path_, YamlProblem, documents, yaml_files
from bot.catalog.model import Catalog, Target
from bot.catalog.schema import (
    FILES,
    ApplicationFile,
    ClusterFile,
    EnvironmentFile,
    PersonFile,
    RoleFile,
    Shape,
    WorkflowFile,
)

Found = Sequence[tuple[Path_, str]]
S = TypeVar("S", bound=Shape)


class Checks(Protocol):
    """What only others can say of a file: whether the properties of steps and components mean something."""

    def step_types(self) -> Sequence[str]:
        """Name the step types there are."""
        ...

    def step(self, type: str, properties: Mapping[str, Any], targets: Sequence[Target]) -> Found:  # noqa: A002 - as in YAML
        """List what is wrong with a step's properties."""
        ...

    def component(self, type: str, properties: Mapping[str, Any]) -> Found:  # noqa: A002 - as in YAML
        """List what is wrong with a component's properties."""
        ...

    def expression(self, text: str) -> str | None:
        """Say what is wrong with an `if` or `valueFrom`, if anything."""
        ...

    def text(self, text: str) -> str | None:
        """Say what is wrong with the `${{ }}` in a text, if anything."""
        ...


@dataclass(slots=True)
class Reading:
    """What has been read so far, by kind, each with the document that it stands in."""

    complaints: list[Complaint] = field(default_factory=list)
    files: dict[type[Shape], list[tuple[Document, Any]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    names: dict[type[Shape], list[str]] = field(default_factory=lambda: defaultdict(list))
    """What is declared, also by a file with a mistake: one mistake is told once, not for each use of a name."""
    torn: bool = False
    """Whether a file could not be read to its end, so that names may be there that nobody has seen."""

    def of(self, model: type[S]) -> list[tuple[Document, S]]:
        """List the files of a kind."""
        return self.files[model]


def load_catalog(folder: Path, checks: Checks) -> Catalog:
    """Read every YAML file below `folder`. Raises CatalogProblems that lists every mistake."""
    if not folder.is_dir():
        raise CatalogProblems(
            [Complaint(file=folder, line=1, path="", text="there is no such folder")]
        )
    reading = Reading()
    for file in yaml_files(folder):
        _read(file, reading)
    _refuse_twins(reading)
    _refuse_shared(reading)
    _check_names(reading, checks)
    for document, workflow in reading.of(WorkflowFile):
        reading.complaints += building.check_workflow(
            document, workflow, _targets(reading, workflow), checks
        )
    if not reading.complaints and not reading.of(ApplicationFile):
        text = "no file has an Application"
        reading.complaints.append(Complaint(file=folder, line=1, path="", text=text))
    if reading.complaints:
        raise CatalogProblems(reading.complaints)
    return _catalog(reading)


def _read(file: Path, reading: Reading) -> None:
    try:
        for document in documents(file):
            _take(document, reading)
    except YamlProblem as error:
        reading.torn = True
        reading.complaints.append(Complaint(file=file, line=error.line, path="", text=str(error)))
    except OSError as error:
        reading.torn = True
        text = f"the file cannot be read: {error.strerror}"
        reading.complaints.append(Complaint(file=file, line=1, path="", text=text))


def _take(document: Document, reading: Reading) -> None:
    kind = document.value.get("kind") if isinstance(document.value, dict) else None
    model = FILES.get(str(kind))
    if model is None:
        known = ", ".join(FILES)
        said = f"expected a kind ({known}), found {kind!r}{nearest(str(kind), FILES)}"
        reading.complaints.append(complain(document, ("kind",), said))
        return
    metadata = document.value.get("metadata")
    if isinstance(metadata, dict) and isinstance(metadata.get("name"), str):
        reading.names[model].append(metadata["name"])
    try:
        reading.files[model].append((document, model.model_validate(document.value)))
    except ValidationError as error:
        reading.complaints += of_shape(document, model, error)


def _refuse_twins(reading: Reading) -> None:
    for model, found in reading.files.items():
        seen: dict[str, Document] = {}
        for document, each in found:
            name = each.metadata.name
            if model is WorkflowFile:
                labels = each.metadata.labels
                name = f"{labels.get(building.APP)}/{labels.get(building.ENV)}"
            if name in seen:
                other = seen[name]
                said = f"{name} is already in {other.file}:{other.line(('metadata', 'name'))}"
                reading.complaints.append(complain(document, ("metadata", "name"), said))
            seen[name] = document


def _refuse_shared(reading: Reading) -> None:
    """Complain about what two must not share: an identity would be two people's, a place or a component's
    name two owners', who overwrite each other.
    """
    owners: dict[str, str] = {}
    for document, path, what, owner in _claims(reading):
        other = owners.setdefault(what.lower(), owner)
        if other != owner:
            reading.complaints.append(complain(document, path, f"{what} is already {other}'s"))


def _claims(reading: Reading) -> Iterator[tuple[Document, Path_, str, str]]:
    for document, person in reading.of(PersonFile):
        spec = person.spec
        ids = (("email", spec.email), ("slackId", spec.slack_id), ("dingtalkId", spec.dingtalk_id))
        for key, identity in ids:
            if identity is not None:
                yield document, ("spec", key), identity, person.metadata.name
    for document, environment in reading.of(EnvironmentFile):
        for at, target in enumerate(environment.spec.targets):
            what = f"{target.namespace} on {target.cluster}"
            owner = f"{environment.metadata.name}/{target.name}"
            yield document, ("spec", "targets", at, "namespace"), what, owner
    for document, application in reading.of(ApplicationFile):
        for at, each in enumerate(application.spec.components):
            path: Path_ = ("spec", "components", at, "name")
            yield document, path, f"the component {each.name}", application.metadata.name


def _check_names(reading: Reading, checks: Checks) -> None:
    """Complain about every name that does not exist."""
    roles = _names(reading, RoleFile)
    for document, environment in reading.of(EnvironmentFile):
        _check_environment(reading, document, environment, roles)
    for document, person in reading.of(PersonFile):
        for at, role in enumerate(person.spec.roles):
            _expect(reading, document, ("spec", "roles", at), "role", role, roles)
    for document, workflow in reading.of(WorkflowFile):
        _check_labels(reading, document, workflow)
        reading.complaints += building.check_approvers(document, workflow, roles)
    for document, application in reading.of(ApplicationFile):
        reading.complaints += building.check_components(document, application, checks)


def _check_environment(
    reading: Reading, document: Document, environment: EnvironmentFile, roles: list[str]
) -> None:
    clusters = _names(reading, ClusterFile)
    seen: set[str] = set()
    for at, target in enumerate(environment.spec.targets):
        path: Path_ = ("spec", "targets", at)
        _expect(reading, document, (*path, "cluster"), "cluster", target.cluster, clusters)
        if target.name in seen:
            said = f"there are two targets {target.name}"
            reading.complaints.append(complain(document, (*path, "name"), said))
        seen.add(target.name)
    for key in ("deployers", "approvers"):
        for at, role in enumerate(getattr(environment.spec, key)):
            _expect(reading, document, ("spec", key, at), "role", role, roles)


def _check_labels(reading: Reading, document: Document, workflow: WorkflowFile) -> None:
    for label, what, model in (
        (building.APP, "application", ApplicationFile),
        (building.ENV, "environment", EnvironmentFile),
    ):
        name = workflow.metadata.labels.get(label)
        if name is None:
            said = f"the label {label} says which {what} this workflow is for; it is required"
            reading.complaints.append(complain(document, ("metadata", "labels"), said))
            continue
        path: Path_ = ("metadata", "labels", label)
        _expect(reading, document, path, what, name, _names(reading, model))


def _expect(
    reading: Reading, document: Document, path: Path_, what: str, name: str, known: list[str]
) -> None:
    if name not in known and not reading.torn:
        said = f"there is no {what} {name}{nearest(name, known)}"
        reading.complaints.append(complain(document, path, said))


def _names(reading: Reading, model: type[Shape]) -> list[str]:
    return reading.names[model]


def _targets(reading: Reading, workflow: WorkflowFile) -> tuple[Target, ...]:
    name = workflow.metadata.labels.get(building.ENV)
    for _, each in reading.of(EnvironmentFile):
        if each.metadata.name == name:
            return building.environment(each).targets
    return ()


def _catalog(reading: Reading) -> Catalog:
    workflows = [building.workflow(each) for _, each in reading.of(WorkflowFile)]
    return Catalog(
        applications={
            each.metadata.name: building.application(each)
            for _, each in reading.of(ApplicationFile)
        },
        environments={
            each.metadata.name: building.environment(each)
            for _, each in reading.of(EnvironmentFile)
        },
        clusters={
            each.metadata.name: building.cluster(each) for _, each in reading.of(ClusterFile)
        },
        people={each.metadata.name: building.person(each) for _, each in reading.of(PersonFile)},
        roles=tuple(_names(reading, RoleFile)),
        workflows={(each.application, each.environment): each for each in workflows},
    )
