"""The pod of a component: what all types that run an image have in common. Pure.

Parameters and selector are KubeVela's; `args` where it has none, `replicas` and `progressDeadlineSeconds` are ours.
"""

from typing import Annotated, Any, Literal

from pydantic import Field

from bot.rendering.objects import Place, given
from bot.rendering.parameters import (
    Cpu,
    Environment,
    Image,
    Memory,
    ObjectName,
    Parameters,
    Port,
    PortName,
    Probe,
    Protocol,
    PullPolicy,
    Texts,
    Words,
    as_json,
)
from bot.rendering.volumes import Mount, OldVolume, VolumeMounts, volumes_of


class HostAlias(Parameters):
    """A line of the pod's hosts file."""

    ip: str
    hostnames: Words


class Limit(Parameters):
    """How much a container may use at most, where that is more than what it asks for."""

    cpu: Cpu | None = None
    memory: Memory | None = None


class ContainerParameters(Parameters):
    """What every type that runs an image takes."""

    image: Image
    image_pull_policy: PullPolicy | None = None
    image_pull_secrets: list[ObjectName] | None = None
    cmd: Words | None = None
    args: Words | None = None
    env: Environment | None = None
    cpu: Cpu | None = None
    memory: Memory | None = None
    limit: Limit | None = None
    volume_mounts: VolumeMounts | None = None
    volumes: list[OldVolume] | None = None
    liveness_probe: Probe | None = None
    readiness_probe: Probe | None = None
    host_aliases: list[HostAlias] | None = None
    labels: Texts = Field(default_factory=dict)
    annotations: Texts = Field(default_factory=dict)
    add_revision_label: Annotated[Literal[False], Field()] = False
    """Only `false`: a label with the revision would restart all pods at every delivery."""

    def mounts(self) -> list[Mount | OldVolume]:
        """List what is mounted; KubeVela looks at `volumes` only where there are no `volumeMounts`."""
        if self.volume_mounts is not None:
            return list(self.volume_mounts.all())
        return list(self.volumes or ())


class PortParameters(Parameters):
    """A port that a container listens on."""

    port: Port
    container_port: Port | None = None
    name: PortName | None = None
    protocol: Protocol = "TCP"
    expose: bool = False
    node_port: Port | None = None

    @property
    def inside(self) -> int:
        """The port in the container."""
        return self.container_port or self.port

    @property
    def called(self) -> str:
        """Its name: the one that was given, or KubeVela's."""
        tail = "" if self.protocol == "TCP" else f"-{self.protocol.lower()}"
        return self.name or f"port-{self.port}{tail}"


def pod_template(
    place: Place,
    parameters: ContainerParameters,
    ports: list[PortParameters],
    restart: str | None = None,
) -> dict[str, Any]:
    """Make the template of the pods of a component; `restart` is their restart policy where it is not Always."""
    mounts = parameters.mounts()
    return {
        "metadata": given(
            labels={**parameters.labels, **place.labels}, annotations=dict(parameters.annotations)
        ),
        "spec": given(
            restartPolicy=restart,
            containers=[_container(place.component.name, parameters, ports)],
            volumes=volumes_of(mounts),
            hostAliases=as_json(parameters.host_aliases),
            imagePullSecrets=[{"name": each} for each in parameters.image_pull_secrets or ()],
        ),
    }


def _container(
    name: str, parameters: ContainerParameters, ports: list[PortParameters]
) -> dict[str, Any]:
    amounts = given(cpu=parameters.cpu, memory=parameters.memory)
    # In KubeVela what is asked for is also the limit, unless there is one.
    limits = {**amounts, **(as_json(parameters.limit) or {})}
    return given(
        name=name,
        image=parameters.image,
        imagePullPolicy=parameters.image_pull_policy,
        command=parameters.cmd,
        args=parameters.args,
        env=as_json(parameters.env),
        ports=[
            {"name": each.called, "containerPort": each.inside, "protocol": each.protocol}
            for each in ports
        ],
        resources=given(requests=amounts, limits=limits),
        volumeMounts=[each.mount() for each in parameters.mounts()],
        livenessProbe=as_json(parameters.liveness_probe),
        readinessProbe=as_json(parameters.readiness_probe),
    )
