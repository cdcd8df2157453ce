"""What the files of workflows/ say, as frozen data.

Applications and workflows are KubeVela's (`core.oam.dev`); environments, targets, clusters, people and
roles are ours (`shipmate.dev/v1`). Nothing here reads a file and nothing decides: `loader` reads,
`bot.workflow` says what steps mean and `bot.policy` who may do what.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from bot.catalog.approving import Members, Reminder, Requirement, WorkingHours
from bot.catalog.machines import Trigger

Properties = Mapping[str, Any]
"""The free part of a component, trait or step: plain JSON values."""
LOCAL = "local"
"""KubeVela's name of the cluster that it runs on, where cloud resources are made."""
TERRAFORM = "terraform"
"""The component type of a cloud resource that needs no ComponentDefinition."""


class Mode(StrEnum):
    """How the steps of a workflow, or of a group, follow each other: KubeVela's two modes."""

    STEP_BY_STEP = "StepByStep"
    DAG = "DAG"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trait:
    """Something added to a component: `scaler`, `gateway` …"""

    type: str
    properties: Properties = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """One part of an application. An image without tag or digest is one that the application builds."""

    name: str
    type: str
    properties: Properties = field(default_factory=dict)
    traits: tuple[Trait, ...] = ()
    depends_on: tuple[str, ...] = ()
    """Components that are delivered before it."""
    inputs: tuple["Input", ...] = ()
    outputs: tuple["Output", ...] = ()
    terraform: Properties | None = None
    """Of a cloud resource: what the ComponentDefinition of its type says of its Terraform module; empty for the type
    `terraform`, which says it in its properties."""
    env: str = ""
    """Of a cloud resource: what its names end in, so that those of two environments are two. A placement says it."""

    @property
    def is_cloud(self) -> bool:
        """Whether it is a cloud resource: Terraform makes it, by the control cluster."""
        return self.terraform is not None

    @property
    def has_image(self) -> bool:
        """Whether it runs an image; what a cloud resource calls so is a variable of its module."""
        return "image" in self.properties and not self.is_cloud


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A policy of an application: `topology`, `override` … One that is bound to an environment holds there always."""

    name: str
    type: str
    properties: Properties = field(default_factory=dict)
    environment: str = ""
    target: str = ""
    """Where it is bound to one target of that environment only."""

    @property
    def given_types(self) -> tuple[str, ...]:
        """The types that it gives components, as an override or the envs of an `env-binding`; it may be unchecked."""
        patches = [self.properties]
        patches += [each.get("patch") or {} for each in _maps(self.properties.get("envs"))]
        patched = [each for patch in patches for each in _maps(patch.get("components"))]
        return tuple(str(each["type"]) for each in patched if each.get("type"))


def _maps(given: Any) -> list[Mapping[str, Any]]:
    return [each for each in given if isinstance(each, Mapping)] if isinstance(given, list) else []


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """Components that are delivered together. `repository` is a URL whose `/commit/SHA` shows a commit."""

    name: str
    components: tuple[Component, ...]
    description: str = ""
    repository: str = ""
    namespace: str = "default"
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    policies: tuple[Policy, ...] = ()
    cloud_types: Mapping[str, Properties] = field(default_factory=dict)
    """What the ComponentDefinitions say that policies name: by overrides components become cloud resources."""

    def has_cloud(self, environment: str) -> bool:
        """Say whether something of it may be a cloud resource in an environment, by an override that holds there, too."""
        types = {
            name
            for each in self.policies
            if each.type == "override" and each.environment in {"", environment}
            for name in each.given_types
        }
        given = any(self.terraform_of(each) is not None for each in types)
        return given or any(each.is_cloud for each in self.components)

    def terraform_of(self, type: str) -> Properties | None:  # noqa: A002 - as in YAML
        """Answer what `Component.terraform` is of a type that a policy gives a component."""
        return {} if type == TERRAFORM else self.cloud_types.get(type)


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretKey:
    """A key of a Secret on the cluster that Shipmate itself runs in."""

    name: str
    namespace: str
    key: str = ""
    """Empty: the usual ones are looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """One Kubernetes API server, and where the credentials for it come from: one of the four.

    A `context` of a `kubeconfig` (None: the configured default file), the Pod's own account (`in_cluster`), a
    Secret, or a setting that holds a kubeconfig.
    """

    name: str
    context: str = ""
    """Empty: the kubeconfig's current one."""
    kubeconfig: str | None = None
    in_cluster: bool = False
    secret: SecretKey | None = None
    from_setting: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    """By which a topology policy chooses it."""
    control: bool = False
    """Whether cloud resources are created here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A place to deliver to."""

    name: str
    cluster: str
    namespace: str
    variables: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    """Those of its cluster."""


