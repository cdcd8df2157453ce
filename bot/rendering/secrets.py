"""Keeps the values of Secrets out of what is accounted for: only their keys are remembered. Pure.

What Terraform has put out stands in the status of its Configuration, too, and is as secret there.
"""

from collections.abc import Sequence

from bot.errors import Permanent
from bot.rendering.objects import Manifest
from bot.run.inventory import ref_of


def without_values(manifest: Manifest) -> Manifest:
    """Answer a manifest with the keys of a Secret, or of what a cloud resource puts out, and without their values."""
    if manifest["kind"] == "Configuration":
        return _without_outputs(manifest)
    if manifest["kind"] != "Secret":
        return manifest
    made = {**manifest}
    for field in ("data", "stringData"):
        if field in made:
            made[field] = dict.fromkeys(made[field] or {}, "")
    return made


def _without_outputs(manifest: Manifest) -> Manifest:
    status = manifest.get("status") or {}
    applied = status.get("apply") or {}
    if not applied.get("outputs"):
        return manifest
    left = {name: {"value": ""} for name in applied["outputs"]}
    return {**manifest, "status": {**status, "apply": {**applied, "outputs": left}}}


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
