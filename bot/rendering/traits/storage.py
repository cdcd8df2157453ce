"""The trait `storage`: claims, ConfigMaps, Secrets and folders, made where they are not there and mounted. Pure.

An object with `mountOnly` is mounted and not made. Secrets in a workflow file are as readable as the file.
"""

from base64 import b64encode
from collections.abc import Iterator
from typing import Any, Literal

from pydantic import Field

from bot.rendering.draft import Draft, add_named
from bot.rendering.objects import Manifest, given
from bot.rendering.parameters import Memory, Mode, ObjectName, Parameters, as_json
from bot.rendering.volumes import READABLE, Item, files

Data = dict[str, str]


class StorageAmount(Parameters):
    """How much."""

    storage: Memory = "8Gi"


class StorageResources(Parameters):
    """How much a claim asks for."""

    requests: StorageAmount = Field(default_factory=StorageAmount)
    limits: StorageAmount | None = None


class DataSource(Parameters):
    """What a claim is filled from."""

    name: str
    kind: str
    api_group: str | None = None


class Match(Parameters):
    """A condition on labels."""

    key: str
    operator: Literal["In", "NotIn", "Exists", "DoesNotExist"]
    values: list[str] | None = None


class Selector(Parameters):
    """Which volumes a claim takes; KubeVela has one expression where Kubernetes has a list."""

    match_labels: dict[str, str] | None = None
    match_expressions: Match | None = None


class ClaimMount(Parameters):
    """A PersistentVolumeClaim."""

    name: ObjectName
    mount_only: bool = False
    mount_path: str
    sub_path: str | None = None
    volume_mode: Literal["Filesystem", "Block"] = "Filesystem"
    volume_name: str | None = None
    access_modes: list[str] = Field(default_factory=lambda: ["ReadWriteOnce"])
    storage_class_name: str | None = None
    resources: StorageResources = Field(default_factory=StorageResources)
    data_source_ref: DataSource | None = None
    data_source: DataSource | None = None
    selector: Selector | None = None


class ConfigMapVariable(Parameters):
    """A variable from a ConfigMap."""

    env_name: str
    config_map_key: str


class SecretVariable(Parameters):
    """A variable from a Secret."""

    env_name: str
    secret_key: str


class ConfigMapMount(Parameters):
    """A ConfigMap: as files, as variables, or both."""

    name: ObjectName
    mount_only: bool = False
    mount_to_env: ConfigMapVariable | None = None
    mount_to_envs: list[ConfigMapVariable] = Field(default_factory=list)
    mount_path: str | None = None
    sub_path: str | None = None
    default_mode: Mode = READABLE
    read_only: bool = False
    data: Data | None = None
    items: list[Item] | None = None


class SecretMount(Parameters):
    """A Secret: as files, as variables, or both."""

    name: ObjectName
    mount_only: bool = False
    mount_to_env: SecretVariable | None = None
    mount_to_envs: list[SecretVariable] = Field(default_factory=list)
    mount_path: str | None = None
    sub_path: str | None = None
    default_mode: Mode = READABLE
    read_only: bool = False
    string_data: Data | None = None
    data: Data | None = None
    items: list[Item] | None = None


class FolderMount(Parameters):
    """A folder that lives as long as the pod."""

    name: ObjectName
    mount_path: str
    sub_path: str | None = None
    medium: Literal["", "Memory"] = ""


class HostMount(Parameters):
    """A folder or file of the node."""

    name: ObjectName
    path: str
    mount_path: str
    type: Literal[
        "Directory",
        "DirectoryOrCreate",
        "FileOrCreate",
        "File",
        "Socket",
        "CharDevice",
        "BlockDevice",
    ] = "Directory"


class Storage(Parameters):
    """Properties of `storage`."""

    pvc: list[ClaimMount] = Field(default_factory=list)
    config_map: list[ConfigMapMount] = Field(default_factory=list)
    secret: list[SecretMount] = Field(default_factory=list)
    empty_dir: list[FolderMount] = Field(default_factory=list)
    host_path: list[HostMount] = Field(default_factory=list)


Mounted = tuple[dict[str, Any], dict[str, Any]]
"""A volume of the pod, and where the container sees it."""


