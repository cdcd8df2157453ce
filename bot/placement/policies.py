"""The policies of an application: KubeVela's, as models, and what is wrong with one. Pure.

`topology` and `override` (and the older `env-binding`) say what is delivered where; the others say how objects are
treated: taken over, applied once, only read, shared, kept when they are garbage. What a policy selects is said by
KubeVela's selector.
"""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field

from bot.catalog.complaints import nearest
from bot.catalog.model import Application, Policy
from bot.catalog.parameters import Fault, Parameters, faults
from bot.rendering.objects import COMPONENT_LABEL, TRAIT_LABEL, WORKLOAD_LABEL, Manifest

COMPONENT, TRAIT = "COMPONENT", "TRAIT"


def _none_as_map(given: Any) -> Any:
    return {} if given is None else given


Map = Annotated[dict[str, Any], BeforeValidator(_none_as_map)]
Names = list[str]


class Topology(Parameters):
    """Which targets: by their clusters, the labels of these, and their namespaces."""

    clusters: Names | None = None
    cluster_label_selector: dict[str, str] | None = None
    cluster_selector: dict[str, str] | None = None
    """KubeVela's older name of the same."""
    namespace: str = ""
    allow_empty: bool = False


class TraitPatch(Parameters):
    """A change of a trait; one that is not there is added, one that is `disable`d goes away."""

    type: str
    properties: Map = Field(default_factory=dict)
    disable: bool = False


class ComponentPatch(Parameters):
    """A change of the components of a name or a type (neither: of all); with both, one that is not there is added."""

    name: str = ""
    type: str = ""
    properties: Map = Field(default_factory=dict)
    traits: list[TraitPatch] = Field(default_factory=list)


class Override(Parameters):
    """Changes of components, and which of them are delivered at all (`selector`; empty: all)."""

    components: list[ComponentPatch] = Field(default_factory=list)
    selector: Names = Field(default_factory=list)


class ClusterSelector(Parameters):
    """A cluster by its name or labels."""

    name: str = ""
    labels: dict[str, str] = Field(default_factory=dict)


class NamespaceSelector(Parameters):
    """A namespace by its name."""

    name: str = ""


class EnvPlacement(Parameters):
    """Where an env of an `env-binding` is."""

    cluster_selector: ClusterSelector = Field(default_factory=ClusterSelector)
    namespace_selector: NamespaceSelector = Field(default_factory=NamespaceSelector)


class EnvSelector(Parameters):
    """Which components an env of an `env-binding` has."""

    components: Names = Field(default_factory=list)


class EnvPatch(Parameters):
    """How an env of an `env-binding` changes components."""

    components: list[ComponentPatch] = Field(default_factory=list)


class Env(Parameters):
    """One env of an `env-binding`."""

    name: str
    placement: EnvPlacement = Field(default_factory=EnvPlacement)
    selector: EnvSelector = Field(default_factory=EnvSelector)
    patch: EnvPatch = Field(default_factory=EnvPatch)


def _once(given: list[Env]) -> list[Env]:
    names = [each.name for each in given]
    twice = next((each for each in names if names.count(each) > 1), "")
    if twice:
        raise ValueError(f"there are two envs {twice}")
    return given


class EnvBinding(Parameters):
    """KubeVela 1.2's policy for `deploy2env`."""

    envs: Annotated[list[Env], Field(min_length=1), AfterValidator(_once)]


class Selector(Parameters):
    """Which objects a rule is about: those that fit every list that is given."""

    component_names: Names = Field(default_factory=list)
    component_types: Names = Field(default_factory=list)
    oam_types: list[Literal["COMPONENT", "TRAIT"]] = Field(default_factory=list)
    trait_types: Names = Field(default_factory=list)
    resource_types: Names = Field(default_factory=list)
    resource_names: Names = Field(default_factory=list)


class Rule(Parameters):
    """A rule that selects objects."""

    selector: Selector


class OnceStrategy(Parameters):
    """What of an object is applied once: paths of its fields, or `*` for all of it.

    KubeVela keeps applying what is delivered between deliveries, too (`onStateKeep`); Shipmate never does.
    """

    path: Annotated[Names, Field(min_length=1)]
    affect: Literal["", "always", "onUpdate", "onStateKeep"] = ""


class OnceRule(Parameters):
    """Objects, or fields of them, that are left as they are once they are there."""

    selector: Selector = Field(default_factory=Selector)
    strategy: OnceStrategy


class ApplyOnce(Parameters):
    """What is left alone once it is there. Without rules KubeVela means what holds here anyhow: drift may stay."""

    enable: bool = False
    rules: list[OnceRule] = Field(default_factory=list)


class Rules(Parameters):
    """The policies `take-over`, `read-only` and `shared-resource`."""

    rules: list[Rule] = Field(default_factory=list)


class GarbageRule(Parameters):
    """When the selected objects are deleted that the application no longer contains."""

    selector: Selector
    strategy: Literal["onAppUpdate", "onAppDelete", "never"] = "onAppUpdate"
    propagation: Literal["orphan", "cascading"] | None = None


class GarbageCollect(Parameters):
    """What becomes of objects that the application no longer contains."""

    application_revision_limit: int | None = None
    """Taken for KubeVela's sake: revisions are no objects here."""
    keep_legacy_resource: bool = False
    continue_on_failure: Literal[False] = False
    """Only `false`: after a failed run nobody knows yet what is garbage."""
    rules: list[GarbageRule] = Field(default_factory=list)


POLICIES: dict[str, type[Parameters]] = {
    "topology": Topology,
    "override": Override,
    "env-binding": EnvBinding,
    "garbage-collect": GarbageCollect,
    "apply-once": ApplyOnce,
    "take-over": Rules,
    "read-only": Rules,
    "shared-resource": Rules,
}
KUBEVELA = frozenset({"replication", "resource-update", "debug"})
"""Policies of KubeVela 1.10 that there are not here."""
P = TypeVar("P", bound=Parameters)


def check_policy(policy: Policy) -> list[Fault]:
    """List what is wrong with a policy, each with its path in it."""
    model = POLICIES.get(policy.type)
    if model is None:
        if policy.type in KUBEVELA:
            said = f"{policy.type} is a policy of KubeVela's that this Shipmate does not have"
        else:
            said = f"there is no policy type {policy.type}{nearest(policy.type, POLICIES)}"
        return [(("type",), f"{said} (known: {', '.join(POLICIES)})")]
    return [(("properties", *path), said) for path, said in faults(model, policy.properties)]


def read_policies(application: Application, kind: str, model: type[P]) -> Iterator[P]:
    """Yield the checked policies of a kind, in the order of the files."""
    for each in application.policies:
        if each.type == kind:
            yield model.model_validate(dict(each.properties))


def fits(selector: Selector, manifest: Manifest) -> bool:
    """Say whether an object is selected, by what stands in it and in its labels."""
    labels = manifest["metadata"].get("labels") or {}
    trait = labels.get(TRAIT_LABEL, "")
    wanted: tuple[tuple[Sequence[str], str], ...] = (
        (selector.component_names, labels.get(COMPONENT_LABEL, "")),
        (selector.component_types, "" if trait else labels.get(WORKLOAD_LABEL, "")),
        (selector.oam_types, TRAIT if trait else COMPONENT),
        (selector.trait_types, trait),
        (selector.resource_types, manifest["kind"]),
        (selector.resource_names, manifest["metadata"]["name"]),
    )
    return all(value in names for names, value in wanted if names)
