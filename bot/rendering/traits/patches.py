"""Traits that change what a component became, field by field: `json-patch` and `json-merge-patch`. Pure."""

from typing import Annotated, Any

import jsonpatch
from jsonpointer import JsonPointerException
from pydantic import Field, RootModel

from bot.rendering.draft import Draft
from bot.rendering.objects import RenderingError
from bot.rendering.parameters import Parameters


class JsonPatch(Parameters):
    """Properties of `json-patch`: operations of RFC 6902 on the workload."""

    operations: Annotated[list[dict[str, Any]], Field(min_length=1)]


class JsonMergePatch(RootModel[dict[str, Any]]):
    """Properties of `json-merge-patch`: a merge patch of RFC 7396 on the workload."""


def json_patch(draft: Draft, parameters: JsonPatch) -> None:
    """Apply the operations. Raises RenderingError for the one that does not fit; what is there now is not shown."""
    changed: Any = draft.workload
    for at, each in enumerate(parameters.operations):
        try:
            changed = jsonpatch.apply_patch(changed, [each])
        except jsonpatch.JsonPatchTestFailed as error:
            said = f"{each.get('path')} is not what the test expects"
            raise RenderingError(said, "operations", at) from error
        except (jsonpatch.JsonPatchException, JsonPointerException, TypeError, KeyError) as error:
            # A missing member is told with all that it was looked for in, values included.
            said = str(error).partition(" in {")[0]
            named = f"{each.get('op')} {each.get('path')}"
            raise RenderingError(f"{named} does not fit: {said}", "operations", at) from error
    _replace(draft, changed)


def json_merge_patch(draft: Draft, parameters: JsonMergePatch) -> None:
    """Merge the patch into the workload."""
    _replace(draft, _merged(draft.workload, parameters.root))


def _merged(target: Any, patch: Any) -> Any:
    """Apply RFC 7396: null takes a field away, a map is merged, anything else replaces."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = _merged(result.get(key), value)
    return result


def _replace(draft: Draft, changed: Any) -> None:
    """Take the changed workload, which has to be the same object still."""
    before = draft.workload
    identity = [_identity(each) for each in (before, changed)]
    if identity[0] != identity[1]:
        raise RenderingError("a patch cannot change the kind, the name or the namespace")
    draft.objects[0] = changed
    labels = changed["metadata"].setdefault("labels", {})
    labels.update(draft.place.labels)


def _identity(found: Any) -> tuple[Any, ...]:
    if not isinstance(found, dict) or not isinstance(found.get("metadata"), dict):
        return ()
    metadata = found["metadata"]
    return (
        found.get("apiVersion"),
        found.get("kind"),
        metadata.get("name"),
        metadata.get("namespace"),
    )
