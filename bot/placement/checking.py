"""What is wrong with components and with what a step delivers, found when files are read: by rendering it once. Pure.

A component whose properties hold expressions, or take values from another one, is rendered where those are known: for
the targets of an environment.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any

from bot.catalog.complaints import nearest
from bot.catalog.model import (
    Application,
    Component,
    Environment,
    Policy,
    Properties,
    Step,
    Target,
    Trait,
)
from bot.catalog.parameters import Fault, faults
from bot.placement.placements import (
    NO_CONTROL,
    Placement,
    PlacementError,
    cloud_resources,
    known_components,
    placements_of,
)
from bot.placement.policies import Override
from bot.rendering.cloud.modules import definition_faults
from bot.rendering.objects import Place, RenderingError
from bot.rendering.render import IN_COMPONENTS, filled_for, rendered, scope_of
from bot.rendering.types import (
    COMPONENTS,
    OF_CLOUD,
    TRAITS,
    ComponentType,
    TraitType,
    is_known,
    property_faults,
)
from bot.workflow.expressions import ExpressionError, check_text, has_expressions
from bot.workflow.values import put

KUBEVELA = frozenset(
    {
        "helm",
        "helmchart",
        "kustomize",
        "ref-objects",
        "affinity",
        "container-image",
        "container-ports",
        "cpuscaler",
        "hostalias",
        "k8s-update-strategy",
        "lifecycle",
        "nocalhost",
        "podsecuritycontext",
        "pure-ingress",
        "securitycontext",
        "startup-probe",
        "topologyspreadconstraints",
    }
)
"""Component types and traits that KubeVela 1.10 has beside these."""
INSTEAD = {
    "affinity": "json-merge-patch",
    "container-image": "an override of the image",
    "container-ports": "the property ports",
    "cpuscaler": "hpa",
    "hostalias": "the property hostAliases",
    "k8s-update-strategy": "json-merge-patch",
    "lifecycle": "json-patch",
    "podsecuritycontext": "json-merge-patch",
    "pure-ingress": "gateway",
    "securitycontext": "json-patch",
    "startup-probe": "json-patch",
    "topologyspreadconstraints": "json-merge-patch",
}
"""What says here what some of these say there."""
ANYWHERE = Target(name="anywhere", cluster="any", namespace="default")
"""Where a component is rendered to find out whether it can be."""
SOMEWHERE = Environment(name="any", targets=(ANYWHERE,))
NOTHING = Component(name="any", type="any")
NOWHERE = Application(name="any", components=())
CONTEXT = re.compile(r"\bcontext\.(\w+)")
TRAITS_KEY = "traits["
SHARE = "share-cloud-resource"
BY_TERRAFORM = ("apply-terraform-config", "apply-terraform-provider")
"""Step types that act on the control cluster, whatever the application contains."""
NO_OUTPUTS = "a cloud resource leaves nothing: how to reach it is in its Secret (secretKeyRef, service-binding)"


def check_definition(name: str, terraform: Properties) -> list[Fault]:
    """List what is wrong with a component type that Terraform makes, each with its path in its file."""
    found = [
        (("spec", "schematic", "terraform", *path), said)
        for path, said in definition_faults(terraform)
    ]
    if name in COMPONENTS:
        found.append((("metadata", "name"), f"there is a component type {name} already"))
    return found


def check_component(component: Component) -> list[Fault]:
    """List what is wrong with a component and its traits, each with its path in the component."""
    unknown = list(_unknown_types(component))
    found = [*unknown, *_wrong_texts(component)]
    if len(found) > len(unknown) or _is_open(component):
        return found
    wrong = [*unknown, *_wrong_properties(component)]
    return wrong or _trial(
        Application(name="application", components=(component,)), component, ANYWHERE
    )


def check_overrides(application: Application) -> Iterator[tuple[Policy, Fault]]:
    """Yield the names in overrides that no component has: such an override would change, or deliver, nothing.

    A name with a type is a component that the override adds.
    """
    known = known_components(application)
    for policy in application.policies:
        if policy.type == "override":
            for path, name in _named_by(policy.properties):
                if not any(fnmatchcase(each, name) for each in known):
                    said = f"there is no component {name}{nearest(name, known)}"
                    yield policy, (("properties", *path), said)


def _named_by(properties: Properties) -> Iterator[tuple[tuple[str | int, ...], str]]:
    override = Override.model_validate(dict(properties))
    for at, patch in enumerate(override.components):
        if patch.name and not patch.type:
            yield ("components", at, "name"), patch.name
    for at, name in enumerate(override.selector):
        yield ("selector", at), name


def check_delivery(
    step: Step, application: Application, environment: Environment
) -> Iterator[Fault]:
    """Yield what is wrong with what a step delivers: with its targets and policies, or with a component there."""
    if has_expressions(step.properties):
        return  # what it delivers is known as it runs
    if step.type in BY_TERRAFORM and not environment.control_cluster:
        yield (), f"{environment.name} {NO_CONTROL}"
    try:
        if step.type == SHARE:
            cloud_resources(application, environment, step.properties)
        placements = placements_of(step, application, environment)
    except PlacementError as error:
        yield error.path, str(error)
        return
    for placement in placements:
        for component in placement.components:
            for path, said in _wrong_there(application, component, environment, placement):
                target = placement.target
                place = f"{component.name} in {environment.name}/{target.name or target.cluster}"
                where = ".".join(str(each) for each in path)
                yield (), f"{place}: {where}: {said}" if where else f"{place}: {said}"


def _wrong_there(
    application: Application, component: Component, environment: Environment, placement: Placement
) -> list[Fault]:
    """List what is wrong with a component as a placement has it."""
    unknown = list(_unknown_types(component))
    if unknown:
        return unknown
    filled, taken = _with_inputs(component)
    try:
        there = filled_for(application, filled, environment, placement.target)
    except ExpressionError as error:
        return [((), str(error))]
    wrong = _wrong_properties(there)
    if taken:
        return [each for each in wrong if not _is_taken(each[0], taken)]
    return wrong or _trial(application, there, placement.target)


def _trial(application: Application, component: Component, target: Target) -> list[Fault]:
    try:
        rendered(Place(application=application, component=component, target=target, revision=1))
    except RenderingError as error:
        return [(error.path, str(error))]
    return []


def _is_open(component: Component) -> bool:
    """Say whether some values of a component are known only where it is delivered."""
    holding = [component.properties, *(each.properties for each in component.traits)]
    return bool(component.inputs) or any(has_expressions(each) for each in holding)


def _with_inputs(component: Component) -> tuple[Component, list[str]]:
    """Put something where inputs will; name those places."""
    keys = [each.parameter_key for each in component.inputs if each.parameter_key]
    properties = deepcopy(dict(component.properties))
    for key in keys:
        if not key.startswith(TRAITS_KEY):
            try:
                put(properties, key.removeprefix("properties."), "taken from an input")
            except ExpressionError:
                continue  # the step says so when it runs; the path itself is checked elsewhere
    return replace(component, properties=properties), keys


def _is_taken(path: Sequence[str | int], keys: Sequence[str]) -> bool:
    said = ""
    for each in path:
        said += f"[{each}]" if isinstance(each, int) else f".{each}" if said else str(each)
    return any(
        said == full or said.startswith((f"{full}.", f"{full}["))
        for key in keys
        for full in (key if key.startswith((TRAITS_KEY, "properties.")) else f"properties.{key}",)
    )


def _unknown_types(component: Component) -> Iterator[Fault]:
    if not is_known(component):
        yield from _unknown("component type", component, COMPONENTS, ())
    for at, each in enumerate(component.traits):
        yield from _unknown("trait", each, TRAITS, ("traits", at))
        if component.is_cloud and each.type in TRAITS and each.type not in OF_CLOUD:
            said = f"a cloud resource takes no {each.type} (it takes: {', '.join(OF_CLOUD)})"
            yield ("traits", at, "type"), said
    if component.is_cloud and component.outputs:
        yield ("outputs",), NO_OUTPUTS


def _unknown(
    what: str,
    given: Component | Trait,
    types: Mapping[str, ComponentType] | Mapping[str, TraitType],
    path: tuple[str | int, ...],
) -> Iterator[Fault]:
    if given.type in types:
        return
    if given.type in KUBEVELA:
        instead = INSTEAD.get(given.type)
        hint = f"; {instead} says the same" if instead else ""
        said = f"{given.type} is a {what} of KubeVela's that this Shipmate does not have{hint}"
    else:
        said = f"there is no {what} {given.type}{nearest(given.type, types)}"
    yield (*path, "type"), f"{said} (known: {', '.join(types)})"


def _wrong_properties(component: Component) -> list[Fault]:
    """List what is wrong with the properties of the types that there are."""
    known = is_known(component)
    found = [
        (("properties", *path), said)
        for path, said in (property_faults(component) if known else ())
    ]
    for at, each in enumerate(component.traits):
        if each.type in TRAITS:
            found += [
                (("traits", at, "properties", *path), said)
                for path, said in faults(TRAITS[each.type].parameters, each.properties)
            ]
    return found


def _wrong_texts(component: Component) -> Iterator[Fault]:
    """Yield the `${{ }}` that are none, or speak of what is not known where a component is rendered."""
    yield from _texts(component.properties, ("properties",))
    for at, each in enumerate(component.traits):
        yield from _texts(each.properties, ("traits", at, "properties"))


def _texts(value: Any, path: tuple[str | int, ...]) -> Iterator[Fault]:
    if isinstance(value, str):
        try:
            check_text(value, IN_COMPONENTS)
        except ExpressionError as error:
            yield path, f"it cannot be evaluated: {error}"
            return
        known = scope_of(NOWHERE, NOTHING, SOMEWHERE, ANYWHERE)["context"]
        for field in CONTEXT.findall(value) if "${{" in value else ():
            if field not in known:
                said = f"there is no context.{field} in a component{nearest(field, known)}"
                yield path, f"{said} (known: {', '.join(known)})"
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from _texts(each, (*path, key))
    elif isinstance(value, list | tuple):
        for at, each in enumerate(value):
            yield from _texts(each, (*path, at))
