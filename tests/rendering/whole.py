"""Renders whole applications, as a delivery to a target does it component by component."""

from bot.catalog.model import Application, Environment, Target
from bot.rendering.objects import Manifest
from bot.rendering.render import render


def render_all(
    application: Application, environment: Environment, target: Target
) -> list[Manifest]:
    """Render all components, in the order of the file."""
    return [
        manifest
        for each in application.components
        for manifest in render(application, each, environment, target)
    ]
