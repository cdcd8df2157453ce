"""Reads a folder of YAML into a catalog: all mistakes together, or a catalog that is consistent in itself."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from bot.catalog import building
from bot.catalog.approval_shapes import members_of
from bot.catalog.approvals import check_approvers, check_approving, roles_of
from bot.catalog.checks import Checks, check_steps
from bot.catalog.clusters import check_clusters, cluster
from bot.catalog.complaints import CatalogProblems, Complaint, complain, nearest
from bot.catalog.defining import check_definitions, cloud_types, unsupported_definitions
from bot.catalog.deliveries import check_deliveries
from bot.catalog.documents import Document, Path_, yaml_files
from bot.catalog.machine_checks import check_machines, machines_of, triggers_of
from bot.catalog.model import Catalog, Cluster, Properties, Target, Workflow
from bot.catalog.policies import check_policies, policies_of
from bot.catalog.reading import Reading, read, unknown_kind
from bot.catalog.schema import (
    ApplicationFile,
    ClusterFile,
    EnvironmentFile,
    PersonFile,
    RoleFile,
    Shape,
    StepDefinitionFile,
    WorkflowFile,
    WorkflowRunFile,
)
from bot.catalog.sharing import check_sharing
from bot.catalog.sources import Source, source_of

CUE = "it holds CUE, which Shipmate does not run; write the step type in Python (docs/steps.md)"


def load_catalog(folder: Path, checks: Checks) -> Catalog:
    """Read every YAML file below `folder`. Raises CatalogProblems that lists every mistake."""
    if not folder.is_dir():
        raise CatalogProblems(
            [Complaint(file=folder, line=1, path="", text="there is no such folder")]
        )
    reading = read(yaml_files(folder))
    reading.complaints += [unknown_kind(each) for each in reading.others]
    _refuse_twins(reading)
    _refuse_shared(reading)
    reading.complaints += _unsupported(reading)
    reading.complaints += check_definitions(reading, checks)
    reading.complaints += check_policies(reading, checks)
    _check_names(reading, checks)
    sources = _sources(reading)
    for each in sources:
        _check_source(reading, each, checks)
    if not reading.complaints and not reading.of(ApplicationFile):
        text = "no file has an Application"
        reading.complaints.append(Complaint(file=folder, line=1, path="", text=text))
    if reading.complaints:
        raise CatalogProblems(reading.complaints)
    catalog = _catalog(reading, sources, cloud_types(reading, checks))
    wrong = [
        *check_deliveries(catalog, sources, reading, checks),
        *check_sharing(catalog, sources),
    ]
    if wrong:
        raise CatalogProblems(wrong)
    return catalog


def _refuse_twins(reading: Reading) -> None:
    """Complain about what there is twice: objects of a name, and workflows of a place."""
    places: dict[str, Document] = {}
    for model, found in reading.files.items():
        seen: dict[str, Document] = {}
        each: Any  # every kind of file has metadata
        for document, each in found:
            name = each.metadata.name
            if model in {WorkflowFile, WorkflowRunFile} and _bound(each.metadata.labels):
                _refuse_second(reading, document, each.metadata.labels, places)
                continue
            if name in seen:
                other = seen[name]
                said = f"{name} is already in {other.file}:{other.line(('metadata', 'name'))}"
                reading.complaints.append(complain(document, ("metadata", "name"), said))
            seen[name] = document


def _bound(labels: Mapping[str, str]) -> bool:
    return {building.APP, building.ENV} <= labels.keys()


def _refuse_second(
    reading: Reading, document: Document, labels: Mapping[str, str], places: dict[str, Document]
) -> None:
    place = f"{labels[building.APP]}/{labels[building.ENV]}"
    if place in places:
        other = places[place]
        said = f"{place} already has a workflow, in {other.file}:{other.line(('metadata', 'name'))}"
        reading.complaints.append(complain(document, ("metadata", "name"), said))
    places[place] = document


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


def _unsupported(reading: Reading) -> Iterator[Complaint]:
    """Complain about what KubeVela knows and would have no effect here."""
    for document, definition in reading.of(StepDefinitionFile):
        said = f"the WorkflowStepDefinition {definition.metadata.name} is not supported: {CUE}"
        yield complain(document, ("kind",), said)
    yield from unsupported_definitions(reading)
    for document, application in reading.of(ApplicationFile):
        if not application.spec.components:
            yield complain(document, ("spec", "components"), "expected at least one")
        name = application.metadata.name
        if not building.LABEL.fullmatch(name):
            said = f"{building.NO_LABEL}, found {name!r}"
            yield complain(document, ("metadata", "name"), said)


def _check_names(reading: Reading, checks: Checks) -> None:
    """Complain about every name that does not exist."""
    roles = _names(reading, RoleFile)
    reading.complaints += check_clusters(reading.of(ClusterFile))
    for document, environment in reading.of(EnvironmentFile):
        _check_environment(reading, document, environment, roles)
    for document, person in reading.of(PersonFile):
        for at, role in enumerate(person.spec.roles):
            _expect(reading, document, ("spec", "roles", at), "role", role, roles)
    named = _named(reading)
    for document, workflow in reading.of(WorkflowFile):
        _check_labels(reading, document, workflow, named)
    for document, run in reading.of(WorkflowRunFile):
        _check_labels(reading, document, run, named)
    check_machines(reading, partial(_expect, reading))
    types = cloud_types(reading, checks)
    for document, application in reading.of(ApplicationFile):
        reading.complaints += building.check_components(document, application, checks, types)


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
    reading.complaints += check_approving(document, environment)
    for below, role in roles_of(environment):
        _expect(reading, document, ("spec", *below), "role", role, roles)
    for at, role in enumerate(environment.spec.auditors):
        _expect(reading, document, ("spec", "auditors", at), "role", role, roles)
    _check_rules(reading, document, environment, roles)


def _check_rules(
    reading: Reading, document: Document, environment: EnvironmentFile, roles: list[str]
) -> None:
    """Complain about roles and applications that rules name and nobody has, and about freezes of one name."""
    applications = _names(reading, ApplicationFile)
    seen: set[str] = set()
    for at, freeze in enumerate(environment.spec.freezes):
        path: Path_ = ("spec", "freezes", at)
        for index, role in enumerate(freeze.passed_by):
            _expect(reading, document, (*path, "passedBy", index), "role", role, roles)
        if freeze.name in seen:
            said = f"there are two freezes {freeze.name}"
            reading.complaints.append(complain(document, (*path, "name"), said))
        seen.add(freeze.name)
    for at, rule in enumerate(environment.spec.permissions):
        path = ("spec", "permissions", at)
        for index, name in enumerate(rule.applications):
            place = (*path, "applications", index)
            _expect(reading, document, place, "application", name, applications)
        for key in ("deployers", "approvers"):
            for index, role in enumerate(getattr(rule, key) or ()):
                _expect(reading, document, (*path, key, index), "role", role, roles)


def _named(reading: Reading) -> set[str]:
    """Name the Workflows that an Application or a WorkflowRun refers to."""
    by_runs = {each.spec.workflow_ref for _, each in reading.of(WorkflowRunFile)}
    by_applications = {
        each.spec.workflow.ref for _, each in reading.of(ApplicationFile) if each.spec.workflow
    }
    return by_runs | by_applications


def _check_labels(
    reading: Reading, document: Document, file: WorkflowFile | WorkflowRunFile, named: set[str]
) -> None:
    labels = file.metadata.labels
    bound = {building.APP, building.ENV} & labels.keys()
    if isinstance(file, WorkflowFile) and file.metadata.name in named and not bound:
        return
    for label, what, model in (
        (building.APP, "application", ApplicationFile),
        (building.ENV, "environment", EnvironmentFile),
    ):
        name = labels.get(label)
        if name is None:
            said = f"the label {label} says which {what} this workflow is for; it is required"
            reading.complaints.append(complain(document, ("metadata", "labels"), said))
            continue
        path: Path_ = ("metadata", "labels", label)
        _expect(reading, document, path, what, name, _names(reading, model))


def _sources(reading: Reading) -> list[Source]:
    """Find the steps of every document that has some; complain about references that lead nowhere."""
    found: list[Source] = []
    for model in (WorkflowFile, WorkflowRunFile, ApplicationFile):
        for document, file in reading.of(model):
            source = source_of(document, file, reading.templates)
            if isinstance(source, Source):
                found.append(source)
            elif source is not None and not reading.torn:
                reading.complaints.append(source)
    return found


def _check_source(reading: Reading, source: Source, checks: Checks) -> None:
    if not source.own:
        return
    targets = _targets(reading, source.metadata.labels.get(building.ENV))
    roles = _names(reading, RoleFile)
    reading.complaints += check_steps(
        source.document,
        source.path,
        source.metadata,
        source.steps,
        targets,
        checks,
        mode=source.mode,
        known_outputs=_component_outputs(reading, source),
    )
    reading.complaints += check_approvers(source.document, source.path, source.steps, roles)


def _component_outputs(reading: Reading, source: Source) -> list[str]:
    """Name what the components leave of the application that a workflow delivers."""
    name = source.metadata.labels.get(building.APP, "")
    files = [file for _, file in reading.of(ApplicationFile) if file.metadata.name == name]
    own = [source.application] if source.application else files
    return [output.name for file in own for each in file.spec.components for output in each.outputs]


def _expect(
    reading: Reading, document: Document, path: Path_, what: str, name: str, known: list[str]
) -> None:
    if name not in known and not reading.torn:
        said = f"there is no {what} {name}{nearest(name, known)}"
        reading.complaints.append(complain(document, path, said))


def _names(reading: Reading, model: type[Shape]) -> list[str]:
    return reading.names[model]


def _targets(reading: Reading, environment: str | None) -> tuple[Target, ...]:
    for _, each in reading.of(EnvironmentFile):
        if each.metadata.name == environment:
            return building.environment(each, _clusters(reading)).targets
    return ()


def _clusters(reading: Reading) -> dict[str, Cluster]:
    return {each.metadata.name: cluster(each) for _, each in reading.of(ClusterFile)}


def _catalog(reading: Reading, sources: list[Source], types: Mapping[str, Properties]) -> Catalog:
    clusters = _clusters(reading)
    environments = {
        each.metadata.name: building.environment(each, clusters)
        for _, each in reading.of(EnvironmentFile)
    }
    return Catalog(
        applications={
            each.metadata.name: building.application(
                each, policies_of(reading, each, sources), types
            )
            for _, each in reading.of(ApplicationFile)
        },
        environments=environments,
        clusters=clusters,
        people={
            **{each.metadata.name: building.person(each) for _, each in reading.of(PersonFile)},
            **machines_of(reading),
        },
        triggers=triggers_of(reading),
        roles=tuple(_names(reading, RoleFile)),
        members={
            each.metadata.name: members_of(each.spec.members)
            for _, each in reading.of(RoleFile)
            if each.spec.members is not None
        },
        workflows=_workflows(sources, tuple(environments)),
    )


def _workflows(
    sources: list[Source], environments: tuple[str, ...]
) -> dict[tuple[str, str], Workflow]:
    """Answer the workflow of each place that has one in a file; that of an Application stands back."""
    found: dict[tuple[str, str], Workflow] = {}
    for each in sources:
        made = each.workflow()
        if each.application is None:
            if made.application and made.environment:
                found[made.application, made.environment] = made
            continue
        name = each.application.metadata.name
        for environment in environments:
            own = replace(
                made, name=f"workflow-{environment}", application=name, environment=environment
            )
            found.setdefault((name, environment), own)
    return found
