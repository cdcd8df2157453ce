"""The shapes of the files, as pydantic models: KubeVela's Application and Workflow, and our own kinds.

They say what a file may look like and nothing about whether its names exist; `loader` does that.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", max_length=63)]
KUBEVELA = "core.oam.dev"


class Shape(BaseModel):
    """Base: unknown fields are errors and nothing is converted silently."""

    model_config = ConfigDict(extra="forbid", strict=True, populate_by_name=True)


class Metadata(Shape):
    """Of any object. KubeVela's objects may have a namespace; it says nothing to us."""

    name: Name
    namespace: str = ""
    labels: dict[str, str] = Field(default_factory=dict)
    annotations: dict[str, str] = Field(default_factory=dict)


class TraitShape(Shape):
    """A trait of a component."""

    type: str
    properties: dict[str, Any] = Field(default_factory=dict)


class ComponentShape(Shape):
    """A component of an application."""

    name: Name
    type: str
    properties: dict[str, Any] = Field(default_factory=dict)
    traits: list[TraitShape] = Field(default_factory=list)


class ApplicationSpec(Shape):
    """What an Application consists of."""

    components: list[ComponentShape] = Field(min_length=1)


class ApplicationFile(Shape):
    """KubeVela's `Application`."""

    api_version: Literal["core.oam.dev/v1beta1"] = Field(alias="apiVersion")
    kind: Literal["Application"]
    metadata: Metadata
    spec: ApplicationSpec


class InputShape(Shape):
    """A value that a step takes."""

    from_: str = Field(alias="from")
    parameter_key: str = Field(default="", alias="parameterKey")


class OutputShape(Shape):
    """A value that a step leaves."""

    name: str
    value_from: str = Field(alias="valueFrom")


class Meta(Shape):
    """How a step is shown."""

    alias: str = ""


class StepShape(Shape):
    """A step of a workflow."""

    name: str = ""
    type: str
    properties: dict[str, Any] = Field(default_factory=dict)
    meta: Meta = Field(default_factory=Meta)
    if_: str = Field(default="", alias="if")
    timeout: str = ""
    retries: Annotated[int, Field(ge=0, le=100)] = 10
    inputs: list[InputShape] = Field(default_factory=list)
    outputs: list[OutputShape] = Field(default_factory=list)


class ModeShape(Shape):
    """How steps follow each other."""

    steps: Literal["StepByStep"] = "StepByStep"
    sub_steps: Literal["StepByStep", "DAG"] = Field(default="DAG", alias="subSteps")
    """Without step groups it says nothing; it may stand, for KubeVela's files have it."""


class WorkflowFile(Shape):
    """KubeVela's `Workflow`: its steps stand at the top level, there is no `spec`."""

    api_version: Literal["core.oam.dev/v1alpha1"] = Field(alias="apiVersion")
    kind: Literal["Workflow"]
    metadata: Metadata
    mode: ModeShape = Field(default_factory=ModeShape)
    steps: list[StepShape] = Field(min_length=1)


class TargetShape(Shape):
    """A place to deliver to."""

    name: Name
    cluster: Name
    namespace: Name
    variables: dict[str, str] = Field(default_factory=dict)


class SlackShape(Shape):
    """Where an environment is talked about."""

    channel: str


class EnvironmentSpec(Shape):
    """What an Environment is."""

    description: str = ""
    targets: list[TargetShape] = Field(min_length=1)
    slack: SlackShape | None = None
    deployers: list[str] = Field(default_factory=list)
    approvers: list[str] = Field(default_factory=list)


class EnvironmentFile(Shape):
    """Our `Environment`."""

    api_version: Literal["shipmate.dev/v1"] = Field(alias="apiVersion")
    kind: Literal["Environment"]
    metadata: Metadata
    spec: EnvironmentSpec


class ClusterSpec(Shape):
    """How a cluster is reached."""

    context: str
    kubeconfig: str | None = None


class ClusterFile(Shape):
    """Our `Cluster`."""

    api_version: Literal["shipmate.dev/v1"] = Field(alias="apiVersion")
    kind: Literal["Cluster"]
    metadata: Metadata
    spec: ClusterSpec


class RoleSpec(Shape):
    """What a role is for."""

    description: str = ""


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


class PersonFile(Shape):
    """Our `Person`."""

    api_version: Literal["shipmate.dev/v1"] = Field(alias="apiVersion")
    kind: Literal["Person"]
    metadata: Metadata
    spec: PersonSpec


FILES: dict[str, type[Shape]] = {
    "Application": ApplicationFile,
    "Workflow": WorkflowFile,
    "Environment": EnvironmentFile,
    "Cluster": ClusterFile,
    "Role": RoleFile,
    "Person": PersonFile,
}

IN_ORDER = "steps run one after the other in this version"
GROUPS = "step groups come with a later version"
TOGETHER = "the components of an application are delivered together in this version"
LATER = {
    "steps": {
        "dependsOn": IN_ORDER,
        "subSteps": GROUPS,
        "mode": "the mode of a step comes with a later version",
    },
    "components": {
        "dependsOn": TOGETHER,
        "inputs": TOGETHER,
        "outputs": TOGETHER,
        "externalRevision": "external revisions come with a later version",
    },
    "spec": {
        "policies": "policies come with a later version",
        "workflow": "the steps stand in a document of kind Workflow, "
        "with the labels app.oam.dev/name and app.oam.dev/env-name",
    },
}
"""KubeVela's fields that are known and refused, by what they stand in."""
