"""Checks where steps of the type `share-cloud-resource` hand Secrets: to places that somebody delivers to, and no others."""

from collections.abc import Iterator, Sequence
from typing import Any

from bot.catalog.building import APP
from bot.catalog.complaints import Complaint, complain
from bot.catalog.documents import Path_
from bot.catalog.model import LOCAL, Catalog
from bot.catalog.sources import Source

SHARE = "share-cloud-resource"
Place = tuple[str, str]
"""A cluster and a namespace."""


def check_sharing(catalog: Catalog, sources: Sequence[Source]) -> Iterator[Complaint]:
    """Complain about placements that are no target of any environment."""
    targets = [
        (target.cluster, target.namespace)
        for environment in catalog.environments.values()
        for target in environment.targets
    ]
    for source in sources:
        own = _own_place(catalog, source)
        known = list(dict.fromkeys([*targets, own]))
        for path, given in _placements(source):
            cluster, namespace = (_text(given.get(key)) for key in ("cluster", "namespace"))
            place = (own[0] if cluster in {"", LOCAL} else cluster, namespace or own[1])
            if place not in known:
                places = ", ".join(f"{each} on {on}" for on, each in known)
                said = f"{place[1]} on {place[0]} is no target of any environment (these are: {places})"
                yield complain(source.document, path, said)


def _own_place(catalog: Catalog, source: Source) -> Place:
    """Answer the control cluster, and the application's namespace there."""
    name = source.metadata.labels.get(APP, "")
    if source.application is not None:
        name = source.application.metadata.name
    application = catalog.applications.get(name)
    control = next((each.control_cluster for each in catalog.environments.values()), "")
    return control, application.namespace if application else "default"


def _placements(source: Source) -> Iterator[tuple[Path_, dict[str, Any]]]:
    for at, step in enumerate(source.steps if source.own else ()):
        below = [((at, "subSteps", index), sub) for index, sub in enumerate(step.sub_steps)]
        for here, each in [((at,), step), *below]:
            given = each.properties.get("placements")
            if each.type != SHARE or not isinstance(given, list):
                continue
            for index, place in enumerate(given):
                if isinstance(place, dict):
                    yield (*source.path, *here, "properties", "placements", index), place


def _text(given: Any) -> str:
    return given if isinstance(given, str) else ""
