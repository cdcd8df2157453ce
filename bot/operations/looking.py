"""One look at one cluster: what becomes of the objects that are to go there, and of those that are to go away."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from bot.catalog.model import Application
from bot.cluster.health import has_failed, has_succeeded
from bot.cluster.port import Clusters, Options, Preview
from bot.forecast.fates import Fate, ObjectForecast, Versions, changes_of, has_arrived
from bot.forecast.outlook import Parcel
from bot.forecast.sent import as_sent
from bot.forecast.summaries import summary
from bot.placement.handling import Handling, disposal_of, handling_of, with_live_fields
from bot.rendering.objects import Manifest, belongs_to
from bot.rendering.redaction import HIDDEN, redact
from bot.rendering.secrets import without_secrets
from bot.run.inventory import Item, Key, Ref, key_of, ref_of, whose
from bot.wording import Sentence

_QUOTED: Final = re.compile(r"(Invalid value:|Value:|\bgot\b).*", re.DOTALL)
"""Before what a server quotes of an object that it refuses."""

Told = list[tuple[str, ObjectForecast]]
"""What becomes of each object, with the name of its target."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What is known beside what the cluster says."""

    application: Application
    sent: Mapping[Key, Item]
    """What was sent last."""
    done: Collection[Key] = ()
    """The Jobs that have ever succeeded."""
    owners: Mapping[Key, str] = field(default_factory=dict)
    """Whose objects are that are not this application's in this environment."""
    again: bool = False
    """Whether what was sent is looked at, and not what would be: nobody is in the way then, and Jobs are over."""


