"""Objects as they are: `k8s-objects` (several) and `raw` (one). Pure."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Annotated, Any

from pydantic import AfterValidator, Field, RootModel

from bot.rendering.objects import Manifest, Place
from bot.rendering.parameters import Parameters


def _object(given: dict[str, Any]) -> dict[str, Any]:
    for key in ("apiVersion", "kind"):
        if not isinstance(given.get(key), str) or not given[key]:
            raise ValueError(f"an object needs {key}")
    metadata = given.get("metadata")
    if not isinstance(metadata, Mapping) or not isinstance(metadata.get("name"), str):
        raise ValueError("an object needs metadata.name")  # noqa: TRY004 - pydantic's way
    for key in ("labels", "annotations"):
        texts = metadata.get(key) or {}
        if not isinstance(texts, Mapping) or not all(
            isinstance(each, str) for each in texts.values()
        ):
            raise ValueError(f"metadata.{key} needs to be a map of texts")
    return given


Object = Annotated[dict[str, Any], AfterValidator(_object)]


class K8sObjects(Parameters):
    """Properties of `k8s-objects`."""

    objects: Annotated[list[Object], Field(min_length=1)]


class Raw(RootModel[Object]):
    """Properties of `raw`: the object itself."""


def k8s_objects(place: Place, parameters: K8sObjects) -> list[Manifest]:
    """Take the objects, in the target's namespace where they name none."""
    return [_placed(place, each) for each in parameters.objects]


def raw(place: Place, parameters: Raw) -> list[Manifest]:
    """Take the object."""
    return [_placed(place, parameters.root)]


def _placed(place: Place, found: Mapping[str, Any]) -> Manifest:
    made: Manifest = deepcopy(dict(found))
    metadata = made["metadata"]
    metadata.setdefault("namespace", place.target.namespace)
    metadata["labels"] = {**(metadata.get("labels") or {}), **place.labels}
    return made
