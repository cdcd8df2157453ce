"""Keeps the values of Secrets out of what is accounted for, left for other steps and said: only their keys are told. Pure.

What Terraform has put out stands in the status of its Configuration, too, and is as secret there.
"""

import json
from base64 import b64decode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from bot.errors import Permanent, Temporary
from bot.rendering.objects import Manifest
from bot.rendering.redaction import HIDDEN
from bot.run.inventory import ref_of

VALUES = ("data", "stringData")
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
"""kubectl's annotation: the whole object once more, values included."""
SHORTEST = 4
"""Characters of a value that is looked for in a text: `1` is no secret, and stands everywhere."""


def without_values(manifest: Manifest) -> Manifest:
    """Answer a manifest with the keys of a Secret, or of what a cloud resource puts out, and without their values."""
    if manifest["kind"] == "Configuration":
        return _without_outputs(manifest)
    if manifest["kind"] != "Secret":
        return manifest
    made = {**manifest}
    for field in VALUES:
        if field in made:
            made[field] = dict.fromkeys(made[field] or {}, "")
    notes = made["metadata"].get("annotations") or {}
    if LAST_APPLIED in notes:
        kept = {key: value for key, value in notes.items() if key != LAST_APPLIED}
        made["metadata"] = {**made["metadata"], "annotations": kept}
    return made


def _without_outputs(manifest: Manifest) -> Manifest:
    status = manifest.get("status") or {}
    applied = status.get("apply") or {}
    if not applied.get("outputs"):
        return manifest
    left = {name: {"value": ""} for name in applied["outputs"]}
    return {**manifest, "status": {**status, "apply": {**applied, "outputs": left}}}


def as_seen(live: Manifest | None) -> dict[str, Any]:
    """Answer a live object as other steps may see it: a Secret without its values, nothing of who owns which field."""
    if live is None:
        return {}
    kept = {key: each for key, each in live["metadata"].items() if key != "managedFields"}
    return without_values({**live, "metadata": kept})


def with_texts(live: Manifest) -> dict[str, Any]:
    """Answer a live Secret with its values, in base64 as `data` and as the texts that they mean as `stringData`."""
    kept = {key: each for key, each in live["metadata"].items() if key != "managedFields"}
    shell = without_values({**live, "metadata": kept})
    data = live.get("data") or {}
    return {
        **shell,
        "data": data,
        "stringData": {key: _decoded(each) for key, each in data.items()},
    }


@contextmanager
def kept_secret(manifests: Sequence[Manifest]) -> Iterator[None]:
    """Take the values of Secrets out of whatever the outside world says against applying them."""
    try:
        yield
    except (Permanent, Temporary) as error:
        said = without_secrets(str(error), manifests)
        if said == str(error):
            raise
        if isinstance(error, Permanent):
            raise Permanent(said, code=error.code) from None
        raise Temporary(said, retry_after=error.retry_after) from None


def without_secrets(text: str, manifests: Sequence[Manifest]) -> str:
    """Answer a text without the values of the Secrets among `manifests`."""
    for value in sorted(set(_values(manifests)), key=len, reverse=True):
        if len(value) >= SHORTEST:
            text = text.replace(value, HIDDEN)
    return text


def _values(manifests: Sequence[Manifest]) -> Iterator[str]:
    """Yield the values of Secrets: as they are sent, as they are meant, and as a text quotes them."""
    for each in manifests:
        for field in VALUES if each["kind"] == "Secret" else ():
            for value in (each.get(field) or {}).values():
                sent = str(value)
                meant = _decoded(sent) if field == "data" else sent
                yield from (sent, meant, json.dumps(meant)[1:-1])


def _decoded(text: str) -> str:
    try:
        return b64decode(text).decode(errors="replace")
    except ValueError:
        return text


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
