"""Makes the values of the catalog of checked files, and checks what stands inside workflows and applications."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from bot.catalog.complaints import Complaint, complain, nearest
from bot.catalog.documents import Document, Path_
from bot.catalog.durations import parse_duration
from bot.catalog.model import (
    Application,
    Cluster,
    Component,
    Environment,
    Input,
    Output,
    Person,
    Step,
    Target,
    Trait,
    Workflow,
)
from bot.catalog.schema import (
    GROUPS,
    ApplicationFile,
    ClusterFile,
    ComponentShape,
    EnvironmentFile,
    PersonFile,
    StepShape,
    WorkflowFile,
)

if TYPE_CHECKING:
    from bot.catalog.loader import Checks

APP = "app.oam.dev/name"
ENV = "app.oam.dev/env-name"
DESCRIPTION = "app.oam.dev/description"
REPOSITORY = "shipmate.dev/repository"
TRAITS = ("scaler",)


def application(file: ApplicationFile) -> Application:
    """Make an application."""
    notes = file.metadata.annotations
    return Application(
        name=file.metadata.name,
        description=notes.get(DESCRIPTION, ""),
        repository=notes.get(REPOSITORY, "").rstrip("/"),
        components=tuple(
            Component(
                name=each.name,
                type=each.type,
                properties=each.properties,
                traits=tuple(
                    Trait(type=trait.type, properties=trait.properties) for trait in each.traits
                ),
            )
            for each in file.spec.components
        ),
    )


def environment(file: EnvironmentFile) -> Environment:
    """Make an environment."""
    spec = file.spec
    return Environment(
        name=file.metadata.name,
        description=spec.description,
        targets=tuple(
            Target(
                name=each.name,
                cluster=each.cluster,
                namespace=each.namespace,
                variables=each.variables,
            )
            for each in spec.targets
        ),
        slack_channel=spec.slack.channel.lstrip("#") if spec.slack else "",
        deployers=tuple(spec.deployers),
        approvers=tuple(spec.approvers),
    )


def cluster(file: ClusterFile) -> Cluster:
    """Make a cluster."""
    return Cluster(
        name=file.metadata.name, context=file.spec.context, kubeconfig=file.spec.kubeconfig
    )


def person(file: PersonFile) -> Person:
    """Make a person."""
    return Person(
        name=file.metadata.name,
        email=file.spec.email,
        roles=tuple(file.spec.roles),
        slack_id=file.spec.slack_id,
        dingtalk_id=file.spec.dingtalk_id,
    )


def workflow(file: WorkflowFile) -> Workflow:
    """Make a workflow."""
    labels = file.metadata.labels
    return Workflow(
        name=file.metadata.name,
        application=labels[APP],
        environment=labels[ENV],
        steps=tuple(_step(each, at) for at, each in enumerate(file.steps)),
    )


def check_components(
    document: Document, file: ApplicationFile, checks: Checks
) -> Iterator[Complaint]:
    """Complain about the components of an application."""
    seen: set[str] = set()
    for at, each in enumerate(file.spec.components):
        path: Path_ = ("spec", "components", at)
        if each.name in seen:
            yield complain(document, (*path, "name"), f"there are two components {each.name}")
        seen.add(each.name)
        for below, text in checks.component(each.type, each.properties):
            place = (*path, "properties", *below) if below else (*path, "type")
            yield complain(document, place, text)
        for index, trait in enumerate(each.traits):
            here = (*path, "traits", index)
            if trait.type not in TRAITS:
                said = (
                    f"there is no trait {trait.type}{nearest(trait.type, TRAITS)} (known: scaler)"
                )
                yield complain(document, (*here, "type"), said)
                continue
            yield from _check_scaler(document, here, each, trait.properties)


def _check_scaler(
    document: Document, path: Path_, component: ComponentShape, properties: dict[str, Any]
) -> Iterator[Complaint]:
    """Complain about a `scaler`; without `replicas` it means one, as in KubeVela."""
    replicas = properties.get("replicas", 1)
    if isinstance(replicas, bool) or not isinstance(replicas, int) or not 0 <= replicas <= 1000:
        said = f"expected a number of replicas from 0 to 1000, found {replicas!r}"
        yield complain(document, (*path, "properties", "replicas"), said)
    for key in properties:
        if key != "replicas":
            said = f"there is no property {key}{nearest(key, ['replicas'])} (known: replicas)"
            yield complain(document, (*path, "properties", key), said)
    if "replicas" in component.properties or len(component.traits) > 1:
        said = "the number of replicas is given twice; expected one scaler or replicas"
        yield complain(document, (*path, "type"), said)


def check_approvers(
    document: Document, file: WorkflowFile, roles: Sequence[str]
) -> Iterator[Complaint]:
    """Complain about roles of approvers that nobody can have."""
    for at, step in enumerate(file.steps):
        approvers = step.properties.get("approvers")
        if step.type != "suspend" or not isinstance(approvers, list):
            continue
        for index, role in enumerate(approvers):
            if isinstance(role, str) and role not in roles:
                said = f"there is no role {role}{nearest(role, roles)}"
                yield complain(document, ("steps", at, "properties", "approvers", index), said)


def check_workflow(
    document: Document, file: WorkflowFile, targets: tuple[Target, ...], checks: Checks
) -> Iterator[Complaint]:
    """Complain about the steps of a workflow."""
    seen: set[str] = set()
    outputs: set[str] = set()
    for at, step in enumerate(file.steps):
        path: Path_ = ("steps", at)
        name = step.name or f"step-{at}"
        if name in seen:
            yield complain(document, (*path, "name"), f"there are two steps {name}")
        seen.add(name)
        types = checks.step_types()
        if step.type == "step-group":
            yield complain(document, (*path, "type"), f"not supported: {GROUPS}")
        elif step.type not in types:
            said = f"there is no step type {step.type}{nearest(step.type, types)} (known: {', '.join(types)})"
            yield complain(document, (*path, "type"), said)
        else:
            for below, text in checks.step(step.type, step.properties, targets):
                yield complain(document, (*path, "properties", *below), text)
        yield from _check_values(document, path, step, outputs, checks)
        outputs |= {each.name for each in step.outputs}


def _check_values(
    document: Document, path: Path_, step: StepShape, outputs: set[str], checks: Checks
) -> Iterator[Complaint]:
    if step.timeout:
        try:
            parse_duration(step.timeout)
        except ValueError as error:
            yield complain(document, (*path, "timeout"), str(error))
    if step.if_ and step.if_ != "always":
        wrong = checks.expression(step.if_)
        if wrong is not None:
            yield complain(document, (*path, "if"), f"no CEL expression: {wrong}")
    for at, each in enumerate(step.outputs):
        wrong = checks.expression(each.value_from)
        if wrong is not None:
            here = (*path, "outputs", at, "valueFrom")
            yield complain(document, here, f"no CEL expression: {wrong}")
    yield from _check_inputs(document, path, step, outputs)
    for here, text in _texts((*path, "properties"), step.properties):
        wrong = checks.text(text)
        if wrong is not None:
            yield complain(document, here, f"no CEL expression: {wrong}")


def _check_inputs(
    document: Document, path: Path_, step: StepShape, outputs: set[str]
) -> Iterator[Complaint]:
    for at, given in enumerate(step.inputs):
        first = given.from_.partition(".")[0]
        if first != "context" and given.from_ not in outputs and first not in outputs:
            said = f"no earlier step has an output {given.from_}{nearest(given.from_, outputs)}"
            yield complain(document, (*path, "inputs", at, "from"), said)


def _texts(path: Path_, value: Any) -> Iterator[tuple[Path_, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from _texts((*path, key), each)
    elif isinstance(value, list):
        for at, each in enumerate(value):
            yield from _texts((*path, at), each)


def _step(shape: StepShape, at: int) -> Step:
    return Step(
        name=shape.name or f"step-{at}",
        type=shape.type,
        properties=shape.properties,
        alias=shape.meta.alias,
        if_=shape.if_,
        timeout=parse_duration(shape.timeout) if shape.timeout else None,
        retries=shape.retries,
        inputs=tuple(
            Input(from_=each.from_, parameter_key=each.parameter_key) for each in shape.inputs
        ),
        outputs=tuple(Output(name=each.name, value_from=each.value_from) for each in shape.outputs),
    )