class Look:
    """The look at one cluster."""

    def __init__(self, clusters: Clusters, cluster: str, account: Account) -> None:
        self._clusters = clusters
        self._cluster = cluster
        self._account = account
        self._live: dict[Ref, Manifest | None] = {}

    async def at(self, parcels: Sequence[Parcel], garbage: Sequence[Item]) -> Told:
        """Say what becomes of what is sent and of what is garbage. Raises Temporary and Permanent."""
        objects = [(each, manifest) for each in parcels for manifest in each.manifests]
        if self._account.again:
            objects = [each for each in objects if each[1]["kind"] != "Job"]
        handling = handling_of(self._account.application, [each for _, each in objects])
        await self._read([each for _, each in objects], handling, garbage)
        if self._account.again:
            objects = [(each, sent) for each, one in objects if (sent := self._sent(ref_of(one)))]
        told: dict[int, ObjectForecast] = {}
        asked: dict[int, Manifest] = {}
        for at, (parcel, manifest) in enumerate(objects):
            known = self._without_asking(parcel, manifest, handling)
            if known is None:
                asked[at] = self._with_kept_fields(manifest, handling)
            else:
                told[at] = known
        for at, preview in zip(
            asked, await self._preview(list(asked.values()), handling), strict=True
        ):
            told[at] = self._forecast(objects[at][0], asked[at], preview, handling)
        found = [(objects[at][0].place, told[at]) for at in range(len(objects))]
        return found + [(each.target or self._cluster, self._leaving(each)) for each in garbage]

    async def _read(
        self, manifests: Sequence[Manifest], handling: Handling, garbage: Sequence[Item]
    ) -> None:
        """Read the objects of which something has to be known before they are tried."""
        own = {"Job", "Secret"} if self._account.again else {"Job"}
        refs = [ref_of(each) for each in manifests]
        refs = [
            each
            for each in refs
            if each.kind in own or each in handling.kept_fields or self._is_arriving(each)
        ]
        refs += [each.ref for each in garbage]
        self._live = dict(zip(refs, await self._clusters.live(self._cluster, refs), strict=True))

    def _item(self, ref: Ref) -> Item | None:
        return self._account.sent.get(key_of(self._cluster, ref))

    def _is_arriving(self, ref: Ref) -> bool:
        item = self._item(ref)
        return item is not None and item.arriving

    def _sent(self, ref: Ref) -> Manifest | None:
        """Answer an object as it was sent last, as far as it has arrived; None: never.

        Of one that is arriving the API server knows better than the account, which is written before: a delivery that failed
        on the way has sent some of its objects and not the others.
        """
        item = self._item(ref)
        if item is None or not item.arriving:
            return item.manifest if item else None
        live = self._live.get(ref)
        there = live is not None and has_arrived(item.manifest, live)
        return item.manifest if there else item.before

    async def _preview(
        self, manifests: Sequence[Manifest], handling: Handling
    ) -> Sequence[Preview]:
        if not manifests:
            return []
        everything = frozenset(ref_of(each) for each in manifests)
        options = Options(
            force=everything if self._account.again else handling.force,
            once=handling.once,
            read_only=handling.read_only,
        )
        return await self._clusters.preview(self._cluster, manifests, options)

    def _with_kept_fields(self, manifest: Manifest, handling: Handling) -> Manifest:
        ref = ref_of(manifest)
        return with_live_fields(manifest, self._live.get(ref), handling.kept_fields.get(ref, ()))

    def _without_asking(
        self, parcel: Parcel, manifest: Manifest, handling: Handling
    ) -> ObjectForecast | None:
        """Say what becomes of another one's object, of a Job that is not simply applied, of a Secret without its values."""
        ref = ref_of(manifest)
        key = key_of(self._cluster, ref)
        if key in self._account.owners and ref not in handling.shared | handling.read_only:
            said = whose(key, self._account.owners[key])
            return _object(parcel, manifest, Fate.REFUSED, said=said)
        if ref.kind == "Job":
            return self._job(parcel, manifest)
        if ref.kind == "Secret" and self._account.again:
            return self._secret(parcel, manifest)
        return None

    def _job(self, parcel: Parcel, manifest: Manifest) -> ObjectForecast | None:
        ref = ref_of(manifest)
        live = self._live.get(ref)
        if live is None:
            over = key_of(self._cluster, ref) in self._account.done
            said = Sentence("it has succeeded before and is not run again")
            return _object(parcel, manifest, Fate.STANDS, said=said) if over else None
        if not belongs_to(live, self._account.application.name):
            return None  # the server says whose it is
        if has_failed(live) and not has_succeeded(live):
            said = Sentence("it has failed before, is deleted and runs again")
            return _object(parcel, manifest, Fate.AGAIN, said=said)
        succeeded = Sentence("it has succeeded and is not run again")
        runs = Sentence("it runs and is not run again")
        said = succeeded if has_succeeded(live) else runs
        return _object(parcel, manifest, Fate.STANDS, said=said)

    def _secret(self, parcel: Parcel, manifest: Manifest) -> ObjectForecast:
        live = self._live.get(ref_of(manifest))
        becomes = manifest if live is None else as_sent(live, manifest)
        preview = Preview(ref=ref_of(manifest), live=live, becomes=becomes)
        return self._forecast(parcel, manifest, preview, Handling())

    def _forecast(
        self, parcel: Parcel, manifest: Manifest, preview: Preview, handling: Handling
    ) -> ObjectForecast:
        """Make a forecast of what the server says."""
        read = preview.ref in handling.read_only
        if preview.refused or preview.becomes is None:
            said = reason_of(preview, self._cluster, manifest)
            return _object(parcel, manifest, Fate.REFUSED, said=said)
        sent = self._sent(preview.ref)
        if preview.live is None:
            return _object(parcel, manifest, Fate.NEW, missing=sent is not None)
        if read:
            return _object(parcel, manifest, Fate.READ)
        versions = Versions(sent=sent, wanted=manifest, live=preview.live, becomes=preview.becomes)
        changes, stays, claims = changes_of(
            versions, [(each.field, each.manager) for each in preview.claims]
        )
        return ObjectForecast(
            kind=preview.ref.kind,
            name=preview.ref.name,
            namespace=_elsewhere(preview.ref, parcel),
            component=parcel.component,
            fate=Fate.CHANGED if changes else Fate.SAME,
            changes=changes,
            stays=stays,
            claims=claims,
        )

    def _leaving(self, item: Item) -> ObjectForecast:
        """Say what becomes of garbage, as `garbage-collect` would treat it."""
        application = self._account.application
        disposal = disposal_of(application, item.manifest)
        live = self._live.get(item.ref)
        fate, said = Fate.GONE, Sentence("what it owns stays") if disposal.orphan else ""
        if disposal.kept:
            fate, said = Fate.LEFT, disposal.kept
        elif live is None:
            fate, said = Fate.SAME, Sentence("it is gone already")
        elif not belongs_to(live, application.name):
            fate, said = Fate.LEFT, Sentence("it no longer says that it is ours")
        return ObjectForecast(
            kind=item.ref.kind,
            name=item.ref.name,
            component=item.component,
            fate=fate,
            summary=summary(item.manifest),
            said=said,
        )


def _object(
    parcel: Parcel, manifest: Manifest, fate: Fate, *, said: str = "", missing: bool = False
) -> ObjectForecast:
    ref = ref_of(manifest)
    return ObjectForecast(
        kind=ref.kind,
        name=ref.name,
        namespace=_elsewhere(ref, parcel),
        component=parcel.component,
        fate=fate,
        summary=summary(manifest),
        said=said,
        missing=missing,
    )


def _elsewhere(ref: Ref, parcel: Parcel) -> str:
    """Answer the namespace of an object that is not in that of its target."""
    return ref.namespace if ref.namespace not in {"", parcel.target.namespace} else ""


def reason_of(preview: Preview, cluster: str, manifest: Manifest) -> str:
    """Answer why the server refuses an object; of a Secret without what it quotes of it."""
    ref = preview.ref
    said = redact(without_secrets(preview.refused, [manifest]))
    said = said.removeprefix(f"{cluster} refused {ref.title}: ")
    return _QUOTED.sub(rf"\1 {HIDDEN}", said) if ref.kind == "Secret" else said
