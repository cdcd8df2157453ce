"""The ports of a component, and the Service by which others reach those that are exposed. Pure."""

from typing import Literal

from pydantic import Field, model_validator

from bot.rendering.containers import ContainerParameters, PortParameters
from bot.rendering.objects import Manifest, Place, given
from bot.rendering.parameters import Port


class Listening(ContainerParameters):
    """Properties of a component whose containers listen.

    As in KubeVela, but for one thing: the single `port` is exposed, too, for who names one port means it to be
    reached. A port of `ports` is exposed by `expose: true`.
    """

    port: Port | None = None
    ports: list[PortParameters] = Field(default_factory=list)
    expose_type: Literal["ClusterIP", "NodePort", "LoadBalancer"] = "ClusterIP"

    @model_validator(mode="after")
    def _ports_once(self) -> "Listening":
        seen: set[object] = set()
        for each in self.all_ports():
            mine = {(each.inside, each.protocol), each.called}
            if mine & seen:
                raise ValueError(f"port {each.port} or its name {each.called} is there twice")
            seen |= mine
        return self

    def all_ports(self) -> list[PortParameters]:
        """List the single port, which is exposed, and the others."""
        single = [] if self.port is None else [PortParameters(port=self.port, expose=True)]
        return [*single, *self.ports]


def exposing(place: Place, parameters: Listening) -> list[Manifest]:
    """Make the Service of the exposed ports, if there are any."""
    reached = [each for each in parameters.all_ports() if each.expose]
    if not reached:
        return []
    return [service(place, place.component.name, reached, kind=parameters.expose_type)]


def service(
    place: Place, name: str, ports: list[PortParameters], *, kind: str = "ClusterIP"
) -> Manifest:
    """Make a Service of the component's pods."""
    spec = {
        "type": kind,
        "selector": place.selector,
        "ports": [
            {
                "name": each.called,
                "port": each.port,
                "targetPort": each.inside,
                "protocol": each.protocol,
                **given(nodePort=each.node_port if kind == "NodePort" else None),
            }
            for each in ports
        ],
    }
    return place.manifest("v1", "Service", spec, name=name)
