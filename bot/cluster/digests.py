"""Which content images turned out to be: what container runtimes say of the pods that run them. Pure."""

import re
from collections.abc import Iterable, Iterator

from bot.cluster.port import Manifest

OF_REPOSITORY = re.compile(r"(?:docker-pullable://)?[^@\s]+@(?P<digest>sha256:[0-9a-f]{64})")
"""`registry/web@sha256:…`. A bare `sha256:…` is the id of what a node has unpacked, and no registry knows it."""


KEPT = "images"
"""Where a pod that was trimmed has what `images_of` has said of it."""


def digests_of(pods: Iterable[Manifest]) -> dict[str, str]:
    """Answer the digest of each image of which all pods run the same content."""
    found: dict[str, set[str]] = {}
    for pod in pods:
        for image, digest in (pod.get(KEPT) or images_of(pod)).items():
            found.setdefault(image, set()).add(digest)
    return {image: next(iter(each)) for image, each in found.items() if len(each) == 1}


def images_of(pod: Manifest) -> dict[str, str]:
    """Answer the images that a pod was to run, with what they are."""
    return dict(_images(pod))


def _images(pod: Manifest) -> Iterator[tuple[str, str]]:
    spec, status = pod.get("spec") or {}, pod.get("status") or {}
    for wanted, had in (
        ("initContainers", "initContainerStatuses"),
        ("containers", "containerStatuses"),
    ):
        ids = {each["name"]: str(each.get("imageID") or "") for each in status.get(had) or []}
        for each in spec.get(wanted) or []:
            known = OF_REPOSITORY.fullmatch(ids.get(each["name"], ""))
            if known is not None:
                yield str(each["image"]), known["digest"]
