"""Keeps the values of Secrets out of what is accounted for: only their keys are remembered. Pure."""

from collections.abc import Sequence

from bot.errors import Permanent
from bot.rendering.alignment import Part
from bot.rendering.objects import Manifest
from bot.rendering.ownership import latest_other, owners_of
from bot.run.inventory import ref_of


def without_values(manifest: Manifest) -> Manifest:
    """Answer a manifest with the keys of a Secret and without their values."""
    if manifest["kind"] != "Secret":
        return manifest
    made = {**manifest}
    for field in ("data", "stringData"):
        if field in made:
            made[field] = dict.fromkeys(made[field] or {}, "")
    return made


def with_values(kept: Sequence[Manifest], fresh: Sequence[Manifest]) -> list[Manifest]:
    """Answer what was kept, with the Secrets as they are rendered now. Raises Permanent when one no longer is."""
    now = {ref_of(each): each for each in fresh}
    found: list[Manifest] = []
    for each in kept:
        if each["kind"] != "Secret":
            found.append(each)
        elif ref_of(each) in now:
            found.append(now[ref_of(each)])
        else:
            raise Permanent(
                f"{ref_of(each).title} cannot be delivered again: its values are not kept"
            )
    return found


def as_sent(live: Manifest, sent: Manifest) -> Manifest:
    """Answer what a live Secret would be if it were sent again, as far as that shows without its values.

    What others have set since, or taken away, has another value then, and the rest is what it is.
    """
    there = dict(live.get("data") or {})
    for key in [*(sent.get("data") or {}), *(sent.get("stringData") or {})]:
        if latest_other(owners_of(live, (Part("data"), Part(key)))) or key not in there:
            there[key] = None
    return {**live, "data": there}
