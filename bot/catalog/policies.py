"""Policies in files: those of an application and stand-alone ones, where they are bound, and to whom they belong."""

from collections.abc import Iterator, Sequence
from typing import Any

from bot.catalog.building import APP, ENV, TARGET, own_policies
from bot.catalog.checks import Checks
from bot.catalog.complaints import Complaint, complain, nearest
from bot.catalog.documents import Document, Path_
from bot.catalog.model import Policy
from bot.catalog.reading import Reading
from bot.catalog.schema import ApplicationFile, EnvironmentFile, PolicyFile, StepShape
from bot.catalog.sources import Source

OVERRIDE = "override"


def check_policies(reading: Reading, checks: Checks) -> Iterator[Complaint]:
    """Complain about the policies of all files."""
    for document, file in reading.of(PolicyFile):
        yield from _check(document, (), made_of(file), checks)
        yield from _check_binding(reading, document, file)
    alone = {file.metadata.name for _, file in reading.of(PolicyFile)}
    for document, application in reading.of(ApplicationFile):
        seen: set[str] = set(alone)
        for at, each in enumerate(own_policies(application)):
            path: Path_ = ("spec", "policies", at)
            yield from _check(document, path, each, checks)
            if each.name and each.name in seen:
                yield complain(document, (*path, "name"), f"there are two policies {each.name}")
            seen.add(each.name)


def _check(document: Document, path: Path_, policy: Policy, checks: Checks) -> Iterator[Complaint]:
    for below, said in checks.policy(policy):
        yield complain(document, (*path, *below), said)


def _check_binding(reading: Reading, document: Document, file: PolicyFile) -> Iterator[Complaint]:
    """Complain about labels that bind a policy to what is not there, or that bind what cannot be bound."""
    labels = file.metadata.labels
    environments = {each.metadata.name: each for _, each in reading.of(EnvironmentFile)}
    names = (
        (APP, "application", reading.names[ApplicationFile]),
        (ENV, "environment", reading.names[EnvironmentFile]),
    )
    for label, what, known in names:
        if label in labels and labels[label] not in known and not reading.torn:
            said = f"there is no {what} {labels[label]}{nearest(labels[label], known)}"
            yield complain(document, ("metadata", "labels", label), said)
    if ENV in labels and file.type != OVERRIDE:
        said = f"only an override is bound to an environment, this is of type {file.type}"
        yield complain(document, ("metadata", "labels", ENV), said)
    target, place = labels.get(TARGET), environments.get(labels.get(ENV, ""))
    if target is None:
        return
    if place is None:
        said = f"a target is one of an environment: the label {ENV} says of which"
        yield complain(document, ("metadata", "labels", TARGET), said)
    elif target not in (known := [each.name for each in place.spec.targets]):
        said = f"{place.metadata.name} has no target {target}{nearest(target, known)}"
        yield complain(document, ("metadata", "labels", TARGET), said)


def policies_of(
    reading: Reading, application: ApplicationFile, sources: Sequence[Source]
) -> tuple[Policy, ...]:
    """Answer the policies of an application: its own, those bound to where it goes, those that steps name."""
    named = {
        str(name)
        for source in sources
        for step in _all(source.steps)
        for name in _names(step.properties)
    }
    alone = [
        policy
        for _, file in reading.of(PolicyFile)
        if file.metadata.labels.get(APP) in {None, application.metadata.name}
        and ((policy := made_of(file)).environment or policy.name in named)
    ]
    return (*own_policies(application), *alone)


def made_of(file: PolicyFile) -> Policy:
    """Make a stand-alone policy."""
    labels = file.metadata.labels
    return Policy(
        name=file.metadata.name,
        type=file.type,
        properties=file.properties,
        environment=labels.get(ENV, ""),
        target=labels.get(TARGET, ""),
    )


def _all(steps: Sequence[StepShape]) -> Iterator[Any]:
    for step in steps:
        yield step
        yield from step.sub_steps


def _names(properties: dict[str, Any]) -> list[Any]:
    found = properties.get("policies")
    return [*(found if isinstance(found, list) else []), properties.get("policy") or ""]
