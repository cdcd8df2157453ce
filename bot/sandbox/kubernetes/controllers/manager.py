"""Calls the controllers: after each change those that depend on it, and by timers what takes time."""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from bot.sandbox.faults import Faults
from bot.sandbox.kubernetes.controllers import (
    autoscalers,
    cleanup,
    cronjobs,
    daemonsets,
    definitions,
    deployments,
    ingresses,
    jobs,
    pods,
    quotas,
    replicasets,
    services,
    statefulsets,
    terraform,
    volumes,
)
from bot.sandbox.kubernetes.controllers.context import Context, Target
from bot.sandbox.kubernetes.controllers.seeds import NAMESPACE, seed
from bot.sandbox.kubernetes.errors import StatusError
from bot.sandbox.kubernetes.images import Registry
from bot.sandbox.kubernetes.quota import QUOTA
from bot.sandbox.kubernetes.registry import Resource
from bot.sandbox.kubernetes.storage import Change, Storage

log = logging.getLogger(__name__)

TURN = 0.02
"""Seconds that the controllers work at a stretch."""

Reconcile = Callable[[Context, dict[str, Any]], None]

CONTROLLERS: dict[str, Reconcile] = {
    "deployments.apps": deployments.reconcile,
    "replicasets.apps": replicasets.reconcile,
    "statefulsets.apps": statefulsets.reconcile,
    "daemonsets.apps": daemonsets.reconcile,
    "jobs.batch": jobs.reconcile,
    "cronjobs.batch": cronjobs.reconcile,
    "pods": pods.reconcile,
    "resourcequotas": quotas.reconcile,
    "persistentvolumeclaims": volumes.reconcile_claim,
    "persistentvolumes": volumes.reconcile_volume,
    "services": services.reconcile,
    "ingresses.networking.k8s.io": ingresses.reconcile,
    "horizontalpodautoscalers.autoscaling": autoscalers.reconcile,
    "namespaces": cleanup.reconcile_namespace,
    "customresourcedefinitions.apiextensions.k8s.io": definitions.reconcile,
    "configurations.terraform.core.oam.dev": terraform.reconcile_configuration,
    "providers.terraform.core.oam.dev": terraform.reconcile_provider,
}


class Controllers:
    """The controllers of one cluster, run one after the other on the event loop."""

    def __init__(
        self, storage: Storage, cluster: str, faults: Faults, registry: Registry, speed: float
    ) -> None:
        self._context = Context(
            storage=storage,
            cluster=cluster,
            faults=faults,
            registry=registry,
            speed=speed,
            again=self._later,
            began=datetime.now(UTC),
        )
        self._storage = storage
        self._queue: dict[Target, None] = {}
        self._timers: dict[Target, asyncio.TimerHandle] = {}
        self._scheduled = False
        self._running = False
        storage.listen(self._on_change)

    def start(self) -> None:
        """Begin: seed the cluster's own namespaces and look at everything that is there."""
        self._running = True
        seed(self._storage, self._context.cluster)
        for each in self._storage.of(NAMESPACE):
            quotas.furnish(self._context, each["metadata"]["name"])
        for each in self._storage.everything():
            self._enqueue_object(each)

    def look_again(self, qualified: str) -> None:
        """Look at all objects of a kind: what they depend on has changed outside of the cluster."""
        resource = self._storage.kinds.named(qualified)
        for each in self._storage.of(resource) if resource is not None else []:
            self._enqueue_object(each)

    def stop(self) -> None:
        """Stop calling anything."""
        self._running = False
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    def _on_change(self, change: Change) -> None:
        if not self._running:
            return
        subject = change.subject
        self._enqueue_object(subject)
        for owner in subject["metadata"].get("ownerReferences", []):
            resource = self._storage.kinds.of(owner["apiVersion"], owner["kind"])
            if resource is not None:
                self._enqueue((resource, subject["metadata"].get("namespace", ""), owner["name"]))
        if change.new is None:
            cleanup.after_deletion(self._context, subject)
        elif change.old is None and change.resource is NAMESPACE:
            quotas.furnish(self._context, subject["metadata"]["name"])
        for each in self._storage.of(QUOTA, subject["metadata"].get("namespace", "-")):
            self._enqueue_object(each)
        self._enqueue_related(change)

    def _enqueue_related(self, change: Change) -> None:
        """Look at what depends on an object without belonging to it."""
        subject = change.subject
        if change.resource.qualified == "pods":
            for service in services.touched_by(self._storage, change):
                self._enqueue_object(service)
            for claim in volumes.used_by(subject):
                self._enqueue(claim)
        elif change.resource.qualified == "services" and change.new is None:
            services.after_deletion(self._context, subject)
        elif change.resource.qualified == "persistentvolumeclaims":
            volume = subject["spec"].get("volumeName")
            if volume:
                self._enqueue((volumes.VOLUME, "", volume))

    def _enqueue_object(self, subject: dict[str, object]) -> None:
        resource = self._storage.kinds.of(str(subject["apiVersion"]), str(subject["kind"]))
        if resource is not None:
            self._enqueue(_target(resource, subject))

    def _enqueue(self, target: Target) -> None:
        self._queue[target] = None
        if not self._scheduled:
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._drain)

    def _later(self, target: Target, seconds: float) -> None:
        """Look at an object again after a time; of several wishes the earliest counts, then it is asked anew."""
        loop = asyncio.get_running_loop()
        old = self._timers.get(target)
        if not self._running or (old is not None and old.when() <= loop.time() + seconds):
            return
        if old is not None:
            old.cancel()
        self._timers[target] = loop.call_later(seconds, self._ring, target)

    def _ring(self, target: Target) -> None:
        self._timers.pop(target, None)
        self._enqueue(target)

    def _call(self, qualified: str, subject: dict[str, Any]) -> None:
        if cleanup.is_waiting(subject):
            cleanup.collect(self._context, subject)
        elif qualified in CONTROLLERS:
            CONTROLLERS[qualified](self._context, subject)

    def _drain(self) -> None:
        """Look at what is queued, for a moment: then those who ask the API server have their turn."""
        self._scheduled = False
        loop = asyncio.get_running_loop()
        until = loop.time() + TURN
        queue, self._queue = self._queue, {}
        while queue and self._running and loop.time() < until:
            target = next(iter(queue))
            del queue[target]
            subject = self._storage.find(*target)
            if subject is not None:
                self._reconcile(target, subject)
        if queue and self._running:
            self._queue = queue | self._queue
            if not self._scheduled:
                self._scheduled = True
                loop.call_soon(self._drain)

    def _reconcile(self, target: Target, subject: dict[str, Any]) -> None:
        try:
            self._call(target[0].qualified, subject)
        except StatusError as error:
            # A write met a newer state; the change that made it newer has queued the object again.
            log.debug("%s %s: %s", target[0].kind, target[2], error)
        except Exception:  # as in a real controller manager: one strange object stops no other
            log.exception("the controller of %s %s broke", target[0].kind, target[2])


def _target(resource: Resource, subject: dict[str, object]) -> Target:
    meta = subject["metadata"]
    assert isinstance(meta, dict)
    return resource, str(meta.get("namespace", "")), str(meta["name"])
