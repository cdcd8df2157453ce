"""The shapes of the files, as pydantic models: KubeVela's kinds, and our own.

They say what a file may look like and nothing about whether its names exist; `loader` does that. A field that is
given as null is as good as absent, as in Kubernetes.
"""

import re
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    StringConstraints,
    model_validator,
)

from bot.catalog.approval_shapes import (
    BreakGlassShape,
    MembersShape,
    ReminderShape,
    RequirementShape,
    WorkingHoursShape,
)
from bot.catalog.definitions import ComponentDefinitionFile as ComponentDefinitionFile
from bot.catalog.definitions import StepDefinitionFile as StepDefinitionFile
from bot.catalog.machine_shapes import ServiceAccountFile, TriggerFile
from bot.catalog.model import Concurrency, Mode
from bot.catalog.rules import FreezeShape, PermissionShape
from bot.catalog.shapes import Map, Metadata, Name, ObjectName, StepName, Text
from bot.catalog.shapes import ObjectMetadata as ObjectMetadata
from bot.catalog.shapes import Shape as Shape
from bot.languages import Language


class InputShape(Shape):
    """A value that a step takes."""

    from_: Annotated[str, StringConstraints(min_length=1)] = Field(alias="from")
    parameter_key: Text = Field(default="", alias="parameterKey")


class OutputShape(Shape):
    """A value that a step leaves."""

    name: Annotated[str, StringConstraints(min_length=1)]
    value_from: Text = Field(default="", alias="valueFrom")
    from_key: Text = Field(default="", alias="fromKey")
    """What files of KubeVela's own have instead of `valueFrom`: a key of what the step leaves."""
    secret: bool = False

    @model_validator(mode="after")
    def _says_from_where(self) -> "OutputShape":
        if not (self.value_from or self.from_key):
            raise ValueError("a valueFrom")
        return self


class TraitShape(Shape):
    """A trait of a component."""

    type: str
    properties: Map = Field(default_factory=dict)


def _none_as_list(given: Any) -> Any:
    return [] if given is None else given


Inputs = Annotated[list[InputShape], BeforeValidator(_none_as_list)]
Outputs = Annotated[list[OutputShape], BeforeValidator(_none_as_list)]
Names = Annotated[list[str], BeforeValidator(_none_as_list)]
Traits = Annotated[list[TraitShape], BeforeValidator(_none_as_list)]


class ComponentShape(Shape):
    """A component of an application."""

    name: ObjectName
    type: str
    properties: Map = Field(default_factory=dict)
    traits: Traits = Field(default_factory=list)
    depends_on: Names = Field(default_factory=list, alias="dependsOn")
    inputs: Inputs = Field(default_factory=list)
    outputs: Outputs = Field(default_factory=list)
    external_revision: Text = Field(default="", alias="externalRevision")
    replica_key: Text = Field(default="", alias="replicaKey")
    scopes: Map = Field(default_factory=dict)


class PolicyShape(Shape):
    """A policy of an application."""

    name: Text = ""
    type: str
    properties: Map = Field(default_factory=dict)


class Meta(Shape):
    """How a step is shown."""

    alias: Text = ""


class BackoffShape(Shape):
    """How long to wait between attempts: durations, and how fast they grow."""

    duration: str
    factor: Annotated[float, Field(ge=1, le=10, strict=False)] = 2.0
    max_duration: str = Field(default="5m", alias="maxDuration")


def _without_revision(name: str) -> str:
    """Answer `suspend` for `suspend@v1`: KubeVela's definitions have revisions, our types have one form."""
    return re.sub(r"@v\d+$", "", name)


TypeName = Annotated[str, StringConstraints(min_length=1), AfterValidator(_without_revision)]