class Concurrency(StrEnum):
    """What becomes of a deployment while another one of the same application is there."""

    QUEUE = "queue"
    """It waits in the line."""
    REPLACE = "replace"
    """It takes the place of a deployment that waits in the line, or waits there itself."""
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True, kw_only=True)
class Freeze:
    """A time in which nothing is delivered: `duration` seconds from each time of a cron `schedule`, or once."""

    name: str
    reason: str = ""
    schedule: str = ""
    duration: float = 0.0
    start: datetime | None = None
    end: datetime | None = None
    time_zone: str = "UTC"
    """In which the schedule is meant: an IANA name."""
    passed_by: tuple[str, ...] = ()
    """Roles that may deliver all the same."""
    allow_rollback: bool = True
    """Whether anyone who may go back at other times may do so in it, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """Who may deploy and approve certain applications in an environment; None: as the environment says."""

    applications: tuple[str, ...]
    deployers: tuple[str, ...] | None = None
    approvers: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """An ordered list of targets, with the channel its runs are told in and the roles of its people."""

    name: str
    targets: tuple[Target, ...]
    description: str = ""
    slack_channel: str = ""
    """A Slack channel's name or id; empty: the channel of the request."""
    slack_language: str = ""
    """What is spoken in that channel, of `LANGUAGES`; empty: what Shipmate speaks otherwise."""
    dingtalk_group: str = ""
    """A DingTalk group's openConversationId; empty: none."""
    dingtalk_language: str = ""
    """What is spoken in that group, of `LANGUAGES`; empty: what Shipmate speaks otherwise."""
    deployers: tuple[str, ...] = ()
    """Roles that may deploy, roll back, stop and retry here."""
    approvers: tuple[str, ...] = ()
    """Roles that may approve and reject here, where a step does not name its own."""
    approvals: tuple[Requirement, ...] = ()
    """Who has to say yes, where a step does not say it; empty: one of the approvers."""
    self_approval: bool = True
    """Whether whoever asked for a run may approve it."""
    break_glass: tuple[str, ...] = ()
    """Roles that may open a gate alone, in an emergency."""
    reminders: tuple[Reminder, ...] = ()
    """When those who have not answered are reminded, where a step does not say it."""
    working_hours: WorkingHours | None = None
    """When time counts for reminders; None: always."""
    control_cluster: str = ""
    """Where cloud resources are created for it; empty: nowhere."""
    auditors: tuple[str, ...] = ()
    """Roles that may read the audit log of it, besides administrators."""
    permissions: tuple[Permission, ...] = ()
    """Rules for single applications: the first that names one holds in place of `deployers` and `approvers`."""
    freezes: tuple[Freeze, ...] = ()
    """When nothing is delivered here."""
    concurrency: Concurrency = Concurrency.QUEUE
    machine_approval: bool = False
    """Whether the yes of a trigger or a program counts here, where it has a role that does."""

    def cluster_called(self, name: str) -> str:
        """Answer which cluster a name means: `local`, where no target lies on one of that name, the control cluster."""
        own = any(each.cluster == LOCAL for each in self.targets)
        return self.control_cluster if name == LOCAL and self.control_cluster and not own else name

    def ruled(self, application: str) -> "Environment":
        """Answer it with the deployers and approvers that its permissions give an application."""
        rule = next((each for each in self.permissions if application in each.applications), None)
        if rule is None:
            return self
        return replace(
            self,
            deployers=self.deployers if rule.deployers is None else rule.deployers,
            approvers=self.approvers if rule.approvers is None else rule.approvers,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Someone of the company. Chats know people by verified email or by their own stable id."""

    name: str
    email: str
    roles: tuple[str, ...]
    slack_id: str | None = None
    dingtalk_id: str | None = None
    notify: bool = True
    """Whether they are mentioned and written to; those who are not may approve all the same."""
    language: str = ""
    """What they are spoken to in, of `LANGUAGES`; empty: as their chat's profile says."""
    machine: bool = False
    """Whether it is no person but a trigger or a program."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """A value taken from an earlier step's output, or `context.*`, into `parameter_key` of the properties."""

    from_: str
    parameter_key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """A value that a step leaves behind under `name`; `value_from` is a CEL expression."""

    name: str
    value_from: str
    secret: bool = False
    """Whether it is sealed in the store and shown nowhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """Seconds before a failed attempt is made again: `first`, then each time `factor` times as long."""

    first: float
    factor: float = 2.0
    longest: float = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step as its file has it. Times are seconds."""

    name: str
    type: str
    properties: Properties = field(default_factory=dict)
    alias: str = ""
    if_: str = ""
    timeout: float | None = None
    retries: int = 10
    """Further attempts after a retryable failure (KubeVela's limit is 10)."""
    backoff: Backoff | None = None
    """How long to wait between attempts; None: as KubeVela does."""
    depends_on: tuple[str, ...] = ()
    inputs: tuple[Input, ...] = ()
    outputs: tuple[Output, ...] = ()
    mode: Mode | None = None
    """Of a group: how its sub-steps follow each other; None: as the workflow says."""
    sub_steps: tuple["Step", ...] = ()

    @property
    def title(self) -> str:
        """What people call the step."""
        return self.alias or self.name

    @property
    def is_group(self) -> bool:
        """Whether it only holds sub-steps and does nothing itself."""
        return self.type == GROUP

    @property
    def is_gate(self) -> bool:
        """Whether it is there to ask for a yes, so that nobody can pass it without one."""
        return self.type == SUSPEND


GROUP = "step-group"
"""The one step type that is the engine's own."""
SUSPEND = "suspend"
"""The step type that only waits for an answer, or for some time."""
CLEAN_UP = "garbage-collect"
"""The step type that comes last in every run: it deletes what the application no longer contains."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workflow:
    """The steps that deliver one application to one environment, in order."""

    name: str
    application: str
    environment: str
    steps: tuple[Step, ...]
    mode: Mode = Mode.STEP_BY_STEP
    sub_mode: Mode = Mode.DAG
    """Of groups that say nothing themselves."""
    timeout: float | None = None
    """Seconds after which a run of it fails; None: never."""
    context: Mapping[str, Any] = field(default_factory=dict)
    """What its author adds to `context`, as in a WorkflowRun."""
    generated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalog:
    """Everything that workflows/ says, consistent in itself: every name that is used exists."""

    applications: Mapping[str, Application]
    environments: Mapping[str, Environment]
    clusters: Mapping[str, Cluster]
    people: Mapping[str, Person]
    roles: tuple[str, ...]
    workflows: Mapping[tuple[str, str], Workflow]
    """By (application, environment); only those that have a file."""
    members: Mapping[str, Members] = field(default_factory=dict)
    """By role: who has it beside those whose Person says so."""
    complete: bool = True
    """Whether it is known who all the members are."""
    triggers: Mapping[str, Trigger] = field(default_factory=dict)
    """Each of them is among the people, too, as a machine."""

    def workflow(self, application: str, environment: str) -> Workflow | None:
        """Find the workflow that a file gives this (application, environment)."""
        return self.workflows.get((application, environment))

    def with_role(self, roles: tuple[str, ...]) -> tuple[Person, ...]:
        """List the people that have any of `roles`, in the order of the files; nobody asks a machine for something."""
        wanted = set(roles)
        return tuple(
            each for each in self.people.values() if not each.machine and set(each.roles) & wanted
        )
