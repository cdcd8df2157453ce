"""What going back to an older revision does not undo. Pure.

A rollback delivers objects as they were. It does not run jobs backwards and brings back no data.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from bot.catalog.model import Application, Environment
from bot.forecast import clouds
from bot.forecast.fates import Fate, ObjectForecast
from bot.placement.handling import PRECIOUS
from bot.rendering.objects import Manifest
from bot.rendering.repeating import Kept
from bot.run.inventory import Item, Key, key_of, ref_of
from bot.wording import Sentence


class Remains(StrEnum):
    """In which way something is not undone."""

    RAN = "ran"
    """Jobs that ran since: what they did stays done."""
    NOT_AGAIN = "not_again"
    """Jobs of the older revision that have succeeded: they are not run again."""
    DATA = "data"
    """Volumes whose data stays as it is now."""
    EMPTY = "empty"
    """What was deleted since and comes back without what was in it."""
    CLOUD_CHANGED = "cloud_changed"
    """Cloud resources that are given other values: they may be replaced for it, with all that is in them."""
    CLOUD_MADE = "cloud_made"
    """Cloud resources that are made anew, empty."""
    CLOUD_LEFT = "cloud_left"
    """Cloud resources that are no part of the older revision and stay."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lasting:
    """Things that a rollback does not undo, all in one way."""

    how: Remains
    what: tuple[str, ...]


def jobs_since(target: Kept, since: Iterable[Kept], items: Iterable[Item]) -> Iterator[Lasting]:
    """Say which Jobs ran after a revision: those of the deliveries `since`, and those that stand in the account."""
    before = {each["metadata"]["name"] for each in _all(target) if each["kind"] == "Job"}
    names = [
        each["metadata"]["name"] for kept in since for each in _all(kept) if each["kind"] == "Job"
    ]
    names += [each.ref.name for each in items if each.ref.kind == "Job"]
    yield from _if_any(Remains.RAN, (each for each in names if each not in before))


def jobs_not_again(
    target: Kept, environment: Environment, done: Collection[Key]
) -> Iterator[Lasting]:
    """Say which Jobs of a revision have succeeded once, so that they are not run again."""
    clusters = {each.name: each.cluster for each in environment.targets}
    names = [
        each["metadata"]["name"]
        for (where, _), manifests in target.items()
        for each in manifests
        if each["kind"] == "Job" and key_of(clusters.get(where, ""), ref_of(each)) in done
    ]
    yield from _if_any(Remains.NOT_AGAIN, names)


def data_that_stays(target: Kept, items: Iterable[Item]) -> Iterator[Lasting]:
    """Say which volumes there are: their data stays whatever is delivered."""
    manifests = [*_all(target), *(each.manifest for each in items)]
    yield from _if_any(Remains.DATA, (each for one in manifests for each in _volumes(one)))


def coming_back_empty(objects: Iterable[ObjectForecast]) -> Iterator[Lasting]:
    """Say what is not there any more and comes back without its content."""
    titles = (each.title for each in objects if each.kind in PRECIOUS and each.fate is Fate.NEW)
    yield from _if_any(Remains.EMPTY, titles)


def cloud_that_differs(
    now: Application, then: Application, environment: Environment
) -> Iterator[Lasting]:
    """Say what becomes of cloud resources: none is brought back as it was."""
    ways = {
        clouds.Turn.CHANGED: Remains.CLOUD_CHANGED,
        clouds.Turn.MADE: Remains.CLOUD_MADE,
        clouds.Turn.LEFT: Remains.CLOUD_LEFT,
    }
    found = clouds.cloud_changes(now, then, environment)
    for turn, how in ways.items():
        names = (_changed_cloud(each) for each in found if each.turn is turn)
        yield from _if_any(how, names)


def _changed_cloud(change: clouds.CloudChange) -> str:
    differs = f" ({', '.join(change.differs)})" if change.differs else ""
    return f"{change.component}{differs}"


def _volumes(manifest: Manifest) -> Iterator[str]:
    name = manifest["metadata"]["name"]
    if manifest["kind"] == "PersistentVolumeClaim":
        yield f"PersistentVolumeClaim {name}"
    spec = manifest.get("spec")
    claims = spec.get("volumeClaimTemplates") if isinstance(spec, dict) else None
    if manifest["kind"] == "StatefulSet" and claims:
        yield Sentence("the volumes of StatefulSet {name}", name=name)


def _all(kept: Kept) -> Iterator[Manifest]:
    for manifests in kept.values():
        yield from manifests


def _if_any(how: Remains, names: Iterable[str]) -> Iterator[Lasting]:
    found = tuple(dict.fromkeys(names))
    if found:
        yield Lasting(how=how, what=found)