class SubStepShape(Shape):
    """A step of a group."""

    name: StepName = ""
    type: TypeName
    properties: Map = Field(default_factory=dict)
    meta: Annotated[Meta, BeforeValidator(lambda given: {} if given is None else given)] = Field(
        default_factory=Meta
    )
    if_: Text = Field(default="", alias="if")
    timeout: Text = ""
    depends_on: Names = Field(default_factory=list, alias="dependsOn")
    inputs: Inputs = Field(default_factory=list)
    outputs: Outputs = Field(default_factory=list)
    retries: Annotated[int, Field(ge=0, le=100)] = 10
    backoff: str | BackoffShape | None = None


ModeName = Annotated[Mode, Field(strict=False)]


class StepShape(SubStepShape):
    """A step of a workflow."""

    mode: ModeName | None = None
    sub_steps: Annotated[list[SubStepShape], BeforeValidator(_none_as_list)] = Field(
        default_factory=list, alias="subSteps"
    )


class ModeShape(Shape):
    """How steps follow each other."""

    steps: ModeName | None = None
    sub_steps: ModeName | None = Field(default=None, alias="subSteps")


Steps = Annotated[list[StepShape], BeforeValidator(_none_as_list)]


class WorkflowFile(Shape):
    """KubeVela's `Workflow`: its steps stand at the top level, there is no `spec`."""

    api_version: Literal["core.oam.dev/v1alpha1"] = Field(alias="apiVersion")
    kind: Literal["Workflow"]
    metadata: ObjectMetadata
    mode: ModeShape | None = None
    steps: list[StepShape] = Field(min_length=1)


class WorkflowSpec(Shape):
    """The steps of a run that brings its own."""

    mode: ModeShape | None = None
    steps: list[StepShape] = Field(min_length=1)


class WorkflowRunSpec(Shape):
    """What a WorkflowRun runs: steps of its own, or those of a Workflow."""

    context: Map = Field(default_factory=dict)
    mode: ModeShape | None = None
    workflow_spec: WorkflowSpec | None = Field(default=None, alias="workflowSpec")
    workflow_ref: Text = Field(default="", alias="workflowRef")


class WorkflowRunFile(Shape):
    """KubeVela's `WorkflowRun`."""

    api_version: Literal["core.oam.dev/v1alpha1"] = Field(alias="apiVersion")
    kind: Literal["WorkflowRun"]
    metadata: ObjectMetadata
    spec: WorkflowRunSpec
    status: Any = None


class ApplicationWorkflow(Shape):
    """The workflow of an application: its own steps, or those of a Workflow."""

    ref: Text = ""
    mode: ModeShape | None = None
    steps: Steps = Field(default_factory=list)


class ApplicationSpec(Shape):
    """What an Application consists of."""

    components: Annotated[list[ComponentShape], BeforeValidator(_none_as_list)]
    policies: Annotated[list[PolicyShape], BeforeValidator(_none_as_list)] = Field(
        default_factory=list
    )
    workflow: ApplicationWorkflow | None = None


class ApplicationFile(Shape):
    """KubeVela's `Application`."""

    api_version: Literal["core.oam.dev/v1beta1"] = Field(alias="apiVersion")
    kind: Literal["Application"]
    metadata: ObjectMetadata
    spec: ApplicationSpec
    status: Any = None


class PolicyFile(Shape):
    """KubeVela's stand-alone `Policy`."""

    api_version: Literal["core.oam.dev/v1alpha1"] = Field(alias="apiVersion")
    kind: Literal["Policy"]
    metadata: ObjectMetadata
    type: str
    properties: Map = Field(default_factory=dict)


class TargetShape(Shape):
    """A place to deliver to."""

    name: Name
    cluster: Name
    namespace: Name
    variables: dict[str, str] = Field(default_factory=dict)


class SlackShape(Shape):
    """Where an environment is talked about."""

    channel: str
    language: Language | None = None


def _group(given: str) -> str:
    if not re.fullmatch(r"cid\S+", given):
        raise ValueError(f"expected the id of a DingTalk group (cid…), found {given!r}")
    return given


class DingTalkShape(Shape):
    """Where in DingTalk an environment is talked about."""

    group: Annotated[str, AfterValidator(_group)]
    language: Language | None = None


