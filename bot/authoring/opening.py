"""Opens files that someone looks at: the workflows in them, as KubeVela would run them, and what is wrong.

Takes KubeVela's YAML as it is: other objects in the same file are passed over, an application without steps gets
the workflow that KubeVela would generate.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path

from bot.catalog import building
from bot.catalog.checks import Checks, check_steps
from bot.catalog.complaints import CatalogProblems, Complaint, complain
from bot.catalog.defining import check_definitions, cloud_types, unsupported_definitions
from bot.catalog.documents import Document, yaml_files
from bot.catalog.loader import CUE
from bot.catalog.model import Application, Workflow
from bot.catalog.reading import GROUPS, Reading, read, unknown_kind
from bot.catalog.schema import (
    FILES,
    ApplicationFile,
    EnvironmentFile,
    Shape,
    StepDefinitionFile,
    WorkflowFile,
    WorkflowRunFile,
)
from bot.catalog.sources import Source, source_of
from bot.errors import UserError
from bot.workflow.checks import problems
from bot.workflow.generated import kubevela_workflow, with_components


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """One workflow of a file: the kind and name of its object, and the application that it delivers, if any."""

    document: Document
    kind: str
    name: str
    workflow: Workflow
    application: Application | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What is in some files. Without complaints every workflow in them could be run."""

    opened: tuple[Opened, ...]
    complaints: tuple[Complaint, ...]
    unsupported: tuple[Complaint, ...]
    """Objects that mean something to KubeVela and nothing here; the others can be played without them."""
    reading: Reading

    @property
    def is_company(self) -> bool:
        """Whether these files say where to deliver, so that they are a whole catalog."""
        return bool(self.reading.of(EnvironmentFile) or self.reading.names[EnvironmentFile])


def open_files(paths: Iterable[Path], checks: Checks) -> Contents:
    """Read files and folders. Mistakes are in the answer; nothing is raised."""
    files: list[Path] = []
    for path in paths:
        files += yaml_files(path) if path.is_dir() else [path]
    reading = read(files)
    opened: list[Opened] = []
    for model in (WorkflowRunFile, ApplicationFile, WorkflowFile):
        for document, file in reading.of(model):
            found = _open(document, file, reading, checks)
            reading.complaints += found if isinstance(found, list) else []
            opened += [found] if isinstance(found, Opened) else []
    reading.complaints += [unknown_kind(each) for each in reading.others if _is_meant(each)]
    unsupported = [
        complain(
            document,
            ("kind",),
            f"the WorkflowStepDefinition {each.metadata.name} is not supported: {CUE}",
        )
        for document, each in reading.of(StepDefinitionFile)
    ]
    unsupported += unsupported_definitions(reading)
    reading.complaints += check_definitions(reading, checks)
    return Contents(
        opened=tuple(opened),
        complaints=tuple(reading.complaints),
        unsupported=tuple(unsupported),
        reading=reading,
    )


def _is_meant(document: Document) -> bool:
    """Say whether an object of another kind was to be one of ours: a typing mistake, or no object at all."""
    value = document.value if isinstance(document.value, dict) else {}
    group = str(value.get("apiVersion", "")).partition("/")[0]
    if not group:
        return True
    near = get_close_matches(str(value.get("kind")), FILES, n=1, cutoff=0.8)
    return group in GROUPS and bool(near)


def _open(
    document: Document, file: Shape, reading: Reading, checks: Checks
) -> Opened | list[Complaint] | None:
    source = source_of(document, file, reading.templates)
    if isinstance(source, Complaint):
        return [source]
    outputs = _component_outputs(file)
    wrong = _wrong(source, checks, outputs) if source else []
    if wrong:
        return wrong
    if isinstance(file, ApplicationFile):
        application = building.application(
            file, building.own_policies(file), cloud_types(reading, checks)
        )
        return _open_application(document, file, application, source)
    if source is None:
        return None
    name = source.metadata.name or source.metadata.generate_name
    return Opened(
        document=document, kind=str(document.value["kind"]), name=name, workflow=source.workflow()
    )


def _open_application(
    document: Document, file: ApplicationFile, application: Application, source: Source | None
) -> Opened | list[Complaint] | None:
    if source is not None:
        workflow = source.workflow()
    else:
        if not application.components:
            return None
        workflow = _with_mode(kubevela_workflow(application), file)
    workflow = with_components(workflow, application)
    wrong = list(problems(workflow, _component_outputs(file)))
    if wrong and source is None:
        # Steps were made of components: their names and dependencies are the steps'.
        return [complain(document, ("spec", "components", place[0]), text) for place, text in wrong]
    return Opened(
        document=document,
        kind="Application",
        name=application.name,
        workflow=workflow,
        application=application,
    )


def _with_mode(workflow: Workflow, file: ApplicationFile) -> Workflow:
    mode = file.spec.workflow.mode if file.spec.workflow else None
    if mode is None:
        return workflow
    return replace(
        workflow,
        mode=mode.steps or workflow.mode,
        sub_mode=mode.sub_steps or workflow.sub_mode,
    )


def _wrong(source: Source, checks: Checks, outputs: Sequence[str]) -> list[Complaint]:
    if not source.own:
        return []
    return list(
        check_steps(
            source.document,
            source.path,
            source.metadata,
            source.steps,
            (),
            checks,
            mode=source.mode,
            known_outputs=outputs,
        )
    )


def _component_outputs(file: Shape) -> list[str]:
    if not isinstance(file, ApplicationFile):
        return []
    return [output.name for each in file.spec.components for output in each.outputs]


def choose(contents: Contents, file: Path, name: str = "") -> Opened:
    """Answer the workflow that is meant: the one of that name, or of the kind that runs others.

    Raises CatalogProblems for mistakes, and UserError when there is none or more than one.
    """
    if contents.complaints:
        raise CatalogProblems(list(contents.complaints))
    found = [each for each in contents.opened if name in {"", each.name}]
    for kind in ("WorkflowRun", "Application", "Workflow"):
        of_kind = [each for each in found if each.kind == kind]
        if len(of_kind) == 1:
            return of_kind[0]
        if of_kind:
            names = ", ".join(each.name for each in of_kind)
            raise UserError(f"{file} has several: {names}; say which with --name")
    known = ", ".join(each.name for each in contents.opened)
    if name and known:
        raise UserError(f"{file} has no workflow {name} (it has: {known})")
    raise UserError(f"{file} has no workflow that could be played")
