"""Which images an application delivers: those that it builds get the version, the others are what they are."""

from collections.abc import Mapping
from dataclasses import replace

from bot.catalog.model import Application, Component
from bot.rendering.images import parse_image


def built_components(application: Application) -> tuple[str, ...]:
    """List the components whose image says neither tag nor digest: those that the application builds."""
    return tuple(each.name for each in application.components if _is_open(each))


def with_version(application: Application, version: str, images: Mapping[str, str]) -> Application:
    """Complete the images: `version` becomes the tag of what the application builds, `images` win over it.

    `images` maps components to references. Without a version, an image that is built stays open. Raises
    ValueError when `version` can be no tag.
    """
    return replace(
        application,
        components=tuple(_completed(each, version, images) for each in application.components),
    )


def _completed(component: Component, version: str, images: Mapping[str, str]) -> Component:
    image = images.get(component.name)
    if image is None and version and _is_open(component):
        image = str(parse_image(component.properties["image"]).with_tag(version))
    if image is None:
        return component
    return replace(component, properties={**component.properties, "image": image})


def _is_open(component: Component) -> bool:
    image = component.properties.get("image") if component.has_image else None
    if not isinstance(image, str):
        return False
    try:
        return not parse_image(image).complete
    except ValueError:
        return False  # it is not ours to judge here: the component's own check says so
