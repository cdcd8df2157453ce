"""Objects read by name, where their kind is served now: a definition may have gone and come anew since it was looked up."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from bot.cluster.kube.api import ClusterApi
from bot.cluster.kube.errors import Missing
from bot.cluster.kube.paths import Paths
from bot.cluster.port import Manifest
from bot.run.inventory import Ref

T = TypeVar("T")


async def at_its_path(paths: Paths, ref: Ref, ask: Callable[[str], Awaitable[T]]) -> T:
    """Ask about an object at its path; look up the path anew, once, when nothing is served there. Raises as `ask`."""
    try:
        return await ask(await paths.of_ref(ref))
    except Missing as error:
        if error.resource or not paths.knows(ref.api_version, ref.kind):
            raise
    paths.forget(ref.api_version)
    return await ask(await paths.of_ref(ref))


async def read(api: ClusterApi, paths: Paths, ref: Ref) -> Manifest | None:
    """Read an object; None when it is not there, also when its kind is not. Raises Temporary or Permanent."""

    async def ask(path: str) -> Manifest:
        found: Manifest = await api.call("GET", path, about=ref.title)
        return {"apiVersion": ref.api_version, "kind": ref.kind, **found}

    try:
        return await at_its_path(paths, ref, ask)
    except Missing:
        return None
