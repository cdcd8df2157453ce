"""The templates that a StatefulSet or DaemonSet has had, as ControllerRevisions: for `rollout history` and `undo`."""

from bot.sandbox.kubernetes.controllers.context import Context, hash_of, owner_reference
from bot.sandbox.kubernetes.registry import BY_KIND
from bot.sandbox.kubernetes.storage import Object

REVISION = BY_KIND["apps/v1", "ControllerRevision"]
HASH = "controller-revision-hash"
"""The label by which pods say of which template they are, and the revisions of a DaemonSet, too."""
SET_HASH = "controller.kubernetes.io/hash"


def hash_of_template(owner: Object) -> str:
    """Answer the short name of an owner's present template."""
    return hash_of(owner["spec"]["template"])


def keep(context: Context, owner: Object) -> str:
    """Keep the present template as the newest revision, and as many older ones as wanted; answer its name."""
    meta, template = owner["metadata"], owner["spec"]["template"]
    short = hash_of_template(owner)
    name = f"{meta['name']}-{short}"
    found = sorted(context.owned(owner, REVISION), key=lambda each: int(each["revision"]))
    newest = int(found[-1]["revision"]) if found else 0
    same = next((each for each in found if each["metadata"]["name"] == name), None)
    if same is None:
        label = HASH if owner["kind"] == "DaemonSet" else SET_HASH
        labels = {**((template.get("metadata") or {}).get("labels") or {}), label: short}
        context.create(
            REVISION,
            {
                "apiVersion": "apps/v1",
                "kind": "ControllerRevision",
                "metadata": {
                    "name": name,
                    "namespace": meta["namespace"],
                    "labels": labels,
                    "ownerReferences": [owner_reference(owner)],
                },
                "data": {"spec": {"template": {**template, "$patch": "replace"}}},
                "revision": newest + 1,
            },
        )
    elif int(same["revision"]) < newest:
        context.write({**same, "revision": newest + 1})
    _forget(context, owner, found, name)
    return name


def template_of(context: Context, owner: Object, name: str) -> Object:
    """Answer the template of a revision; the present one, when it is forgotten."""
    found = context.storage.find(REVISION, owner["metadata"]["namespace"], name)
    if found is None:
        present: Object = owner["spec"]["template"]
        return present
    kept = found["data"]["spec"]["template"]
    return {key: value for key, value in kept.items() if key != "$patch"}


def _forget(context: Context, owner: Object, found: list[Object], newest: str) -> None:
    status = owner.get("status") or {}
    used = {newest, status.get("currentRevision"), status.get("updateRevision")}
    idle = [each for each in found if each["metadata"]["name"] not in used]
    limit = int(owner["spec"].get("revisionHistoryLimit", 10))
    for each in idle[: max(0, len(idle) - limit)]:
        context.storage.remove(REVISION, each)