class EnvironmentSpec(Shape):
    """What an Environment is."""

    description: str = ""
    targets: list[TargetShape] = Field(min_length=1)
    slack: SlackShape | None = None
    dingtalk: DingTalkShape | None = None
    deployers: list[str] = Field(default_factory=list)
    approvers: list[str] = Field(default_factory=list)
    approvals: list[RequirementShape] = Field(default_factory=list)
    self_approval: bool = Field(default=True, alias="selfApproval")
    break_glass: BreakGlassShape | None = Field(default=None, alias="breakGlass")
    reminders: list[ReminderShape] = Field(default_factory=list)
    working_hours: WorkingHoursShape | None = Field(default=None, alias="workingHours")
    auditors: Names = Field(default_factory=list)
    permissions: Annotated[list[PermissionShape], BeforeValidator(_none_as_list)] = Field(
        default_factory=list
    )
    freezes: Annotated[list[FreezeShape], BeforeValidator(_none_as_list)] = Field(
        default_factory=list
    )
    concurrency: Annotated[Concurrency, Field(strict=False)] = Concurrency.QUEUE
    machine_approval: bool = Field(default=False, alias="machineApproval")


class EnvironmentFile(Shape):
    """Our `Environment`."""

    api_version: Literal["shipmate.dev/v1"] = Field(alias="apiVersion")
    kind: Literal["Environment"]
    metadata: Metadata
    spec: EnvironmentSpec


class SecretRefShape(Shape):
    """A Secret on the cluster that Shipmate itself belongs to."""

    name: ObjectName
    namespace: ObjectName
    key: Text = ""


class ClusterSpec(Shape):
    """How a cluster is reached: by one of the sources of credentials."""

    context: Text = ""
    kubeconfig: Text = ""
    in_cluster: bool = Field(default=False, alias="inCluster")
    secret_ref: SecretRefShape | None = Field(default=None, alias="secretRef")
    from_setting: Text = Field(default="", alias="fromSetting")
    control: bool = False


class ClusterFile(Shape):
    """Our `Cluster`."""

    api_version: Literal["shipmate.dev/v1"] = Field(alias="apiVersion")
    kind: Literal["Cluster"]
    metadata: Metadata
    spec: ClusterSpec


class RoleSpec(Shape):
    """What a role is for, and who has it beside those whose Person says so."""

    description: str = ""
    members: MembersShape | None = None


class RoleFile(Shape):
    """Our `Role`."""

    api_version: Literal["shipmate.dev/v1"] = Field(alias="apiVersion")
    kind: Literal["Role"]
    metadata: Metadata
    spec: RoleSpec = Field(default_factory=RoleSpec)


class PersonSpec(Shape):
    """Who someone is."""

    email: Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+$")]
    roles: list[str] = Field(default_factory=list)
    slack_id: str | None = Field(default=None, alias="slackId")
    dingtalk_id: str | None = Field(default=None, alias="dingtalkId")
    notify: bool = True
    language: Language | None = None


class PersonFile(Shape):
    """Our `Person`."""

    api_version: Literal["shipmate.dev/v1"] = Field(alias="apiVersion")
    kind: Literal["Person"]
    metadata: Metadata
    spec: PersonSpec


FILES: dict[str, type[Shape]] = {
    "Application": ApplicationFile,
    "Workflow": WorkflowFile,
    "WorkflowRun": WorkflowRunFile,
    "Policy": PolicyFile,
    "WorkflowStepDefinition": StepDefinitionFile,
    "ComponentDefinition": ComponentDefinitionFile,
    "Environment": EnvironmentFile,
    "Cluster": ClusterFile,
    "Role": RoleFile,
    "Person": PersonFile,
    "Trigger": TriggerFile,
    "ServiceAccount": ServiceAccountFile,
}

NESTED = "groups are not nested; give the group more sub-steps, or another group beside it"
LATER = {"subSteps": {"subSteps": NESTED, "mode": NESTED}}
"""Fields that are known and refused, by what they stand in."""
