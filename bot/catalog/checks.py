"""What only others can say of a file, and the checks of the steps of a workflow that make use of it.

The catalog knows no step type and no expression: whoever reads files brings a `Checks`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from bot.catalog import building
from bot.catalog.complaints import Complaint, complain
from bot.catalog.documents import Document, Path_
from bot.catalog.durations import parse_duration
from bot.catalog.model import (
    GROUP,
    Application,
    Component,
    Environment,
    Policy,
    Properties,
    Step,
    Target,
    Workflow,
)
from bot.catalog.schema import BackoffShape, ObjectMetadata, StepShape, SubStepShape

Fault = tuple[Path_, str]
Found = Iterable[Fault]


class Checks(Protocol):
    """What only others can say of a file: whether the properties of steps and components mean something."""

    def step(
        self,
        type: str,  # noqa: A002 - as in YAML
        properties: Mapping[str, Any],
        targets: Sequence[Target],
        filled: Sequence[str],
    ) -> Found:
        """List what is wrong with a step's type (an empty path) or its properties.

        `filled` are the places in the properties that inputs fill when the step runs.
        """
        ...

    def definition(self, name: str, terraform: Properties) -> Found:
        """List what is wrong with a component type that Terraform makes, each with its path in the file."""
        ...

    def component(self, component: Component) -> Found:
        """List what is wrong with a component: its type, its properties, its traits."""
        ...

    def policy(self, policy: Policy) -> Found:
        """List what is wrong with a policy: its type, its properties."""
        ...

    def overrides(self, application: Application) -> Iterable[tuple[Policy, Fault]]:
        """List what overrides name that the application does not have, each with its path in the policy."""
        ...

    def delivery(self, step: Step, application: Application, environment: Environment) -> Found:
        """List what is wrong with what a step delivers there, each with its path in the step's properties."""
        ...

    def condition(self, text: str) -> str | None:
        """Say what is wrong with an `if`, if anything."""
        ...

    def value_from(self, text: str) -> str | None:
        """Say what is wrong with a `valueFrom`, if anything."""
        ...

    def text(self, text: str) -> str | None:
        """Say what is wrong with the `${{ }}` in a text, if anything."""
        ...

    def structure(self, workflow: Workflow, known_outputs: Iterable[str]) -> Found:
        """List what is wrong with how steps hang together; places begin with the number of a step."""
        ...


def check_steps(
    document: Document,
    path: Path_,
    metadata: ObjectMetadata,
    steps: Sequence[StepShape],
    targets: Sequence[Target],
    checks: Checks,
    *,
    mode: Any = None,
    known_outputs: Iterable[str] = (),
) -> Iterator[Complaint]:
    """Complain about the steps that stand at `path`. `known_outputs` are left by something else than a step."""
    fine = True
    for at, step in enumerate(steps):
        here = (*path, at)
        for found in _check_group(document, here, step, targets, checks):
            fine = False
            yield found
    if not fine:
        return  # how steps hang together cannot be said of steps that are none
    try:
        made = building.workflow(metadata, steps, mode)
    except ValueError as error:
        yield complain(document, ("metadata", "annotations", building.TIMEOUT), str(error))
        return
    for place, text in checks.structure(made, known_outputs):
        yield complain(document, (*path, *place), text)


def _check_group(
    document: Document, path: Path_, step: StepShape, targets: Sequence[Target], checks: Checks
) -> Iterator[Complaint]:
    if step.type != GROUP:
        if step.sub_steps:
            said = f"only a step-group has sub-steps, this is of type {step.type}"
            yield complain(document, (*path, "subSteps"), said)
        if step.mode is not None:
            said = f"only a step-group has a mode, this is of type {step.type}"
            yield complain(document, (*path, "mode"), said)
    yield from _check_step(document, path, step, targets, checks)
    for at, sub in enumerate(step.sub_steps):
        here = (*path, "subSteps", at)
        if sub.type == GROUP:
            said = (
                "groups are not nested; give this group more sub-steps, or put it beside the other"
            )
            yield complain(document, (*here, "type"), said)
        else:
            yield from _check_step(document, here, sub, targets, checks)


def _check_step(
    document: Document, path: Path_, step: SubStepShape, targets: Sequence[Target], checks: Checks
) -> Iterator[Complaint]:
    if step.type != GROUP:
        filled = [each.parameter_key for each in step.inputs if each.parameter_key]
        for below, text in checks.step(step.type, step.properties, targets, filled):
            place = (*path, "properties", *below) if below else (*path, "type")
            yield complain(document, place, text)
    for place, text in _durations(step):
        try:
            parse_duration(text)
        except ValueError as error:
            yield complain(document, (*path, *place), str(error))
    for place, wrong in _expressions(step, checks):
        yield complain(document, (*path, *place), f"it cannot be evaluated: {wrong}")


def _expressions(step: SubStepShape, checks: Checks) -> Iterator[tuple[Path_, str]]:
    """Yield the expressions of a step that are none, with why."""
    wrong = None if step.if_.strip() in {"", "always"} else checks.condition(step.if_)
    if wrong is not None:
        yield ("if",), wrong
    for at, each in enumerate(step.outputs):
        wrong = checks.value_from(each.value_from or each.from_key)
        if wrong is not None:
            yield ("outputs", at, "valueFrom"), wrong
    for here, text in _texts(("properties",), step.properties):
        wrong = checks.text(text)
        if wrong is not None:
            yield here, wrong


def _durations(step: SubStepShape) -> Iterator[tuple[Path_, str]]:
    if step.timeout:
        yield ("timeout",), step.timeout
    if isinstance(step.backoff, str):
        yield ("backoff",), step.backoff
    elif isinstance(step.backoff, BackoffShape):
        yield ("backoff", "duration"), step.backoff.duration
        yield ("backoff", "maxDuration"), step.backoff.max_duration


def _texts(path: Path_, value: Any) -> Iterator[tuple[Path_, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from _texts((*path, key), each)
    elif isinstance(value, list):
        for at, each in enumerate(value):
            yield from _texts((*path, at), each)
