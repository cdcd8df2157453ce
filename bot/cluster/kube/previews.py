"""What applying would do: a dry run of each object on the server, and the object as it is now."""

from collections.abc import Collection, Sequence
from functools import partial

from bot.cluster.kube.api import ClusterApi
from bot.cluster.kube.applying import APPLY, STRICT, among
from bot.cluster.kube.errors import Missing
from bot.cluster.kube.order import defined, group_of
from bot.cluster.kube.paths import Paths
from bot.cluster.kube.reading import at_its_path, read
from bot.cluster.kube.together import together
from bot.cluster.port import Claim, Contested, Manifest, Options, Preview
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
            live = await read(self._api, self._paths, ref)
        except Permanent as error:
            return Preview(ref=ref, live=None, becomes=None, refused=str(error))
        if among(ref, self._options.read_only):
            refused = "" if live else f"{ref.title} is only read, never made, and it is not there"
            return Preview(ref=ref, live=live, becomes=live, refused=refused)
        if live is not None and among(ref, self._options.once):
            return Preview(ref=ref, live=live, becomes=live)
        return await self._tried(manifest, ref, live)

    async def _tried(self, manifest: Manifest, ref: Ref, live: Manifest | None) -> Preview:
        claims: tuple[Claim, ...] = ()
        force = among(ref, self._options.force)
        try:
            try:
                becomes = await self._dry_run(manifest, ref, force=force)
            except Contested as error:
                claims = error.claims
                becomes = await self._dry_run(manifest, ref, force=True)
        except Permanent as error:
            if not self._is_to_come(manifest, error):
                return Preview(ref=ref, live=live, becomes=None, refused=str(error))
            becomes = manifest
        return Preview(ref=ref, live=live, becomes=becomes, claims=claims)

    def _is_to_come(self, manifest: Manifest, error: Permanent) -> bool:
        """Say whether what is missing is made when the objects are applied: a namespace, or the kind."""
        if not isinstance(error, Missing):
            return False
        return error.resource == "namespaces" or (
            not error.resource and group_of(manifest) in self._kinds
        )

    async def _dry_run(self, manifest: Manifest, ref: Ref, *, force: bool) -> Manifest:
        query = {**STRICT, "dryRun": "All", **({"force": "true"} if force else {})}
        body = await self._paths.placed(manifest)

        async def ask(path: str) -> Manifest:
            made: Manifest = await self._api.call(
                "PATCH", path, query=query, body=body, content_type=APPLY, about=ref.title
            )
            return made

        return await at_its_path(self._paths, ref, ask)
