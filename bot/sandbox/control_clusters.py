"""The clusters' part of the control API: what is in them, a person's edit, a tag that moves."""

from collections.abc import Sequence
from typing import Any

from starlette.requests import Request

from bot.sandbox.control_slack import ControlError
from bot.sandbox.kubernetes.errors import StatusError
from bot.sandbox.kubernetes.images import Registry
from bot.sandbox.kubernetes.server import ApiServer
from bot.sandbox.kubernetes.summaries import summary

Json = dict[str, Any]
EDITOR = "kubectl-edit"


class ClusterControl:
    """Hands and eyes on the clusters."""

    def __init__(self, clusters: Sequence[ApiServer], registry: Registry) -> None:
        self._clusters = {each.name: each for each in clusters}
        self._registry = registry

    @property
    def names(self) -> list[str]:
        """The names of the clusters."""
        return list(self._clusters)

    def named(self, name: str) -> ApiServer:
        """Find a cluster. Raises ControlError."""
        if name not in self._clusters:
            raise ControlError(
                f"there is no cluster {name!r} (there is: {', '.join(self._clusters)})"
            )
        return self._clusters[name]

    async def objects(self, request: Request) -> Json:
        """GET /control/clusters: what there is; with `cluster=C` its objects, summed up."""
        name = request.query_params.get("cluster")
        if name is None:
            base = str(request.base_url).rstrip("/").removesuffix("/control")
            return {"clusters": [_described(each, base) for each in self._clusters.values()]}
        cluster = self.named(name)
        rows = [row for each in cluster.objects() if (row := summary(each)) is not None]
        return {
            "objects": sorted(rows, key=lambda row: (row["namespace"], row["kind"], row["name"]))
        }

    async def edit(self, _: Request, body: Json) -> Json:
        """POST /control/clusters/edit: changes a live object as a person with `kubectl edit` would."""
        cluster = self.named(str(body.get("cluster", "")))
        kind, name = str(body.get("kind", "")), str(body.get("name", ""))
        patch = body.get("patch")
        if not kind or not name or not isinstance(patch, dict | list):
            raise ControlError(
                "kind, name and patch (an object, or a list of JSON patches) are required"
            )
        try:
            made = cluster.edit(
                kind,
                str(body.get("namespace", "")),
                name,
                patch,
                manager=str(body.get("manager") or EDITOR),
            )
        except StatusError as error:
            raise ControlError(str(error)) from error
        return {"ok": True, "object": made}

    async def move_tag(self, _: Request, body: Json) -> Json:
        """POST /control/clusters/move-tag: puts another image behind a tag, for all that is pulled from now on."""
        image = body.get("image")
        if not isinstance(image, str) or not image or "@" in image:
            raise ControlError(
                "image is required: a name with a tag, such as registry.shop.example/web:v1"
            )
        return {"ok": True, "digest": self._registry.move(image)}


def _described(cluster: ApiServer, base: str) -> Json:
    found = cluster.objects()
    nodes = [each["metadata"]["name"] for each in found if each["kind"] == "Node"]
    return {
        "name": cluster.name,
        "url": f"{base}/clusters/{cluster.name}",
        "nodes": sorted(nodes),
        "objects": sum(1 for each in found if summary(each) is not None),
    }
