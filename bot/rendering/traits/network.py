"""Traits by which others reach a component: `expose` (a Service) and `gateway`, also called `ingress` (an Ingress). Pure."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from bot.rendering.components.ports import service
from bot.rendering.containers import PortParameters
from bot.rendering.draft import Draft
from bot.rendering.objects import Manifest, given
from bot.rendering.parameters import (
    ObjectName,
    Parameters,
    Port,
    PortName,
    Protocol,
    Texts,
    as_json,
)

CLASS = "kubernetes.io/ingress.class"
HOST = "ingress.controller/host"


class ExposedPort(Parameters):
    """A port of the Service, and of the container."""

    port: Port
    name: PortName | None = None
    protocol: Protocol = "TCP"
    node_port: Port | None = None


class Expose(Parameters):
    """Properties of `expose`; `port` is KubeVela's older form of `ports`."""

    port: list[Port] | None = None
    ports: list[ExposedPort] | None = None
    annotations: Texts = Field(default_factory=dict)
    match_labels: dict[str, str] | None = None
    type: Literal["ClusterIP", "NodePort", "LoadBalancer"] | None = None
    """`ClusterIP` unless the component says otherwise."""

    @model_validator(mode="after")
    def _some(self) -> "Expose":
        if not self.port and not self.ports:
            raise ValueError("expected ports")
        return self


class Gateway(Parameters):
    """Properties of `gateway`: `http` maps paths to ports."""

    domain: str | None = None
    http: Annotated[dict[str, Port], Field(min_length=1)]
    class_: str = Field(default="nginx", alias="class")
    class_in_spec: bool = False
    secret_name: ObjectName | None = None
    gateway_host: str | None = None
    name: ObjectName | None = None
    path_type: Literal["ImplementationSpecific", "Prefix", "Exact"] = "ImplementationSpecific"
    annotations: Texts = Field(default_factory=dict)
    labels: Texts = Field(default_factory=dict)
    existing_service_name: ObjectName | None = None

    @model_validator(mode="after")
    def _whose_certificate(self) -> "Gateway":
        if self.secret_name is not None and self.domain is None:
            raise ValueError("secretName is the certificate of a domain; expected domain")
        return self


def expose(draft: Draft, parameters: Expose) -> None:
    """Make a Service, or widen the one that the component has."""
    wanted = parameters.ports or [ExposedPort(port=each) for each in parameters.port or ()]
    ports = [PortParameters.model_validate(as_json(each)) for each in wanted]
    name = draft.place.component.name
    found = draft.find("Service", name)
    kind = parameters.type or (found["spec"]["type"] if found else "ClusterIP")
    made = _with_ports(draft, name, ports, kind)
    made["spec"]["type"] = kind
    if kind == "ClusterIP":
        for each in made["spec"]["ports"]:
            each.pop("nodePort", None)  # the API server refuses it there
    if parameters.match_labels is not None:
        made["spec"]["selector"] = dict(parameters.match_labels)
    if parameters.annotations:
        made["metadata"]["annotations"] = dict(parameters.annotations)


def gateway(draft: Draft, parameters: Gateway) -> None:
    """Make an Ingress, and the Service that it leads to unless there is one."""
    tail = f"-{parameters.name}" if parameters.name else ""
    name = draft.place.component.name + tail
    if parameters.existing_service_name is None:
        ports = [PortParameters(port=each) for each in dict.fromkeys(parameters.http.values())]
        _with_ports(draft, name, ports, "ClusterIP")
    made = draft.place.manifest(
        "networking.k8s.io/v1",
        "Ingress",
        _ingress(parameters, parameters.existing_service_name or name),
        name=name,
    )
    notes = given(**{HOST: parameters.gateway_host})
    if not parameters.class_in_spec:
        notes[CLASS] = parameters.class_
    notes.update(parameters.annotations)
    made["metadata"].update(given(annotations=notes))
    made["metadata"]["labels"] = {**parameters.labels, **made["metadata"]["labels"]}
    draft.add(made)


def _ingress(parameters: Gateway, service_name: str) -> dict[str, object]:
    paths = [
        {
            "path": path,
            "pathType": parameters.path_type,
            "backend": {"service": {"name": service_name, "port": {"number": port}}},
        }
        for path, port in parameters.http.items()
    ]
    secret = parameters.secret_name
    return given(
        ingressClassName=parameters.class_ if parameters.class_in_spec else None,
        tls=[{"hosts": [parameters.domain], "secretName": secret}] if secret else None,
        rules=[given(host=parameters.domain, http={"paths": paths})],
    )


def _with_ports(draft: Draft, name: str, ports: list[PortParameters], kind: str) -> Manifest:
    """Find or make a Service, with these ports beside those that it has."""
    fresh = service(draft.place, name, ports, kind=kind)
    found = draft.find("Service", name)
    if found is None:
        draft.add(fresh)
        return fresh
    known = {(each["port"], each["protocol"]) for each in found["spec"]["ports"]}
    found["spec"]["ports"] += [
        each for each in fresh["spec"]["ports"] if (each["port"], each["protocol"]) not in known
    ]
    return found
