"""Traits that change the containers of a component: `env`, `service-binding`, `command`, `resource`, `sidecar`, `init-container`. Pure."""

from typing import Annotated, Any

from pydantic import Field, model_validator

from bot.rendering.draft import Draft, add_named
from bot.rendering.objects import RenderingError, given
from bot.rendering.parameters import (
    Cpu,
    Environment,
    Image,
    Memory,
    ObjectName,
    Parameters,
    Probe,
    PullPolicy,
    Texts,
    Words,
    as_json,
)


class EnvPatch(Parameters):
    """Variables of one container."""

    container_name: str = ""
    replace: bool = False
    env: Texts = Field(default_factory=dict)
    unset: Words = Field(default_factory=list)


class Env(EnvPatch):
    """Properties of `env`: for the component's own container, or for several by their names."""

    containers: list[EnvPatch] | None = None


class SecretEntry(Parameters):
    """A key of a Secret; without one it is called as the variable is."""

    secret: ObjectName
    key: str = ""


class ServiceBinding(Parameters):
    """Properties of `service-binding`: variables by their names, from the Secrets of cloud resources."""

    env_mappings: Annotated[dict[str, SecretEntry], Field(min_length=1)]


class CommandPatch(Parameters):
    """What one container runs."""

    container_name: str = ""
    command: Words | None = None
    args: Words | None = None
    add_args: Words | None = None
    del_args: Words | None = None

    @model_validator(mode="after")
    def _one_way(self) -> "CommandPatch":
        if self.args is not None and (self.add_args is not None or self.del_args is not None):
            raise ValueError("expected args, or addArgs and delArgs")
        return self


class Command(CommandPatch):
    """Properties of `command`: for the component's own container, or for several by their names."""

    containers: list[CommandPatch] | None = None


class Amounts(Parameters):
    """CPU and memory, with KubeVela's defaults."""

    cpu: Cpu = "1"
    memory: Memory = "2048Mi"


class Resource(Amounts):
    """Properties of `resource`; without `requests` and `limits` what is asked for is also the limit."""

    requests: Amounts | None = None
    limits: Amounts | None = None


class SharedVolume(Parameters):
    """A volume of the pod in a sidecar."""

    name: str
    path: str


class Sidecar(Parameters):
    """Properties of `sidecar`: a further container."""

    name: ObjectName
    image: Image
    cmd: Words | None = None
    args: Words | None = None
    env: Environment | None = None
    volumes: list[SharedVolume] | None = None
    liveness_probe: Probe | None = None
    readiness_probe: Probe | None = None


class ExtraMount(Parameters):
    """A volume of the pod in an init container."""

    name: str
    mount_path: str


class InitContainer(Parameters):
    """Properties of `init-container`: it runs before the others and hands files on in a volume."""

    name: ObjectName
    image: Image
    image_pull_policy: PullPolicy = "IfNotPresent"
    cmd: Words | None = None
    args: Words | None = None
    env: Environment | None = None
    mount_name: ObjectName = "workdir"
    app_mount_path: Annotated[str, Field(min_length=1)]
    init_mount_path: Annotated[str, Field(min_length=1)]
    extra_volume_mounts: list[ExtraMount] = Field(default_factory=list)


def env(draft: Draft, parameters: Env) -> None:
    """Set and unset variables."""
    for at, each in enumerate(parameters.containers or [parameters]):
        container = draft.container(each.container_name, *_place(parameters.containers, at))
        kept = [] if each.replace else container.get("env", [])
        variables = {one["name"]: one for one in kept if one["name"] not in each.unset}
        for name, value in each.env.items():
            if name not in each.unset:
                variables[name] = {"name": name, "value": value}
        _put(container, "env", list(variables.values()))


def service_binding(draft: Draft, parameters: ServiceBinding) -> None:
    """Give the component's container variables whose values Secrets hold."""
    container = draft.container()
    variables = {each["name"]: each for each in container.get("env", [])}
    for name, each in parameters.env_mappings.items():
        ref = {"name": each.secret, "key": each.key or name}
        variables[name] = {"name": name, "valueFrom": {"secretKeyRef": ref}}
    _put(container, "env", list(variables.values()))


def command(draft: Draft, parameters: Command) -> None:
    """Change what containers run."""
    for at, each in enumerate(parameters.containers or [parameters]):
        container = draft.container(each.container_name, *_place(parameters.containers, at))
        if each.command is not None:
            _put(container, "command", each.command)
        args = list(container.get("args", []) if each.args is None else each.args)
        gone = each.del_args or []
        args = [one for one in args if one not in gone]
        args += [one for one in each.add_args or [] if one not in gone and one not in args]
        _put(container, "args", args)


def resource(draft: Draft, parameters: Resource) -> None:
    """Say how much CPU and memory the component's container gets."""
    resources = draft.container().setdefault("resources", {})
    if parameters.requests is None and parameters.limits is None:
        both = as_json(Amounts(cpu=parameters.cpu, memory=parameters.memory))
        resources.update(requests=both, limits=dict(both))
        return
    if parameters.requests is not None:
        resources["requests"] = as_json(parameters.requests)
    if parameters.limits is not None:
        resources["limits"] = as_json(parameters.limits)


def sidecar(draft: Draft, parameters: Sidecar) -> None:
    """Add a container."""
    made = given(
        name=parameters.name,
        image=parameters.image,
        command=parameters.cmd,
        args=parameters.args,
        env=as_json(parameters.env),
        volumeMounts=[
            {"name": each.name, "mountPath": each.path} for each in parameters.volumes or ()
        ],
        livenessProbe=as_json(parameters.liveness_probe),
        readinessProbe=as_json(parameters.readiness_probe),
    )
    containers = draft.pod()["containers"]
    if any(each["name"] == parameters.name for each in containers):
        raise RenderingError(f"there is another container {parameters.name} already", "name")
    containers.append(made)


def init_container(draft: Draft, parameters: InitContainer) -> None:
    """Add an init container, and the volume that it shares with the component's container."""
    name = parameters.mount_name
    made = given(
        name=parameters.name,
        image=parameters.image,
        imagePullPolicy=parameters.image_pull_policy,
        command=parameters.cmd,
        args=parameters.args,
        env=as_json(parameters.env),
        volumeMounts=[
            {"name": name, "mountPath": parameters.init_mount_path},
            *as_json(parameters.extra_volume_mounts),
        ],
    )
    pod = draft.pod()
    add_named(pod.setdefault("initContainers", []), [made], "init container")
    add_named(pod.setdefault("volumes", []), [{"name": name, "emptyDir": {}}], "volume")
    mount = {"name": name, "mountPath": parameters.app_mount_path}
    draft.container().setdefault("volumeMounts", []).append(mount)


def _place(containers: list[Any] | None, at: int) -> tuple[str | int, ...]:
    return ("containers", at, "containerName") if containers else ("containerName",)


def _put(container: dict[str, Any], key: str, value: list[Any]) -> None:
    """Set a list; an empty one is left out."""
    if value:
        container[key] = value
    else:
        container.pop(key, None)
