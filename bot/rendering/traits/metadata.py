"""Traits that say things about a component: `labels` and `annotations`. Pure."""

from typing import Any

from pydantic import RootModel

from bot.rendering.draft import Draft


class Names(RootModel[dict[str, str | None]]):
    """Properties of `labels` and `annotations`: the map itself. Null takes a name away."""


def labels(draft: Draft, parameters: Names) -> None:
    """Label the workload and its pods; our own labels stay, for by them all of it is found."""
    own = draft.place.labels
    wanted = {name: value for name, value in parameters.root.items() if name not in own}
    for each in (draft.workload, *draft.templates()[-1:]):
        _merge(each, "labels", wanted)


def annotations(draft: Draft, parameters: Names) -> None:
    """Annotate the workload, its Jobs and its pods."""
    for each in (draft.workload, *draft.templates()):
        _merge(each, "annotations", parameters.root)


def _merge(owner: dict[str, Any], key: str, wanted: dict[str, str | None]) -> None:
    metadata = owner.setdefault("metadata", {})
    merged = {**(metadata.get(key) or {}), **wanted}
    metadata[key] = {name: value for name, value in merged.items() if value is not None}
    if not metadata[key]:
        del metadata[key]
