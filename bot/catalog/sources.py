"""Which steps a document of KubeVela's brings: its own, or those of the Workflow that it names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.catalog import building
from bot.catalog.complaints import Complaint, complain, nearest
from bot.catalog.documents import Document, Path_
from bot.catalog.model import Workflow
from bot.catalog.schema import (
    ApplicationFile,
    ModeShape,
    ObjectMetadata,
    Shape,
    StepShape,
    WorkflowFile,
    WorkflowRunFile,
)

Templates = Mapping[str, tuple[Document, WorkflowFile]]
"""The Workflows that can be named, by their names."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """The steps of one workflow, where they stand, and what they run as.

    `own` says whether they stand in the document itself, so that they are checked once.
    """

    document: Document
    path: Path_
    metadata: ObjectMetadata
    steps: Sequence[StepShape]
    mode: ModeShape | None
    context: dict[str, Any] = field(default_factory=dict)
    own: bool = True
    application: ApplicationFile | None = None

    def workflow(self) -> Workflow:
        """Make the workflow; for steps without a mistake only."""
        return building.workflow(self.metadata, self.steps, self.mode, self.context)


def source_of(document: Document, file: Shape, templates: Templates) -> Source | Complaint | None:
    """Find the steps of a document; None when it has none. A reference that leads nowhere is a complaint."""
    if isinstance(file, WorkflowFile):
        return Source(
            document=document,
            path=("steps",),
            metadata=file.metadata,
            steps=file.steps,
            mode=file.mode,
        )
    if isinstance(file, WorkflowRunFile):
        return _of_run(document, file, templates)
    if isinstance(file, ApplicationFile):
        return _of_application(document, file, templates)
    return None


def _of_run(document: Document, file: WorkflowRunFile, templates: Templates) -> Source | Complaint:
    spec = file.spec
    if spec.workflow_spec is not None:
        return Source(
            document=document,
            path=("spec", "workflowSpec", "steps"),
            metadata=file.metadata,
            steps=spec.workflow_spec.steps,
            mode=building.run_mode(file, None),
            context=spec.context,
        )
    if not spec.workflow_ref:
        return complain(document, ("spec",), "it needs steps: a workflowSpec or a workflowRef")
    found = templates.get(spec.workflow_ref)
    if found is None:
        return _no_template(document, ("spec", "workflowRef"), spec.workflow_ref, templates)
    return Source(
        document=found[0],
        path=("steps",),
        metadata=_joined(file.metadata, found[1].metadata),
        steps=found[1].steps,
        mode=building.run_mode(file, found[1]),
        context=spec.context,
        own=False,
    )


def _of_application(
    document: Document, file: ApplicationFile, templates: Templates
) -> Source | Complaint | None:
    wanted = file.spec.workflow
    if wanted is None or not (wanted.ref or wanted.steps):
        return None
    if wanted.ref and wanted.steps:
        said = "it has steps and a ref; expected one of them"
        return complain(document, ("spec", "workflow", "ref"), said)
    if wanted.steps:
        return Source(
            document=document,
            path=("spec", "workflow", "steps"),
            metadata=file.metadata,
            steps=wanted.steps,
            mode=wanted.mode,
            application=file,
        )
    found = templates.get(wanted.ref)
    if found is None:
        return _no_template(document, ("spec", "workflow", "ref"), wanted.ref, templates)
    return Source(
        document=found[0],
        path=("steps",),
        metadata=_joined(file.metadata, found[1].metadata),
        steps=found[1].steps,
        mode=wanted.mode or found[1].mode,
        own=False,
        application=file,
    )


def _joined(own: ObjectMetadata, template: ObjectMetadata) -> ObjectMetadata:
    """Answer the metadata of what runs a template: its own, with the template's annotations below."""
    return own.model_copy(update={"annotations": {**template.annotations, **own.annotations}})


def _no_template(document: Document, path: Path_, name: str, templates: Templates) -> Complaint:
    return complain(document, path, f"there is no Workflow {name}{nearest(name, templates)}")
