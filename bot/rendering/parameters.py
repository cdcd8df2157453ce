"""What the properties of components and traits have in common, with KubeVela's names and meanings.

KubeVela's own definitions are in CUE (its repository, vela-templates/definitions/internal); these models say the same
and are checked when a file is loaded.
"""

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from bot.catalog.parameters import Parameters as Parameters
from bot.rendering.images import is_image

CPU = re.compile(r"\d+(\.\d{1,3})?|\d+m", re.ASCII)
MEMORY = re.compile(r"\d+(\.\d+)?(k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?", re.ASCII)
"""Without `m`: Kubernetes takes `512m`, which is half a byte and always a slip for `512Mi`."""
LONGEST = 24 * 3600
"""Seconds of a deadline, or of a probe's times."""


def _image(given: str) -> str:
    if not is_image(given):
        raise ValueError(f"expected an image reference, found {given!r}")
    return given


def _cpu(given: Any) -> str:
    return _quantity(given, CPU, "250m or 0.5")


def _memory(given: Any) -> str:
    return _quantity(given, MEMORY, "128Mi or 2Gi")


def _quantity(given: Any, form: re.Pattern[str], example: str) -> str:
    written = isinstance(given, str | int | float) and not isinstance(given, bool)
    if not written or not form.fullmatch(str(given)):
        raise ValueError(f"expected a quantity such as {example}, found {given!r}")
    return str(given)


def _without_nulls(given: Any) -> Any:
    return {} if given is None else given


Image = Annotated[str, AfterValidator(_image)]
Cpu = Annotated[str, BeforeValidator(_cpu)]
Memory = Annotated[str, BeforeValidator(_memory)]
Port = Annotated[int, Field(ge=1, le=65535)]
PortName = Annotated[str, Field(pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", max_length=15)]
ObjectName = Annotated[str, Field(pattern=r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$", max_length=253)]
Protocol = Literal["TCP", "UDP", "SCTP"]
PullPolicy = Literal["Always", "IfNotPresent", "Never"]
Seconds = Annotated[int, Field(ge=1, le=LONGEST)]
Replicas = Annotated[int, Field(ge=0, le=1000)]
Texts = Annotated[dict[str, str], BeforeValidator(_without_nulls)]
Words = list[str]
Mode = Annotated[int, Field(ge=0, le=0o777)]


class KeyRef(Parameters):
    """A key of a Secret or ConfigMap."""

    name: str
    key: str


class FieldRef(Parameters):
    """A field of the pod itself."""

    field_path: str


class Source(Parameters):
    """Where a variable's value comes from: exactly one of the three."""

    secret_key_ref: KeyRef | None = None
    config_map_key_ref: KeyRef | None = None
    field_ref: FieldRef | None = None

    @model_validator(mode="after")
    def _one(self) -> "Source":
        if len(self.model_fields_set) != 1:
            raise ValueError("expected one of secretKeyRef, configMapKeyRef and fieldRef")
        return self


class Variable(Parameters):
    """An environment variable."""

    name: Annotated[str, Field(pattern=r"^[^=]+$")]
    value: str | None = None
    value_from: Source | None = None

    @model_validator(mode="after")
    def _not_both(self) -> "Variable":
        if self.value is not None and self.value_from is not None:
            raise ValueError(f"{self.name} has a value and a valueFrom; expected one of them")
        return self


def _named_once(given: list[Variable]) -> list[Variable]:
    names = [each.name for each in given]
    twice = next((each for each in names if names.count(each) > 1), "")
    if twice:
        raise ValueError(f"there are two variables {twice}")
    return given


Environment = Annotated[list[Variable], AfterValidator(_named_once)]


class Header(Parameters):
    """A header of a probe's request."""

    name: str
    value: str


class HttpGet(Parameters):
    """A probe by HTTP."""

    path: str | None = None
    port: Port
    host: str | None = None
    scheme: Literal["HTTP", "HTTPS"] | None = None
    http_headers: list[Header] | None = None


class TcpSocket(Parameters):
    """A probe by a connection."""

    port: Port
    host: str | None = None


class Exec(Parameters):
    """A probe by a command."""

    command: Annotated[Words, Field(min_length=1)]


class Probe(Parameters):
    """How the kubelet asks a container how it is: by exactly one of the three."""

    http_get: HttpGet | None = None
    tcp_socket: TcpSocket | None = None
    exec: Exec | None = None
    initial_delay_seconds: Annotated[int, Field(ge=0, le=LONGEST)] | None = None
    period_seconds: Seconds | None = None
    timeout_seconds: Seconds | None = None
    success_threshold: Seconds | None = None
    failure_threshold: Seconds | None = None

    @model_validator(mode="after")
    def _one(self) -> "Probe":
        handlers = (self.http_get, self.tcp_socket, self.exec)
        if sum(each is not None for each in handlers) != 1:
            raise ValueError("expected one of httpGet, tcpSocket and exec")
        return self


def as_json(value: Parameters | list[Any] | None) -> Any:
    """Write a model as the API server wants it: the file's names, without what was not given."""
    if value is None:
        return None
    if isinstance(value, list):
        return [as_json(each) if isinstance(each, Parameters) else each for each in value]
    return value.model_dump(by_alias=True, exclude_none=True)
