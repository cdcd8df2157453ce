"""The registries that images come from: what a name means, and the digest that its tag resolves to.

A digest depends on the reference alone, until somebody moves the tag: then another image is behind it.
"""

import hashlib
import re

from bot.sandbox.shelf import Shelf

SHELF = "images"
HOST = re.compile(r"localhost|.*[.:].*")


def split(image: str) -> tuple[str, str, str]:
    """Answer (repository with its registry, tag, digest) of a reference; one of the last two is empty."""
    name, _, digest = image.partition("@")
    head, slash, last = name.rpartition("/")
    last, _, tag = last.partition(":")
    repository = f"{head}{slash}{last}"
    first = repository.partition("/")[0]
    if "/" not in repository:
        repository = f"docker.io/library/{repository}"
    elif not HOST.fullmatch(first):
        repository = f"docker.io/{repository}"
    return repository, "" if digest else tag or "latest", digest


def in_full(image: str) -> str:
    """Answer a reference with its registry and tag: `docker.io/library/nginx:1.27`."""
    repository, tag, digest = split(image)
    return f"{repository}@{digest}" if digest else f"{repository}:{tag}"


class Registry:
    """What is behind the tags, the same for all clusters; kept on the shelf."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._moved = {name: int(document["times"]) for name, document in shelf.items(SHELF)}

    def image_id(self, image: str) -> str:
        """Answer what a kubelet says of an image that it runs: `registry/repository@sha256:…`."""
        repository, _, digest = split(image)
        return f"{repository}@{digest or self.digest(image)}"

    def digest(self, image: str) -> str:
        """Answer the digest that a reference resolves to now."""
        name = in_full(image)
        times = self._moved.get(name, 0)
        seed = f"{name}#{times}" if times else name
        return f"sha256:{hashlib.sha256(seed.encode()).hexdigest()}"

    def move(self, image: str) -> str:
        """Put another image behind a tag; answer its digest."""
        name = in_full(image)
        self._moved[name] = self._moved.get(name, 0) + 1
        self._shelf.put(SHELF, name, {"times": self._moved[name]})
        return self.digest(image)
