"""Whether two images are of one repository, whatever they are called: Docker Hub's names have short forms. Pure."""

from typing import Final

from bot.catalog.model import Application
from bot.rendering.images import Image, parse_image

HUB: Final = "docker.io"
HUBS: Final = frozenset(
    {"", HUB, "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"}
)
"""Names of Docker Hub; an image without a registry is there."""


def repository_of(image: Image) -> str:
    """Answer the one name of an image's repository: `docker.io/library/redis` for `redis`."""
    if image.registry not in HUBS:
        return image.name.lower()
    inside = image.repository if "/" in image.repository else f"library/{image.repository}"
    return f"{HUB}/{inside}"


def same_repository(one: str, other: str) -> bool:
    """Say whether two references are of one repository; a text that is no image is of none."""
    try:
        return repository_of(parse_image(one)) == repository_of(parse_image(other))
    except ValueError:
        return False


def components_of(application: Application, image: str) -> tuple[str, ...]:
    """Name the components whose image is of the repository of `image`."""
    return tuple(
        each.name
        for each in application.components
        if each.has_image and same_repository(str(each.properties["image"]), image)
    )
