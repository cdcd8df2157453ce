"""Renders an application for a target: components in, Kubernetes objects out, nothing else. Pure.

The same arguments always give the same objects, and nothing of a run is in them, so that a delivery of what is
already there restarts nothing.
"""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from pydantic import BaseModel

from bot.catalog.complaints import nearest
from bot.catalog.model import Application, Component, Environment, Target, Trait
from bot.catalog.parameters import Fault, faults
from bot.errors import Permanent
from bot.rendering.draft import Draft
from bot.rendering.objects import Manifest, Place, RenderingError
from bot.rendering.types import COMPONENTS, TRAITS, ComponentType, TraitType

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
        "service-binding",
        "startup-probe",
        "topologyspreadconstraints",
    }
)
"""Component types and traits that KubeVela 1.10 has beside these."""
ANYWHERE = Target(name="anywhere", cluster="any", namespace="default")
"""Where a component is rendered to find out whether it can be."""


def render(application: Application, environment: Environment, target: Target) -> list[Manifest]:  # noqa: ARG001 - the steps' contract; overrides of an environment come with a later version
    """Render all components, in the order of the file.

    Raises bot.errors.Permanent for what no longer fits this version, as an old plan may be.
    """
    objects: list[Manifest] = []
    for each in application.components:
        place = Place(application=application, component=each, target=target)
        wrong = _unreadable(each)
        if wrong:
            raise Permanent(f"{each.name} cannot be rendered: {wrong[0][1]}")
        try:
            objects += _rendered(place)
        except RenderingError as error:
            raise Permanent(f"{each.name} cannot be rendered: {error}") from error
    return objects


def check_component(component: Component) -> list[Fault]:
    """List what is wrong with a component and its traits, each with its path in the component."""
    wrong = _unreadable(component)
    if wrong:
        return wrong
    application = Application(name="application", components=(component,))
    try:
        _rendered(Place(application=application, component=component, target=ANYWHERE))
    except RenderingError as error:
        return [(error.path, str(error))]
    return []


def _rendered(place: Place) -> list[Manifest]:
    """Make the objects of a component and apply its traits. Raises RenderingError with the path in the component."""
    component = place.component
    kind = COMPONENTS[component.type]
    made = kind.render(place, kind.parameters.model_validate(dict(component.properties)))
    draft = Draft(place, deepcopy(made))
    for at, each in enumerate(component.traits):
        trait = TRAITS[each.type]
        try:
            trait.apply(draft, trait.parameters.model_validate(dict(each.properties)))
        except RenderingError as error:
            below = ("properties", *error.path) if error.path else ("type",)
            raise RenderingError(f"{each.type}: {error}", "traits", at, *below) from error
    if kind.finish is not None:
        kind.finish(draft.workload)
    return draft.objects


def _unreadable(component: Component) -> list[Fault]:
    """List what is wrong with the properties of a component and its traits, looked at one by one."""
    found = _of_type("component type", component, COMPONENTS, ())
    for at, each in enumerate(component.traits):
        found += _of_type("trait", each, TRAITS, ("traits", at))
    return found


def _of_type(
    what: str,
    given: Component | Trait,
    types: Mapping[str, ComponentType] | Mapping[str, TraitType],
    path: tuple[str | int, ...],
) -> list[Fault]:
    kind = types.get(given.type)
    if kind is None:
        if given.type in KUBEVELA:
            said = f"{given.type} is a {what} of KubeVela's that this Shipmate does not have"
        else:
            said = f"there is no {what} {given.type}{nearest(given.type, types)}"
        return [((*path, "type"), f"{said} (known: {', '.join(types)})")]
    model: type[BaseModel] = kind.parameters
    wrong = [*faults(model, given.properties), *_texts(given.properties)]
    return [((*path, "properties", *below), said) for below, said in wrong]


def _texts(value: Any, path: Sequence[str | int] = ()) -> list[Fault]:
    """Complain about `${{ }}`: in a component nobody would replace it."""
    if isinstance(value, str) and "${{" in value:
        said = f"expected a text without ${{{{ }}}}, which only steps can have, found {value!r}"
        return [(tuple(path), said)]
    below: list[tuple[Any, Any]] = []
    if isinstance(value, Mapping):
        below = list(value.items())
    elif isinstance(value, list | tuple):
        below = list(enumerate(value))
    return [found for key, each in below for found in _texts(each, (*path, key))]
