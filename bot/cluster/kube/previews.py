"""What applying would do: a dry run of each object on the server, and the object as it is now."""

from collections.abc import Collection, Sequence
from functools import partial

from bot.cluster.kube.api import ClusterApi
from bot.cluster.kube.applying import APPLY, STRICT, among
from bot.cluster.kube.errors import Missing
from bot.cluster.kube.order import defined, group_of
from bot.cluster.kube.paths import Paths
from bot.cluster.kube.together import together
from bot.cluster.port import Contested, Manifest, Options, Preview
from bot.errors import Permanent
from bot.run.inventory import Ref, ref_of


async def previews(
    api: ClusterApi, paths: Paths, manifests: Sequence[Manifest], options: Options
) -> list[Preview]:
    """Answer a preview of each object, in the order given. Raises Temporary."""
    kinds = {new for each in manifests if (new := defined(each)) is not None}
    looking = _Looking(api, paths, options, kinds)
    return await together([partial(looking.at, each) for each in manifests])


class _Looking:
    """The previewing of some objects."""

    def __init__(
        self,
        api: ClusterApi,
        paths: Paths,
        options: Options,
        kinds: Collection[tuple[str, str]],
    ) -> None:
        self._api = api
        self._paths = paths
        self._options = options
        self._kinds = kinds
        """Those that other objects of the same call define."""

    async def at(self, manifest: Manifest) -> Preview:
        """Preview one object."""
        ref = ref_of(manifest)
        try:
            path = await self._paths.of_ref(ref)
            live = await self._live(path, ref)
        except Permanent as error:
            new = isinstance(error, Missing) and group_of(manifest) in self._kinds
            if new:
                return Preview(ref=ref, live=None, becomes=manifest)
            return Preview(ref=ref, live=None, becomes=None, refused=str(error))
        if among(ref, self._options.read_only):
            refused = "" if live else f"{ref.title} is only read, never made, and it is not there"
            return Preview(ref=ref, live=live, becomes=live, refused=refused)
        if live is not None and among(ref, self._options.once):
            return Preview(ref=ref, live=live, becomes=live)
        return await self._tried(manifest, ref, path, live)

    async def _tried(
        self, manifest: Manifest, ref: Ref, path: str, live: Manifest | None
    ) -> Preview:
        force = among(ref, self._options.force)
        claims: Contested | None = None
        try:
            try:
                becomes = await self._dry_run(manifest, ref, path, force=force)
            except Contested as error:
                claims = error
                becomes = await self._dry_run(manifest, ref, path, force=True)
        except Permanent as error:
            if isinstance(error, Missing) and error.resource == "namespaces":
                becomes = manifest  # the namespace is made before it
            else:
                return Preview(ref=ref, live=live, becomes=None, refused=str(error))
        return Preview(ref=ref, live=live, becomes=becomes, claims=claims.claims if claims else ())

    async def _dry_run(self, manifest: Manifest, ref: Ref, path: str, *, force: bool) -> Manifest:
        made: Manifest = await self._api.call(
            "PATCH",
            path,
            query={**STRICT, "dryRun": "All", **({"force": "true"} if force else {})},
            body=await self._paths.placed(manifest),
            content_type=APPLY,
            about=ref.title,
        )
        return made

    async def _live(self, path: str, ref: Ref) -> Manifest | None:
        try:
            found: Manifest = await self._api.call("GET", path, about=ref.title)
        except Missing:
            return None
        return found
