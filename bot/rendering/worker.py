"""`worker`: something that keeps running and is called by nobody. A Deployment without ports. Pure."""

from typing import Final

from bot.rendering.deployments import deployment
from bot.rendering.objects import Manifest, Place

NAME: Final = "worker"


def render(place: Place) -> list[Manifest]:
    """Make the object of a worker."""
    return [deployment(place, [])]