def storage(draft: Draft, parameters: Storage) -> None:
    """Make what is to be made, and mount it all into the component's container."""
    for each in _objects(draft, parameters):
        draft.add(each)
    pod, container = draft.pod(), draft.container()
    for volume, mount in _mounts(parameters):
        add_named(pod.setdefault("volumes", []), [volume], "volume")
        key = "volumeDevices" if "devicePath" in mount else "volumeMounts"
        container.setdefault(key, []).append(mount)
    variables = list(_variables(parameters))
    if variables:
        add_named(container.setdefault("env", []), variables, "variable")


def _objects(draft: Draft, parameters: Storage) -> Iterator[Manifest]:
    place = draft.place
    for claim in parameters.pvc:
        if not claim.mount_only:
            spec = _claim(claim)
            yield place.manifest("v1", "PersistentVolumeClaim", spec, name=claim.name)
    for each in parameters.config_map:
        if not each.mount_only:
            made = place.manifest("v1", "ConfigMap", name=each.name)
            yield {**made, **given(data=each.data)}
    for secret in parameters.secret:
        if not secret.mount_only:
            made = place.manifest("v1", "Secret", name=secret.name)
            yield {**made, **given(data=_encoded(secret))}


def _encoded(secret: SecretMount) -> Data:
    """Answer the data as the API server keeps it: what it makes of `stringData` it would not own as ours."""
    plain = secret.string_data or {}
    fresh = {key: b64encode(each.encode()).decode() for key, each in plain.items()}
    return {**(secret.data or {}), **fresh}


def _claim(claim: ClaimMount) -> dict[str, Any]:
    selector = as_json(claim.selector)
    if claim.selector is not None and claim.selector.match_expressions is not None:
        selector["matchExpressions"] = [selector["matchExpressions"]]
    return given(
        volumeMode=claim.volume_mode,
        volumeName=claim.volume_name,
        accessModes=claim.access_modes,
        storageClassName=claim.storage_class_name,
        resources=as_json(claim.resources),
        dataSourceRef=as_json(claim.data_source_ref),
        dataSource=as_json(claim.data_source),
        selector=selector,
    )


def _mounts(parameters: Storage) -> Iterator[Mounted]:
    for claim in parameters.pvc:
        name = f"pvc-{claim.name}"
        source = {"persistentVolumeClaim": {"claimName": claim.name}}
        if claim.volume_mode == "Block":
            yield {"name": name, **source}, {"name": name, "devicePath": claim.mount_path}
        else:
            yield _mounted(name, source, claim.mount_path, claim.sub_path)
    for each in parameters.config_map:
        if each.mount_path is not None:
            source = {"configMap": files(each.default_mode, each.items, name=each.name)}
            yield _mounted(
                f"configmap-{each.name}", source, each.mount_path, each.sub_path, each.read_only
            )
    for secret in parameters.secret:
        if secret.mount_path is not None:
            source = {"secret": files(secret.default_mode, secret.items, secretName=secret.name)}
            yield _mounted(
                f"secret-{secret.name}",
                source,
                secret.mount_path,
                secret.sub_path,
                secret.read_only,
            )
    for folder in parameters.empty_dir:
        source = {"emptyDir": given(medium=folder.medium)}
        yield _mounted(f"emptydir-{folder.name}", source, folder.mount_path, folder.sub_path)
    for host in parameters.host_path:
        source = {"hostPath": {"path": host.path, "type": host.type}}
        yield _mounted(f"hostpath-{host.name}", source, host.mount_path, None)


def _mounted(
    name: str,
    source: dict[str, Any],
    path: str,
    below: str | None,
    read_only: bool = False,  # noqa: FBT001, FBT002 - as the file has it
) -> Mounted:
    mount = given(name=name, mountPath=path, subPath=below, readOnly=read_only or None)
    return {"name": name, **source}, mount


def _variables(parameters: Storage) -> Iterator[dict[str, Any]]:
    for each in parameters.config_map:
        single = [each.mount_to_env] if each.mount_to_env else []
        for one in (*single, *each.mount_to_envs):
            source = {"configMapKeyRef": {"name": each.name, "key": one.config_map_key}}
            yield {"name": one.env_name, "valueFrom": source}
    for secret in parameters.secret:
        alone = [secret.mount_to_env] if secret.mount_to_env else []
        for variable in (*alone, *secret.mount_to_envs):
            source = {"secretKeyRef": {"name": secret.name, "key": variable.secret_key}}
            yield {"name": variable.env_name, "valueFrom": source}
