"""What a pod needs that is not there: Secrets, ConfigMaps and their keys, in the kubelet's words. Pure but for the look."""

from collections.abc import Iterator
from typing import Any

from bot.sandbox.kubernetes.registry import BY_KIND
from bot.sandbox.kubernetes.storage import Object, Storage

SECRET = BY_KIND["v1", "Secret"]
CONFIG_MAP = BY_KIND["v1", "ConfigMap"]
CLAIM = BY_KIND["v1", "PersistentVolumeClaim"]
KINDS = {"secret": SECRET, "configmap": CONFIG_MAP}


def missing_in_environment(storage: Storage, namespace: str, container: Object) -> str:
    """Answer why a container's environment cannot be made; empty when it can."""
    for each in container.get("envFrom") or []:
        for field, kind in (("secretRef", "secret"), ("configMapRef", "configmap")):
            reference = each.get(field)
            if reference and not reference.get("optional"):
                said = _missing(storage, namespace, kind, reference.get("name", ""), ())
                if said:
                    return said
    for each in container.get("env") or []:
        source = each.get("valueFrom") or {}
        for field, kind in (("secretKeyRef", "secret"), ("configMapKeyRef", "configmap")):
            reference = source.get(field)
            if reference and not reference.get("optional"):
                name, key = reference.get("name", ""), reference.get("key", "")
                said = _missing(storage, namespace, kind, name, (key,))
                if said:
                    return said
    return ""


def missing_in_volumes(storage: Storage, namespace: str, spec: Object) -> Iterator[str]:
    """Yield, for each volume that cannot be mounted, what the kubelet says of it."""
    for volume in spec.get("volumes") or []:
        for source in _sources(volume):
            for field, kind in (("secret", "secret"), ("configMap", "configmap")):
                given = source.get(field)
                if given is None or given.get("optional"):
                    continue
                name = given.get("secretName") or given.get("name") or ""
                keys = tuple(each["key"] for each in given.get("items") or [])
                said = _missing(storage, namespace, kind, name, keys, volume=True)
                if said:
                    yield f'MountVolume.SetUp failed for volume "{volume["name"]}" : {said}'


def _sources(volume: Object) -> list[Object]:
    projected = volume.get("projected")
    return list(projected.get("sources") or []) if projected else [volume]


def _missing(
    storage: Storage,
    namespace: str,
    kind: str,
    name: str,
    keys: tuple[str, ...],
    *,
    volume: bool = False,
) -> str:
    found = storage.find(KINDS[kind], namespace, name)
    if found is None:
        return f'{kind} "{name}" not found'
    data: dict[str, Any] = {**(found.get("data") or {}), **(found.get("binaryData") or {})}
    gone = [key for key in keys if key not in data]
    if not gone:
        return ""
    if volume:
        return (
            f"references non-existent {'secret' if kind == 'secret' else 'config'} key: {gone[0]}"
        )
    called = "Secret" if kind == "secret" else "ConfigMap"
    return f"couldn't find key {gone[0]} in {called} {namespace}/{name}"


def claims_of(spec: Object) -> list[str]:
    """Name the PersistentVolumeClaims that a pod mounts."""
    return [
        str(each["persistentVolumeClaim"]["claimName"])
        for each in spec.get("volumes") or []
        if each.get("persistentVolumeClaim")
    ]
