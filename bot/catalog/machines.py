"""What files say of those who ask and are no people: triggers of CI systems, and accounts of programs. Frozen data."""

from dataclasses import dataclass
from enum import StrEnum


class TriggerType(StrEnum):
    """Who calls a trigger, and therefore in which form: KubeVela's payload types."""

    CUSTOM = "custom"
    DOCKER_HUB = "dockerHub"
    HARBOR = "harbor"
    ACR = "acr"
    JFROG = "jfrog"


class TriggerAction(StrEnum):
    """What a trigger may be used for: KubeVela's actions of a custom payload."""

    EXECUTE = "execute"
    APPROVE = "approve"
    TERMINATE = "terminate"
    ROLLBACK = "rollback"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """An address that a CI system or a registry calls, to run the workflow of one place. Its rights are its Person's."""

    name: str
    application: str
    environment: str
    type: TriggerType = TriggerType.CUSTOM
    components: tuple[str, ...] = ()
    """Those that it may bring images for; empty: all that have one."""
    actions: tuple[TriggerAction, ...] = (TriggerAction.EXECUTE,)
    registry: str = ""
    """Of `acr`, whose payload does not say it; empty: by the region."""
    disabled: bool = False
