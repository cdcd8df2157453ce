"""Renders a component for a target: its properties and traits in, Kubernetes objects out, nothing else. Pure.

The same arguments always give the same objects, and nothing of a run is in them, so that a delivery of what is
already there restarts nothing.
"""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any

from bot.catalog.model import Application, Component, Environment, Target
from bot.catalog.parameters import faults
from bot.errors import Permanent
from bot.rendering.draft import Draft
from bot.rendering.objects import (
    TRAIT_LABEL,
    WORKLOAD_LABEL,
    Manifest,
    Place,
    RenderingError,
    labelled,
)
from bot.rendering.types import TRAITS, is_known, property_faults, type_of
from bot.workflow.expressions import ExpressionError, fill_in, has_expressions

IN_COMPONENTS = ("context", "target")
"""What the `${{ }}` of a component can speak of."""


def render(
    application: Application,
    component: Component,
    environment: Environment,
    target: Target,
    *,
    revision: int = 0,
) -> list[Manifest]:
    """Render a component, as a placement has it, for a target. `revision` is the one that its delivery raises.

    Raises bot.errors.Permanent for what no longer fits this version, as an old plan may be.
    """
    try:
        filled = filled_for(application, component, environment, target)
        place = Place(application=application, component=filled, target=target, revision=revision)
        return rendered(_readable(place))
    except (RenderingError, ExpressionError) as error:
        raise Permanent(f"{component.name} cannot be rendered: {error}") from error


def filled_for(
    application: Application, component: Component, environment: Environment, target: Target
) -> Component:
    """Replace every `${{ }}` in a component by what it is for a target. Raises ExpressionError."""
    if not has_expressions(component.properties) and not any(
        has_expressions(each.properties) for each in component.traits
    ):
        return component
    scope = scope_of(application, component, environment, target)
    return replace(
        component,
        properties=fill_in(dict(component.properties), scope),
        traits=tuple(
            replace(each, properties=fill_in(dict(each.properties), scope))
            for each in component.traits
        ),
    )


def scope_of(
    application: Application, component: Component, environment: Environment, target: Target
) -> Mapping[str, Any]:
    """Answer what the expressions of a component see: what does not change from run to run."""
    return {
        "target": {
            "name": target.name,
            "cluster": target.cluster,
            "namespace": target.namespace,
            "variables": dict(target.variables),
            "labels": dict(target.labels),
        },
        "context": {
            "name": component.name,
            "appName": application.name,
            "application": application.name,
            "env": environment.name,
            "environment": environment.name,
            "cluster": target.cluster,
            "namespace": target.namespace,
            "appLabels": dict(application.labels),
            "appAnnotations": dict(application.annotations),
        },
    }


def rendered(place: Place) -> list[Manifest]:
    """Make the objects of a component and apply its traits. Raises RenderingError with the path in the component."""
    component = place.component
    kind = type_of(component)
    properties = dict(component.properties)
    # What a cloud resource takes is its module's affair, and read there.
    read = None if component.is_cloud else kind.parameters.model_validate(properties)
    made = kind.render(place, read)
    draft = Draft(place, deepcopy(made))
    for each in draft.objects:
        labelled(each, {WORKLOAD_LABEL: component.type})
    for at, given in enumerate(component.traits):
        trait = TRAITS[given.type]
        before = len(draft.objects)
        try:
            trait.apply(draft, trait.parameters.model_validate(dict(given.properties)))
        except RenderingError as error:
            below = ("properties", *error.path) if error.path else ("type",)
            raise RenderingError(f"{given.type}: {error}", "traits", at, *below) from error
        for fresh in draft.objects[before:]:
            labelled(fresh, {TRAIT_LABEL: given.type})
    if kind.finish is not None:
        kind.finish(draft.workload, place)
    return draft.objects


def _readable(place: Place) -> Place:
    """Pass a component that this version can read. Raises RenderingError."""
    for said in unreadable(place.component):
        raise RenderingError(said)
    return place


def unreadable(component: Component) -> Iterator[str]:
    """Say what this version cannot read in a component whose values are all known."""
    if not is_known(component):
        yield f"there is no component type {component.type}"
        return
    for path, said in property_faults(component):
        yield f"{'.'.join(str(each) for each in path)}: {said}"
    for each in component.traits:
        if each.type not in TRAITS:
            yield f"there is no trait {each.type}"
            continue
        for path, said in faults(TRAITS[each.type].parameters, each.properties):
            yield f"{each.type}: {'.'.join(str(one) for one in path)}: {said}"
