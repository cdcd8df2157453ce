"""Renders an application for a target: components in, Kubernetes objects out, nothing else. Pure.

The component types are an explicit list. The same arguments always give the same objects, and nothing of a
run is in them, so that a delivery of what is already there restarts nothing.
"""

from collections.abc import Callable, Mapping
from typing import Final

from bot.catalog.model import Application, Environment, Target
from bot.errors import Permanent
from bot.rendering import webservice, worker
from bot.rendering.objects import Manifest, Place
from bot.rendering.parameters import check_component as check_component

TYPES: Final[Mapping[str, Callable[[Place], list[Manifest]]]] = {
    webservice.NAME: webservice.render,
    worker.NAME: worker.render,
}


def render(application: Application, environment: Environment, target: Target) -> list[Manifest]:  # noqa: ARG001 - the steps' contract; overrides of an environment come with a later version
    """Render all components, in the order of the file.

    Raises bot.errors.Permanent for what no longer fits this version, as an old plan may be.
    """
    objects: list[Manifest] = []
    for each in application.components:
        wrong = check_component(each.type, each.properties)
        if wrong:
            raise Permanent(f"{each.name} cannot be rendered: {wrong[0][1]}")
        place = Place(application=application, component=each, target=target)
        objects += TYPES[each.type](place)
    return objects
