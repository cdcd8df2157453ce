"""The shapes of Triggers and ServiceAccounts, and what is made of them."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from bot.catalog.machines import Trigger, TriggerAction, TriggerType
from bot.catalog.model import Person
from bot.catalog.shapes import Metadata, Name, Shape, Text


def _spelled(given: object) -> object:
    """Take KubeVela's spelling, too."""
    return "dockerHub" if given == "dockerhub" else given


class TriggerSpec(Shape):
    """What a Trigger is for."""

    description: Text = ""
    application: Name
    environment: Name
    type: Annotated[TriggerType, Field(strict=False), BeforeValidator(_spelled)] = (
        TriggerType.CUSTOM
    )
    components: list[str] = Field(default_factory=list)
    actions: list[Annotated[TriggerAction, Field(strict=False)]] = Field(
        default_factory=lambda: [TriggerAction.EXECUTE], min_length=1
    )
    roles: list[str] = Field(default_factory=list)
    registry: Text = ""
    disabled: bool = False

    @model_validator(mode="after")
    def _fits_its_type(self) -> "TriggerSpec":
        if self.type is not TriggerType.CUSTOM and self.actions != [TriggerAction.EXECUTE]:
            raise ValueError(f"a registry only pushes: with type {self.type} leave actions out")
        if self.registry and self.type is not TriggerType.ACR:
            raise ValueError("registry is for type acr; the payloads of the others name theirs")
        return self


class TriggerFile(Shape):
    """Our `Trigger`."""

    api_version: Literal["shipmate.dev/v1"] = Field(alias="apiVersion")
    kind: Literal["Trigger"]
    metadata: Metadata
    spec: TriggerSpec


class ServiceAccountSpec(Shape):
    """What a program may do."""

    description: Text = ""
    roles: list[str] = Field(default_factory=list)


class ServiceAccountFile(Shape):
    """Our `ServiceAccount`."""

    api_version: Literal["shipmate.dev/v1"] = Field(alias="apiVersion")
    kind: Literal["ServiceAccount"]
    metadata: Metadata
    spec: ServiceAccountSpec = Field(default_factory=ServiceAccountSpec)


MachineFile = TriggerFile | ServiceAccountFile


def trigger(file: TriggerFile) -> Trigger:
    """Make a trigger."""
    spec = file.spec
    return Trigger(
        name=file.metadata.name,
        application=spec.application,
        environment=spec.environment,
        type=spec.type,
        components=tuple(spec.components),
        actions=tuple(dict.fromkeys(spec.actions)),
        registry=spec.registry,
        disabled=spec.disabled,
    )


def machine(file: MachineFile) -> Person:
    """Make the one who asks. Nobody writes to a machine, and no chat knows it."""
    roles = tuple(file.spec.roles)
    return Person(name=file.metadata.name, email="", roles=roles, notify=False, machine=True)
