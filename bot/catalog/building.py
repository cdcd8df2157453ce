"""Makes the values of the catalog of checked files, and checks what stands inside applications."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from bot.catalog.approval_shapes import reminders_of, requirements_of, working_hours_of
from bot.catalog.clusters import control_of
from bot.catalog.complaints import Complaint, complain, nearest
from bot.catalog.documents import Document, Path_
from bot.catalog.durations import parse_duration
from bot.catalog.model import (
    TERRAFORM,
    Application,
    Backoff,
    Cluster,
    Component,
    Environment,
    Input,
    Mode,
    Output,
    Person,
    Policy,
    Properties,
    Step,
    Target,
    Trait,
    Workflow,
)
from bot.catalog.order import circle
from bot.catalog.rules import freeze, permission
from bot.catalog.schema import (
    ApplicationFile,
    BackoffShape,
    ComponentShape,
    EnvironmentFile,
    InputShape,
    ModeShape,
    ObjectMetadata,
    OutputShape,
    PersonFile,
    StepShape,
    SubStepShape,
    WorkflowFile,
    WorkflowRunFile,
)

if TYPE_CHECKING:
    from bot.catalog.checks import Checks

LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
"""What can be the value of a label, and part of the name of a run."""
NO_LABEL = "expected lower-case letters, digits and dashes, at most 63"
APP = "app.oam.dev/name"
ENV = "app.oam.dev/env-name"
DESCRIPTION = "app.oam.dev/description"
REPOSITORY = "shipmate.dev/repository"
TARGET = "shipmate.dev/target"
"""A label of a policy: the target that it is bound to."""
TIMEOUT = "shipmate.dev/timeout"
"""An annotation: how long a run of the workflow may take."""
LATER = "it takes effect with a later version"
NO_TYPES: Mapping[str, Properties] = {}


def own_policies(file: ApplicationFile) -> tuple[Policy, ...]:
    """Make the policies that an application brings itself."""
    return tuple(
        Policy(name=each.name, type=each.type, properties=each.properties)
        for each in file.spec.policies
    )


def application(
    file: ApplicationFile,
    policies: tuple[Policy, ...],
    cloud_types: Mapping[str, Properties] = NO_TYPES,
) -> Application:
    """Make an application with its policies. `cloud_types` says which component types are made by Terraform."""
    patched = {name for each in policies for name in each.given_types}
    notes = file.metadata.annotations
    return Application(
        name=file.metadata.name,
        description=notes.get(DESCRIPTION, ""),
        repository=notes.get(REPOSITORY, "").rstrip("/"),
        namespace=file.metadata.namespace or "default",
        labels=file.metadata.labels,
        annotations=notes,
        policies=policies,
        components=tuple(_component(each, cloud_types) for each in file.spec.components),
        cloud_types={name: each for name, each in cloud_types.items() if name in patched},
    )


def environment(file: EnvironmentFile, clusters: Mapping[str, Cluster]) -> Environment:
    """Make an environment. `clusters` are those of the catalog, as far as they are right."""
    spec = file.spec
    approvals = requirements_of(spec.approvals)
    asked = tuple(role for each in approvals for role in each.roles)
    return Environment(
        name=file.metadata.name,
        description=spec.description,
        targets=tuple(
            Target(
                name=each.name,
                cluster=each.cluster,
                namespace=each.namespace,
                variables=each.variables,
                labels=clusters[each.cluster].labels if each.cluster in clusters else {},
            )
            for each in spec.targets
        ),
        slack_channel=spec.slack.channel.lstrip("#") if spec.slack else "",
        slack_language=(spec.slack.language or "") if spec.slack else "",
        dingtalk_group=spec.dingtalk.group if spec.dingtalk else "",
        dingtalk_language=(spec.dingtalk.language or "") if spec.dingtalk else "",
        deployers=tuple(spec.deployers),
        approvers=asked or tuple(spec.approvers),
        approvals=approvals,
        self_approval=spec.self_approval,
        break_glass=tuple(spec.break_glass.roles) if spec.break_glass else (),
        reminders=reminders_of(spec.reminders),
        working_hours=working_hours_of(spec.working_hours),
        control_cluster=control_of(clusters),
        auditors=tuple(spec.auditors),
        permissions=tuple(permission(each) for each in spec.permissions),
        freezes=tuple(freeze(each) for each in spec.freezes),
        concurrency=spec.concurrency,
        machine_approval=spec.machine_approval,
    )


def person(file: PersonFile) -> Person:
    """Make a person."""
    return Person(
        name=file.metadata.name,
        email=file.spec.email,
        roles=tuple(file.spec.roles),
        slack_id=file.spec.slack_id,
        dingtalk_id=file.spec.dingtalk_id,
        notify=file.spec.notify,
        language=file.spec.language or "",
    )


def workflow(
    metadata: ObjectMetadata,
    steps: Sequence[StepShape],
    mode: ModeShape | None,
    context: dict[str, Any] | None = None,
) -> Workflow:
    """Make a workflow. Its labels, if any, say what it is for. Raises ValueError for a duration that is none."""
    labels = metadata.labels
    timeout = metadata.annotations.get(TIMEOUT)
    return Workflow(
        name=metadata.name or metadata.generate_name.rstrip("-."),
        application=labels.get(APP, ""),
        environment=labels.get(ENV, ""),
        steps=steps_of(steps),
        mode=(mode and mode.steps) or Mode.STEP_BY_STEP,
        sub_mode=(mode and mode.sub_steps) or Mode.DAG,
        timeout=parse_duration(timeout) if timeout else None,
        context=context or {},
    )


def run_mode(run: WorkflowRunFile, template: WorkflowFile | None) -> ModeShape | None:
    """Answer the mode of a WorkflowRun: its own wins as a whole over the template's, as in KubeVela."""
    own = run.spec.mode or (run.spec.workflow_spec and run.spec.workflow_spec.mode)
    return own or (template.mode if template else None)


