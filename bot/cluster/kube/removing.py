"""One object deleted, with what it owns; safe against what has come under its name since."""

from typing import Any

from bot.cluster.kube.api import ClusterApi
from bot.cluster.kube.errors import Missing, Replaced
from bot.cluster.kube.paths import Paths
from bot.cluster.kube.reading import at_its_path
from bot.run.inventory import Ref


async def remove(api: ClusterApi, paths: Paths, ref: Ref, *, uid: str, orphan: bool) -> bool:
    """Delete an object; answer whether it is gone already. Raises Temporary or Permanent.

    Only the one with this `uid`, if that is given. `orphan`: what it owns stays.
    """
    options: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "DeleteOptions",
        "propagationPolicy": "Orphan" if orphan else "Background",
    }
    if uid:
        options["preconditions"] = {"uid": uid}

    async def ask(path: str) -> Any:
        return await api.call("DELETE", path, body=options, about=ref.title)

    try:
        answer = await at_its_path(paths, ref, ask)
    except (Missing, Replaced):
        return True
    # The object itself is answered when a finalizer, or a pod that ends in its own time, keeps it.
    return not (answer.get("metadata") or {}).get("deletionTimestamp")
