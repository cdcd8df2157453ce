"""The volumes of a component: KubeVela's `volumeMounts`, and its older `volumes`. Pure."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, Literal

from pydantic import Field, model_validator
from typing_extensions import override

from bot.rendering.objects import given
from bot.rendering.parameters import Mode, Parameters, as_json

READABLE = 0o644
"""KubeVela's default mode of files in a volume: 420 as decimal."""


class Item(Parameters):
    """A key of a ConfigMap or Secret as a file."""

    key: str
    path: str
    mode: Mode = 0o777


class Mount(Parameters, ABC):
    """A place in the container's file system."""

    name: str
    mount_path: str
    sub_path: str | None = None

    @abstractmethod
    def source(self) -> dict[str, Any]:
        """Answer what is mounted, as a pod's volume says it."""

    def mount(self) -> dict[str, Any]:
        """Answer where, as a container says it."""
        return given(name=self.name, mountPath=self.mount_path, subPath=self.sub_path)


class Claim(Mount):
    """A PersistentVolumeClaim."""

    claim_name: str

    @override
    def source(self) -> dict[str, Any]:
        return {"persistentVolumeClaim": {"claimName": self.claim_name}}


class OfConfigMap(Mount):
    """The keys of a ConfigMap as files."""

    cm_name: str
    default_mode: Mode = READABLE
    items: list[Item] | None = None

    @override
    def source(self) -> dict[str, Any]:
        return {"configMap": files(self.default_mode, self.items, name=self.cm_name)}


class OfSecret(Mount):
    """The keys of a Secret as files."""

    secret_name: str
    default_mode: Mode = READABLE
    items: list[Item] | None = None

    @override
    def source(self) -> dict[str, Any]:
        return {"secret": files(self.default_mode, self.items, secretName=self.secret_name)}


class EmptyDir(Mount):
    """A folder that lives as long as the pod."""

    medium: Literal["", "Memory"] = ""

    @override
    def source(self) -> dict[str, Any]:
        return {"emptyDir": given(medium=self.medium)}


class HostPath(Mount):
    """A folder of the node."""

    path: str
    mount_propagation: Literal["None", "HostToContainer", "Bidirectional"] | None = None
    read_only: bool | None = None

    @override
    def source(self) -> dict[str, Any]:
        return {"hostPath": {"path": self.path}}

    @override
    def mount(self) -> dict[str, Any]:
        more = given(mountPropagation=self.mount_propagation, readOnly=self.read_only)
        return {**super().mount(), **more}


class VolumeMounts(Parameters):
    """All mounts of a component, by the kind of what is mounted."""

    pvc: list[Claim] = Field(default_factory=list)
    config_map: list[OfConfigMap] = Field(default_factory=list)
    secret: list[OfSecret] = Field(default_factory=list)
    empty_dir: list[EmptyDir] = Field(default_factory=list)
    host_path: list[HostPath] = Field(default_factory=list)

    def all(self) -> Iterator[Mount]:
        """Yield them in the order in which KubeVela has them."""
        yield from self.pvc
        yield from self.config_map
        yield from self.secret
        yield from self.empty_dir
        yield from self.host_path


class OldVolume(Parameters):
    """KubeVela's older form: one list, with `type`."""

    name: str
    mount_path: str
    sub_path: str | None = None
    type: Literal["emptyDir", "pvc", "configMap", "secret"] = "emptyDir"
    claim_name: str = ""
    cm_name: str = ""
    secret_name: str = ""
    default_mode: Mode = READABLE
    items: list[Item] | None = None
    medium: Literal["", "Memory"] = ""

    @model_validator(mode="after")
    def _complete(self) -> "OldVolume":
        needed = {"pvc": "claim_name", "configMap": "cm_name", "secret": "secret_name"}
        field = needed.get(self.type)
        if field and not getattr(self, field):
            said = OldVolume.model_fields[field].alias
            raise ValueError(f"a volume of type {self.type} needs {said}")
        return self

    def source(self) -> dict[str, Any]:
        """Answer what is mounted, as a pod's volume says it."""
        match self.type:
            case "pvc":
                return {"persistentVolumeClaim": {"claimName": self.claim_name}}
            case "configMap":
                return {"configMap": files(self.default_mode, self.items, name=self.cm_name)}
            case "secret":
                return {"secret": files(self.default_mode, self.items, secretName=self.secret_name)}
        return {"emptyDir": given(medium=self.medium)}

    def mount(self) -> dict[str, Any]:
        """Answer where, as a container says it."""
        return given(name=self.name, mountPath=self.mount_path, subPath=self.sub_path)


def files(mode: int, items: list[Item] | None, **source: str) -> dict[str, Any]:
    """Make the source of a volume of files."""
    return {**source, "defaultMode": mode, **given(items=as_json(items))}


def volumes_of(mounts: list[Mount | OldVolume]) -> list[dict[str, Any]]:
    """Make the volumes of a pod: one for each name, which several mounts may share."""
    found: dict[str, dict[str, Any]] = {}
    for each in mounts:
        found.setdefault(each.name, {"name": each.name, **each.source()})
    return list(found.values())
