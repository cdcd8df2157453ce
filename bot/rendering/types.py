"""Which component types and traits there are: two explicit lists, and what ComponentDefinitions add. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from bot.catalog.model import TERRAFORM, Component
from bot.catalog.parameters import Fault, faults
from bot.rendering.cloud.configurations import configuration
from bot.rendering.cloud.modules import Module, module_faults
from bot.rendering.components.jobs import CronTask, Task, cron_task, named_by_content, task
from bot.rendering.components.native import K8sObjects, Raw, k8s_objects, raw
from bot.rendering.components.ports import Listening
from bot.rendering.components.workloads import (
    Statefulset,
    Webservice,
    Worker,
    daemon,
    statefulset,
    webservice,
    worker,
)
from bot.rendering.draft import Draft
from bot.rendering.objects import Manifest, Place
from bot.rendering.traits import accounts, containers, metadata, network, patches, scaling, storage


@dataclass(frozen=True, slots=True)
class ComponentType:
    """What a component of this type takes and becomes. `finish` is done to its workload after the traits."""

    parameters: type[BaseModel]
    render: Callable[[Place, Any], list[Manifest]]
    finish: Callable[[Manifest, Place], None] | None = None


@dataclass(frozen=True, slots=True)
class TraitType:
    """What a trait takes and does."""

    parameters: type[BaseModel]
    apply: Callable[[Draft, Any], None]


COMPONENTS = {
    "webservice": ComponentType(Webservice, webservice),
    "worker": ComponentType(Worker, worker),
    "task": ComponentType(Task, task, named_by_content),
    "cron-task": ComponentType(CronTask, cron_task),
    "daemon": ComponentType(Listening, daemon),
    "statefulset": ComponentType(Statefulset, statefulset),
    "k8s-objects": ComponentType(K8sObjects, k8s_objects),
    "raw": ComponentType(Raw, raw),
    TERRAFORM: ComponentType(Module, lambda place, _: [configuration(place)]),
}
TRAITS = {
    "scaler": TraitType(scaling.Scaler, scaling.scaler),
    "hpa": TraitType(scaling.Hpa, scaling.hpa),
    "gateway": TraitType(network.Gateway, network.gateway),
    "ingress": TraitType(network.Gateway, network.gateway),
    "expose": TraitType(network.Expose, network.expose),
    "env": TraitType(containers.Env, containers.env),
    "service-binding": TraitType(containers.ServiceBinding, containers.service_binding),
    "command": TraitType(containers.Command, containers.command),
    "resource": TraitType(containers.Resource, containers.resource),
    "sidecar": TraitType(containers.Sidecar, containers.sidecar),
    "init-container": TraitType(containers.InitContainer, containers.init_container),
    "storage": TraitType(storage.Storage, storage.storage),
    "service-account": TraitType(accounts.ServiceAccount, accounts.service_account),
    "labels": TraitType(metadata.Names, metadata.labels),
    "annotations": TraitType(metadata.Names, metadata.annotations),
    "json-patch": TraitType(patches.JsonPatch, patches.json_patch),
    "json-merge-patch": TraitType(patches.JsonMergePatch, patches.json_merge_patch),
}
OF_CLOUD = ("labels", "annotations", "json-patch", "json-merge-patch")
"""The traits that mean something for a cloud resource, too."""


def is_known(component: Component) -> bool:
    """Say whether there is the type of a component."""
    return component.is_cloud or component.type in COMPONENTS


def type_of(component: Component) -> ComponentType:
    """Answer the type of a component: those of a company's ComponentDefinitions are made as `terraform` is."""
    return COMPONENTS[TERRAFORM if component.is_cloud else component.type]


def property_faults(component: Component) -> list[Fault]:
    """List what is wrong with the properties of a component whose type is known, each with its path in them."""
    if component.is_cloud:
        return module_faults(component)
    return faults(COMPONENTS[component.type].parameters, component.properties)
