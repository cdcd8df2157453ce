"""How the policies of an application want its objects to be treated, and which of them are kept as garbage. Pure."""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, field

from bot.catalog.model import Application
from bot.placement.policies import (
    ApplyOnce,
    GarbageCollect,
    Rules,
    Selector,
    fits,
    read_policies,
)
from bot.rendering.cloud.configurations import CREDENTIALS_LABEL, GROUP
from bot.rendering.objects import Manifest
from bot.run.inventory import Ref, ref_of
from bot.wording import Sentence
from bot.workflow.expressions import ExpressionError
from bot.workflow.values import put, value_from

PRECIOUS = frozenset(
    {"Namespace", "CustomResourceDefinition", "PersistentVolumeClaim", "PersistentVolume"}
)
"""Kinds whose deletion takes away what no delivery brings back: kept unless a rule speaks of them by their kind."""
NEVER = Sentence("its kind is never deleted unless a garbage-collect rule names it")
CLOUD = Sentence(
    "a cloud resource is never destroyed unless a garbage-collect rule names the kind of its object"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Handling:
    """Which objects are treated in another way than the others."""

    force: frozenset[Ref] = frozenset()
    """Taken over from other field managers (`take-over`)."""
    once: frozenset[Ref] = frozenset()
    """Left alone where they are there (`apply-once`, all of the object)."""
    kept_fields: dict[Ref, tuple[str, ...]] = field(default_factory=dict)
    """Fields that stay as they are in an object that is there (`apply-once`, some fields)."""
    read_only: frozenset[Ref] = frozenset()
    """Never written (`read-only`)."""
    shared: frozenset[Ref] = frozenset()
    """Delivered by several applications (`shared-resource`)."""


def handling_of(application: Application, manifests: Sequence[Manifest]) -> Handling:
    """Answer how `manifests` are to be treated."""
    kept: dict[Ref, tuple[str, ...]] = {}
    for policy in read_policies(application, "apply-once", ApplyOnce):
        for rule in policy.rules if policy.enable else ():
            if rule.strategy.affect == "onStateKeep":
                continue
            for ref in _selected(rule.selector, manifests):
                kept[ref] = (*kept.get(ref, ()), *rule.strategy.path)
    return Handling(
        force=_by_rules(application, "take-over", manifests),
        once=frozenset(ref for ref, paths in kept.items() if "*" in paths),
        kept_fields={ref: paths for ref, paths in kept.items() if "*" not in paths},
        read_only=_by_rules(application, "read-only", manifests),
        shared=_by_rules(application, "shared-resource", manifests),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Disposal:
    """What becomes of an object that the application no longer contains."""

    kept: str = ""
    """Why it is not deleted; empty: it is."""
    orphan: bool = False
    """Whether what it owns stays."""


def disposal_of(application: Application, manifest: Manifest) -> Disposal:
    """Answer what becomes of a delivered object that is garbage: the first rule that selects it says so, as in KubeVela."""
    for policy in read_policies(application, "garbage-collect", GarbageCollect):
        if policy.keep_legacy_resource:
            return Disposal(kept=Sentence("the garbage-collect policy keeps what is old"))
        for rule in policy.rules:
            if not fits(rule.selector, manifest):
                continue
            if rule.strategy != "onAppUpdate":
                said = Sentence(
                    "the garbage-collect policy says {strategy}", strategy=rule.strategy
                )
                return Disposal(kept=said)
            if why_precious(manifest) and manifest["kind"] not in rule.selector.resource_types:
                break
            return Disposal(orphan=rule.propagation == "orphan")
    return Disposal(kept=why_precious(manifest))


def why_precious(manifest: Manifest) -> str:
    """Say why an object is kept unless a rule speaks of it by its kind; empty: it is as good as any other."""
    labels = manifest["metadata"].get("labels") or {}
    if manifest["apiVersion"].startswith(f"{GROUP}/") or CREDENTIALS_LABEL in labels:
        return CLOUD
    return NEVER if manifest["kind"] in PRECIOUS else ""


def with_live_fields(manifest: Manifest, live: Manifest | None, paths: Sequence[str]) -> Manifest:
    """Answer a manifest in which some fields have the values of the live object, if there is one."""
    if live is None or not paths:
        return manifest
    made = deepcopy(manifest)
    for path in paths:
        try:
            put(made, path, value_from(path, live))
        except ExpressionError:
            continue  # it is not there, so there is nothing to keep
    return made


def _by_rules(application: Application, kind: str, manifests: Sequence[Manifest]) -> frozenset[Ref]:
    return frozenset(
        ref
        for policy in read_policies(application, kind, Rules)
        for rule in policy.rules
        for ref in _selected(rule.selector, manifests)
    )


def _selected(selector: Selector, manifests: Sequence[Manifest]) -> list[Ref]:
    return [ref_of(each) for each in manifests if fits(selector, each)]
