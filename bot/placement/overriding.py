"""How overrides change the components of an application: KubeVela's rules. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any

from bot.catalog.model import Application, Component, Trait
from bot.placement.policies import ComponentPatch, TraitPatch


def patched(
    application: Application, components: tuple[Component, ...], patch: ComponentPatch
) -> tuple[Component, ...]:
    """Change the components that a patch is for; one of a name that is not there yet is added with its type."""
    pattern = patch.name or "*"
    changed = tuple(
        _merged(application, each, patch)
        if fnmatchcase(each.name, pattern) and _is_meant(each, patch)
        else each
        for each in components
    )
    there = any(fnmatchcase(each.name, pattern) for each in components)
    if there or not patch.type or "*" in pattern:
        return changed
    return (*changed, _merged(application, Component(name=patch.name, type=""), patch))


def _is_meant(component: Component, patch: ComponentPatch) -> bool:
    return bool(patch.name) or patch.type in {"", component.type}


def _merged(application: Application, component: Component, patch: ComponentPatch) -> Component:
    if patch.type and patch.type != component.type:  # KubeVela: another type takes its place
        component = replace(
            component,
            type=patch.type,
            terraform=application.terraform_of(patch.type),
            properties={},
            traits=(),
        )
    traits = component.traits
    for each in patch.traits:
        traits = _with_trait(traits, each)
    return replace(
        component, properties=merged(component.properties, patch.properties), traits=traits
    )


def _with_trait(traits: tuple[Trait, ...], patch: TraitPatch) -> tuple[Trait, ...]:
    if patch.disable:
        return tuple(each for each in traits if each.type != patch.type)
    if not any(each.type == patch.type for each in traits):
        return (*traits, Trait(type=patch.type, properties=patch.properties))
    return tuple(
        replace(each, properties=merged(each.properties, patch.properties))
        if each.type == patch.type
        else each
        for each in traits
    )


def merged(base: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """Merge maps: what `patch` says counts, maps are merged, null takes a key away, lists are replaced."""
    found = dict(base)
    for key, value in patch.items():
        before = found.get(key)
        if value is None:
            found.pop(key, None)
        elif isinstance(value, Mapping):
            found[key] = merged(before if isinstance(before, Mapping) else {}, value)
        else:
            found[key] = value
    return found
