"""ComponentDefinitions in files: which component types are made by Terraform, and what is wrong with one."""

from collections.abc import Iterator, Mapping

from bot.catalog.checks import Checks
from bot.catalog.complaints import Complaint, complain
from bot.catalog.definitions import ComponentDefinitionFile, ComponentDefinitionSpec
from bot.catalog.model import Properties
from bot.catalog.reading import Reading

OF_KUBEVELA = {
    "cue": "it holds CUE, which Shipmate does not run",
    "kube": "it holds a template of KubeVela's own",
    "helm": "it holds a Helm chart for KubeVela's own controller",
}
UNREADABLE: Properties = {"type": "remote", "configuration": "unreadable"}
"""In place of a definition with a mistake: what is wrong is said of it, and not of every component of its type."""


def check_definitions(reading: Reading, checks: Checks) -> Iterator[Complaint]:
    """Complain about mistakes in the component types that Terraform makes."""
    for document, each in reading.of(ComponentDefinitionFile):
        terraform = _terraform(each.spec)
        if terraform is not None:
            for path, text in checks.definition(each.metadata.name, terraform):
                yield complain(document, path, text)


def unsupported_definitions(reading: Reading) -> Iterator[Complaint]:
    """Complain about definitions of component types that are made by something else."""
    for document, each in reading.of(ComponentDefinitionFile):
        if _terraform(each.spec) is None:
            said = (
                f"the ComponentDefinition {each.metadata.name} is not supported: {_why(each.spec)}"
            )
            yield complain(document, ("kind",), said)


def cloud_types(reading: Reading, checks: Checks) -> Mapping[str, Properties]:
    """Answer the schematic of each component type that is made by Terraform."""
    declared = dict.fromkeys(reading.names[ComponentDefinitionFile], UNREADABLE)
    made = {
        each.metadata.name: terraform
        for _, each in reading.of(ComponentDefinitionFile)
        if (terraform := _terraform(each.spec)) is not None
        and not list(checks.definition(each.metadata.name, terraform))
    }
    return {**declared, **made}


def _terraform(spec: ComponentDefinitionSpec) -> Properties | None:
    if spec.schematic is None or spec.schematic.terraform is None:
        return None
    found: Properties = spec.schematic.terraform.model_dump(
        by_alias=True, exclude_unset=True, exclude_none=True
    )
    return found


def _why(spec: ComponentDefinitionSpec) -> str:
    given = spec.schematic.model_dump(exclude_none=True) if spec.schematic else {}
    said = next((why for key, why in OF_KUBEVELA.items() if key in given), "it has no schematic")
    return f"{said}; only Terraform's modules make component types here"
