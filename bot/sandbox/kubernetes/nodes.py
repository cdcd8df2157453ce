"""The pretended nodes of a cluster: eight cores, 16 GiB, 110 pods. Pure."""

import hashlib
from typing import Any

Object = dict[str, Any]

COUNT = 2
ROOM = {
    "cpu": "8",
    "ephemeral-storage": "100Gi",
    "hugepages-2Mi": "0",
    "memory": "16Gi",
    "pods": "110",
}
PRESSURES = (
    ("MemoryPressure", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
    ("DiskPressure", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    ("PIDPressure", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
)


def names(cluster: str) -> list[str]:
    """Name the nodes of a cluster: `east-node-1`, `east-node-2`."""
    return [f"{cluster}-node-{number}" for number in range(1, COUNT + 1)]


def host_ip(node: str) -> str:
    """Answer a node's address."""
    return f"10.0.0.{1 + hashlib.sha256(node.encode()).digest()[0] % 250}"


def node(name: str, moment: str) -> Object:
    """Make a node that has been ready since `moment`."""
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": name,
            "labels": {
                "beta.kubernetes.io/arch": "amd64",
                "beta.kubernetes.io/os": "linux",
                "kubernetes.io/arch": "amd64",
                "kubernetes.io/hostname": name,
                "kubernetes.io/os": "linux",
            },
        },
        "spec": {"podCIDR": "10.244.0.0/24", "podCIDRs": ["10.244.0.0/24"]},
        "status": {
            "capacity": dict(ROOM),
            "allocatable": dict(ROOM),
            "addresses": [
                {"type": "InternalIP", "address": host_ip(name)},
                {"type": "Hostname", "address": name},
            ],
            "conditions": [
                *(
                    _condition(kind, "False", reason, said, moment)
                    for kind, reason, said in PRESSURES
                ),
                _condition(
                    "Ready", "True", "KubeletReady", "kubelet is posting ready status", moment
                ),
            ],
            "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
            "nodeInfo": {
                "architecture": "amd64",
                "bootID": _id(name, "boot"),
                "containerRuntimeVersion": "containerd://2.1.4",
                "kernelVersion": "6.12.0-pretended",
                "kubeProxyVersion": "",
                "kubeletVersion": "v1.34.3",
                "machineID": _id(name, "machine").replace("-", ""),
                "operatingSystem": "linux",
                "osImage": "Pretended Linux",
                "systemUUID": _id(name, "system"),
            },
        },
    }


def _condition(kind: str, status: str, reason: str, message: str, moment: str) -> Object:
    return {
        "type": kind,
        "status": status,
        "reason": reason,
        "message": message,
        "lastHeartbeatTime": moment,
        "lastTransitionTime": moment,
    }


def _id(name: str, what: str) -> str:
    digest = hashlib.sha256(f"{name}/{what}".encode()).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:32]}"
