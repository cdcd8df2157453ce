"""What a controller works with: the storage, the faults, and a way to be called again later."""

import asyncio
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bot.sandbox.faults import Fault, Faults
from bot.sandbox.kubernetes import writes
from bot.sandbox.kubernetes.images import Registry
from bot.sandbox.kubernetes.registry import BY_KIND, Resource
from bot.sandbox.kubernetes.storage import Object, Storage, now

Target = tuple[Resource, str, str]

MANAGER = "kube-controller-manager"
COMPONENT = "app.oam.dev/component"
"""KubeVela's label: the name by which people know a workload whose own name is made up, such as a Job's."""

POD = BY_KIND["v1", "Pod"]
EVENT = BY_KIND["v1", "Event"]
REPLICA_SET = BY_KIND["apps/v1", "ReplicaSet"]
ENDPOINT_SLICE = BY_KIND["discovery.k8s.io/v1", "EndpointSlice"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """One cluster as its controllers see it."""

    storage: Storage
    cluster: str
    faults: Faults
    registry: Registry
    speed: float
    again: Callable[[Target, float], None]
    began: datetime
    """When the controllers were started."""
    stages: dict[str, tuple[str, float]] = field(default_factory=dict)
    """By uid, or uid/container: the stage something is in, and since when on the event loop's clock."""
    memory: dict[str, Any] = field(default_factory=dict)
    """By uid: what a controller keeps in mind of an object; forgotten at a restart."""

    def clock(self) -> datetime:
        """Answer the time of the schedules: it runs at the cluster's speed."""
        return self.began + (datetime.now(UTC) - self.began) * self.speed

    def create(self, resource: Resource, body: Object, manager: str = MANAGER) -> Object:
        """Make an object as a controller does that asks the API server. Raises StatusError."""
        ask = writes.Ask(
            resource=resource,
            version=resource.version,
            namespace=body["metadata"].get("namespace", ""),
            manager=manager,
        )
        return writes.create(self.storage, ask, body)

    def waited(self, target: Target, key: str, stage: str, seconds: float) -> bool:
        """Say whether what `key` names has been `seconds` in a stage (at speed 1); if not, come back when it has.

        A stage is entered by being asked about.
        """
        moment = asyncio.get_running_loop().time()
        if self.stages.get(key, ("", 0.0))[0] != stage:
            self.stages[key] = (stage, moment)
        left = seconds / self.speed - (moment - self.stages[key][1])
        if left <= 0:
            return True
        self.again(target, left)
        return False

    def fault(self, kind: str, *names: str) -> Fault | None:
        """Find the fault of this kind that stands for one of these names, or for all."""
        target = f"cluster/{self.cluster}"
        found = (self.faults.standing(target, kind, name=name) for name in names or ("",))
        return next((each for each in found if each is not None), None)

    def kind_of(self, subject: Object) -> Resource:
        """Answer the kind of an object that is served."""
        found = self.storage.kinds.of(subject["apiVersion"], subject["kind"])
        assert found is not None, subject["kind"]
        return found

    def set_status(self, subject: Object, status: Object, manager: str = MANAGER) -> None:
        """Store a new status, if it is one, as a controller or the kubelet does."""
        if subject.get("status") != status:
            made = {**subject, "status": status}
            writes.record(self.storage, self.kind_of(subject), made, manager, "status")

    def write(self, subject: Object, manager: str = MANAGER, part: str = "") -> Object:
        """Store what a controller has made of an object."""
        return writes.record(self.storage, self.kind_of(subject), subject, manager, part)

    def owned(self, owner: Object, resource: Resource) -> list[Object]:
        """List the objects of a kind that `owner` controls."""
        return [
            each
            for each in self.storage.dependents(owner)
            if self.kind_of(each).qualified == resource.qualified
        ]

    def event(
        self,
        about: Object,
        kind: str,
        reason: str,
        message: str,
        component: str,
        field: str = "",
    ) -> None:
        """Write an Event; the same again only counts up. `field` is the part of the object that it is about."""
        meta = about["metadata"]
        seed = f"{meta['uid']}/{reason}/{message}/{field}"
        name = f"{meta['name']}.{hashlib.sha256(seed.encode()).hexdigest()[:16]}"
        old = self.storage.find(EVENT, meta.get("namespace", "default"), name)
        if old is not None:
            self.storage.touch(EVENT, {**old, "count": old["count"] + 1, "lastTimestamp": now()})
            return
        self.storage.create(
            EVENT,
            {
                "apiVersion": "v1",
                "kind": "Event",
                "metadata": {"name": name, "namespace": meta.get("namespace", "default")},
                "involvedObject": {
                    "apiVersion": about["apiVersion"],
                    "kind": about["kind"],
                    "name": meta["name"],
                    "namespace": meta.get("namespace", ""),
                    "uid": meta["uid"],
                    **({"fieldPath": field} if field else {}),
                },
                "type": kind,
                "reason": reason,
                "message": message,
                "source": {"component": component},
                "reportingComponent": component,
                "reportingInstance": "",
                "firstTimestamp": now(),
                "lastTimestamp": now(),
                "count": 1,
            },
        )


def workloads_of(context: Context, pod: Object) -> list[str]:
    """Name what a pod belongs to: itself, its component, its ReplicaSet's Deployment, its StatefulSet …"""
    component = (pod["metadata"].get("labels") or {}).get(COMPONENT)
    names = [pod["metadata"]["name"], *([component] if component else [])]
    for owner in pod["metadata"].get("ownerReferences") or []:
        names.append(owner["name"])
        resource = context.storage.kinds.of(owner["apiVersion"], owner["kind"])
        above = resource and context.storage.find(
            resource, pod["metadata"]["namespace"], owner["name"]
        )
        if above:
            names += [each["name"] for each in above["metadata"].get("ownerReferences") or []]
    return names


def owner_reference(owner: Object) -> Object:
    """Answer the reference by which an object says who controls it."""
    return {
        "apiVersion": owner["apiVersion"],
        "kind": owner["kind"],
        "name": owner["metadata"]["name"],
        "uid": owner["metadata"]["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }


def condition(
    status: Object, kind: str, value: str, reason: str, message: str, *, progress: bool = False
) -> Object:
    """Answer the condition of type `kind` as it is now; its times change only with what they are about.

    `progress`: the update time is that of the last progress, even when nothing else has changed.
    """
    old: Object = next((each for each in status.get("conditions", []) if each["type"] == kind), {})
    made: dict[str, Any] = {"type": kind, "status": value, "reason": reason, "message": message}
    same = all(old.get(key) == made[key] for key in made)
    made["lastUpdateTime"] = old.get("lastUpdateTime", now()) if same and not progress else now()
    made["lastTransitionTime"] = old["lastTransitionTime"] if old.get("status") == value else now()
    return made


def hash_of(value: Any) -> str:
    """Answer a short stable name for a pod template, of the letters that Kubernetes uses."""
    alphabet = "bcdfghjklmnpqrstvwxz2456789"
    digest = hashlib.sha256(json.dumps(value, sort_keys=True).encode()).digest()
    return "".join(alphabet[byte % len(alphabet)] for byte in digest[:10])
