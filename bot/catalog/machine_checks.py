"""What is wrong with the names in Triggers and ServiceAccounts, and the machines that they make."""

from collections.abc import Callable, Iterator, Mapping

from bot.catalog.complaints import Complaint, complain, nearest
from bot.catalog.documents import Document, Path_
from bot.catalog.machine_shapes import (
    MachineFile,
    ServiceAccountFile,
    TriggerFile,
    machine,
    trigger,
)
from bot.catalog.machines import Trigger
from bot.catalog.model import Person
from bot.catalog.reading import Reading
from bot.catalog.schema import ApplicationFile, EnvironmentFile, PersonFile, RoleFile

Expect = Callable[[Document, Path_, str, str, list[str]], None]
"""Complains where a name is none of those that are known: the document, the place, what it names, the name, the known."""


def check_machines(reading: Reading, expect: Expect) -> None:
    """Complain about names that do not exist, and about those that two share."""
    roles = reading.names[RoleFile]
    for document, file in _files(reading):
        for at, role in enumerate(file.spec.roles):
            expect(document, ("spec", "roles", at), "role", role, roles)
    for document, found in reading.of(TriggerFile):
        place = (("application", ApplicationFile), ("environment", EnvironmentFile))
        for key, model in place:
            name = getattr(found.spec, key)
            expect(document, ("spec", key), key, name, reading.names[model])
        reading.complaints += _check_components(reading, document, found)
    reading.complaints += _check_twins(reading)


def _files(reading: Reading) -> Iterator[tuple[Document, MachineFile]]:
    yield from reading.of(TriggerFile)
    yield from reading.of(ServiceAccountFile)


def _check_components(
    reading: Reading, document: Document, file: TriggerFile
) -> Iterator[Complaint]:
    """Complain about components that get no image."""
    for _, each in reading.of(ApplicationFile):
        if each.metadata.name != file.spec.application:
            continue
        known = [one.name for one in each.spec.components if "image" in one.properties]
        for at, name in enumerate(file.spec.components):
            if name not in known:
                said = f"{each.metadata.name} has no component {name} with an image{nearest(name, known)}"
                yield complain(document, ("spec", "components", at), said)


def _check_twins(reading: Reading) -> Iterator[Complaint]:
    """Complain about a machine that is called like somebody else: the audit log could not tell them apart."""
    seen = {each.metadata.name: document for document, each in reading.of(PersonFile)}
    for document, each in _files(reading):
        name = each.metadata.name
        if name in seen and seen[name].value["kind"] != each.kind:
            other = seen[name]
            said = f"{name} is already in {other.file}:{other.line(('metadata', 'name'))}"
            yield complain(document, ("metadata", "name"), said)
        seen.setdefault(name, document)


def machines_of(reading: Reading) -> Mapping[str, Person]:
    """Make the machines, by name."""
    return {each.metadata.name: machine(each) for _, each in _files(reading)}


def triggers_of(reading: Reading) -> Mapping[str, Trigger]:
    """Make the triggers, by name."""
    return {each.metadata.name: trigger(each) for _, each in reading.of(TriggerFile)}