def steps_of(shapes: Sequence[StepShape]) -> tuple[Step, ...]:
    """Make the steps; one without a name is called after its place. Raises ValueError."""
    return tuple(
        _step(
            shape,
            f"step-{at}",
            mode=shape.mode,
            below=tuple(
                _step(sub, f"step-{at}-{index}") for index, sub in enumerate(shape.sub_steps)
            ),
        )
        for at, shape in enumerate(shapes)
    )


def check_components(
    document: Document,
    file: ApplicationFile,
    checks: Checks,
    cloud_types: Mapping[str, Properties] = NO_TYPES,
) -> Iterator[Complaint]:
    """Complain about the components of an application."""
    seen: set[str] = set()
    names = [each.name for each in file.spec.components]
    for at, each in enumerate(file.spec.components):
        path: Path_ = ("spec", "components", at)
        if each.name in seen:
            yield complain(document, (*path, "name"), f"there are two components {each.name}")
        seen.add(each.name)
        if not LABEL.fullmatch(each.name):
            yield complain(document, (*path, "name"), f"{NO_LABEL}, found {each.name!r}")
        yield from _check_later(document, path, each)
        for index, name in enumerate(each.depends_on):
            if name not in names:
                said = f"there is no component {name}{nearest(name, names)}"
                yield complain(document, (*path, "dependsOn", index), said)
        yield from _check_inputs(document, path, each, file)
        for below, text in checks.component(_component(each, cloud_types)):
            yield complain(document, (*path, *below), text)
    waiting = circle([_component(each, cloud_types) for each in file.spec.components])
    if waiting:
        said = f"components wait for each other: {' → '.join(waiting)}"
        where: Path_ = ("spec", "components", names.index(waiting[0]))
        yield complain(document, (*where, "dependsOn"), said)


def _check_inputs(
    document: Document, path: Path_, each: ComponentShape, file: ApplicationFile
) -> Iterator[Complaint]:
    """Complain about values that are taken from nowhere: a component takes from others, or from a step before."""
    left = [output.name for other in file.spec.components for output in other.outputs]
    for at, taken in enumerate(each.inputs):
        first = taken.from_.partition(".")[0]
        near = nearest(first, left)
        if first not in left and taken.from_ not in left and near:
            said = f"no component has an output {taken.from_}{near}"
            yield complain(document, (*path, "inputs", at, "from"), said)


def _check_later(document: Document, path: Path_, each: ComponentShape) -> Iterator[Complaint]:
    """Complain about what KubeVela does with components and this version of ours does not."""
    given = {
        "externalRevision": each.external_revision,
        "replicaKey": each.replica_key,
        "scopes": each.scopes,
    }
    for key, value in given.items():
        if value:
            yield complain(document, (*path, key), f"not supported: {LATER}")


def _component(shape: ComponentShape, cloud_types: Mapping[str, Properties]) -> Component:
    return Component(
        name=shape.name,
        type=shape.type,
        terraform={} if shape.type == TERRAFORM else cloud_types.get(shape.type),
        properties=shape.properties,
        traits=tuple(Trait(type=each.type, properties=each.properties) for each in shape.traits),
        depends_on=tuple(shape.depends_on),
        inputs=_inputs(shape.inputs),
        outputs=_outputs(shape.outputs),
    )


def _step(
    shape: SubStepShape, name: str, *, mode: Mode | None = None, below: tuple[Step, ...] = ()
) -> Step:
    return Step(
        name=shape.name or name,
        type=shape.type,
        properties=shape.properties,
        alias=shape.meta.alias,
        if_=shape.if_,
        timeout=parse_duration(shape.timeout) if shape.timeout else None,
        retries=shape.retries,
        backoff=backoff(shape.backoff),
        depends_on=tuple(shape.depends_on),
        inputs=_inputs(shape.inputs),
        outputs=_outputs(shape.outputs),
        mode=mode,
        sub_steps=below,
    )


def backoff(given: str | BackoffShape | None) -> Backoff | None:
    """Make the waits between attempts; a duration alone is the first of them. Raises ValueError."""
    if given is None:
        return None
    if isinstance(given, str):
        return Backoff(first=parse_duration(given))
    return Backoff(
        first=parse_duration(given.duration),
        factor=given.factor,
        longest=parse_duration(given.max_duration),
    )


def _inputs(shapes: Sequence[InputShape]) -> tuple[Input, ...]:
    return tuple(Input(from_=each.from_, parameter_key=each.parameter_key) for each in shapes)


def _outputs(shapes: Sequence[OutputShape]) -> tuple[Output, ...]:
    return tuple(
        Output(name=each.name, value_from=each.value_from or each.from_key, secret=each.secret)
        for each in shapes
    )
