"""Objects applied to one cluster: server-side, in an order that works, as their author's policies say."""

import asyncio
from collections.abc import Collection, Sequence
from time import monotonic

from bot.cluster.kube.api import ClusterApi
from bot.cluster.kube.errors import Missing
from bot.cluster.kube.order import defined, ordered
from bot.cluster.kube.paths import LONGEST, Paths
from bot.cluster.kube.reading import read
from bot.cluster.port import Applied, Manifest, Options
from bot.errors import Permanent
from bot.run.inventory import Ref, ref_of

FIELD_MANAGER = "shipmate"
APPLY = "application/apply-patch+yaml"
COMPONENT = "app.oam.dev/component"
STRICT = {"fieldManager": FIELD_MANAGER, "fieldValidation": "Strict"}


async def apply_all(
    api: ClusterApi, paths: Paths, manifests: Sequence[Manifest], options: Options
) -> list[Applied]:
    """Apply the objects. Raises Contested at the first one of which others own fields."""
    applying = _Applying(api, paths, options)
    return [applied_of(await applying.one(each)) for each in ordered(manifests)]


def applied_of(live: Manifest) -> Applied:
    """Answer what is waited for of an object that the API server answered with."""
    meta = live["metadata"]
    return Applied(
        api_version=live["apiVersion"],
        kind=live["kind"],
        namespace=meta.get("namespace", ""),
        name=meta["name"],
        generation=meta.get("generation", 0),
        component=(meta.get("labels") or {}).get(COMPONENT, ""),
    )


def among(ref: Ref, chosen: Collection[Ref]) -> bool:
    """Say whether an object is one of `chosen`, whatever version of its kind they name."""
    same = (ref.group, ref.kind, ref.namespace, ref.name)
    return any((each.group, each.kind, each.namespace, each.name) == same for each in chosen)


def namespace(name: str) -> Manifest:
    """Make the manifest of a namespace."""
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


class _Applying:
    """The applying of some objects."""

    def __init__(self, api: ClusterApi, paths: Paths, options: Options) -> None:
        self._api = api
        self._paths = paths
        self._options = options

    async def one(self, manifest: Manifest) -> Manifest:
        """Apply one object, or leave it alone; answer it as it is then."""
        ref = ref_of(manifest)
        if among(ref, self._options.read_only):
            found = await read(self._api, self._paths, ref)
            if found is None:
                where = f" in {ref.namespace}" if ref.namespace else ""
                said = (
                    f"{self._api.name} has no {ref.title}{where}, and it is only read, never made"
                )
                raise Permanent(said, code="404")
            return found
        if among(ref, self._options.once):
            found = await read(self._api, self._paths, ref)
            if found is not None:
                return found
        made = await self._furnished(manifest, ref)
        new = defined(manifest)
        if new is not None:
            self._paths.expect(*new)
        return made

    async def _furnished(self, manifest: Manifest, ref: Ref) -> Manifest:
        """Apply an object; make its namespace when that is missing."""
        try:
            return await self._applied(manifest, ref)
        except Missing as error:
            if error.resource != "namespaces" or not ref.namespace:
                raise
        made = namespace(ref.namespace)
        await self._applied(made, ref_of(made))
        return await self._applied(manifest, ref)

    async def _applied(self, manifest: Manifest, ref: Ref) -> Manifest:
        """Apply an object; look again where its kind is served when it is not served where it was."""
        force = {"force": "true"} if among(ref, self._options.force) else {}
        until, pause = monotonic() + LONGEST, 0.2
        again = True
        while True:
            await self._paths.served(ref.api_version, ref.kind)
            path = await self._paths.of_ref(ref)
            try:
                made: Manifest = await self._api.call(
                    "PATCH",
                    path,
                    query={**STRICT, **force},
                    body=await self._paths.placed(manifest),
                    content_type=APPLY,
                    about=ref.title,
                )
            except Missing as error:
                coming = self._paths.is_coming(ref.api_version, ref.kind) and monotonic() < until
                if error.resource or not (again or coming):
                    raise
                again = False
                self._paths.forget(ref.api_version)
                await asyncio.sleep(pause if coming else 0)
                pause = min(2.0, pause * 2)
            else:
                return made
