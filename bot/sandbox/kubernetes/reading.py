"""Answers what only reads: one object, a list, a table, a watch."""

from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from bot.sandbox.kubernetes import errors, tables, watching, writes
from bot.sandbox.kubernetes.registry import Resource
from bot.sandbox.kubernetes.requests import Place, matcher, table_include, version_of
from bot.sandbox.kubernetes.storage import Object, Storage

LONGEST_WATCH = 1800.0


def read(storage: Storage, request: Request, where: Place) -> Response:
    """Answer a GET. Raises StatusError."""
    include = table_include(request)
    watch = request.query_params.get("watch") in {"true", "1"}
    if where.name and not watch:
        found = storage.get(where.resource, where.namespace, where.name)
        if where.subresource == "scale":
            return JSONResponse(writes.scale_of(found))
        if include is not None:
            return JSONResponse(_table(storage, where, include, [found]))
        return JSONResponse(shown(where.resource, where.version, found))
    if watch:
        return _watch(storage, request, where, include)
    matches = matcher(request)
    found_all = [each for each in storage.of(where.resource, where.namespace) if matches(each)]
    if include is not None:
        return JSONResponse(_table(storage, where, include, found_all))
    return JSONResponse(
        {
            "kind": f"{where.resource.kind}List",
            "apiVersion": where.resource.api_version_of(where.version),
            "metadata": {"resourceVersion": str(storage.version)},
            "items": [shown(where.resource, where.version, each) for each in found_all],
        }
    )


def shown(resource: Resource, version: str, subject: Object) -> Object:
    """Answer an object in a version of its kind (of the versions of a custom kind only the name differs)."""
    wanted = resource.api_version_of(version)
    return subject if subject["apiVersion"] == wanted else {**subject, "apiVersion": wanted}


def _watch(storage: Storage, request: Request, where: Place, include: str | None) -> Response:
    params = request.query_params
    if params.get("sendInitialEvents"):
        raise errors.StatusError(
            422,
            'ListOptions.meta.k8s.io "" is invalid: sendInitialEvents: Forbidden: '
            "sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled",
        )
    matches = matcher(request)
    if where.name:
        by_name = where.name
        selected = matches
        matches = lambda each: each["metadata"]["name"] == by_name and selected(each)  # noqa: E731 - one line says it
    wish = watching.Wish(
        resource=where.resource,
        version=where.version,
        namespace=where.namespace,
        matches=matches,
        since=version_of(request),
        bookmarks=params.get("allowWatchBookmarks") in {"true", "1"},
        timeout=min(LONGEST_WATCH, float(params.get("timeoutSeconds") or LONGEST_WATCH)),
        form=partial(_row, storage, where, include),
    )
    if wish.since is not None:
        storage.unwatch(storage.watch(wish.since))  # says 410 before the stream begins
    return StreamingResponse(watching.stream(storage, wish), media_type="application/json")


def _row(storage: Storage, where: Place, include: str | None, subject: Object) -> Any:
    if include is None:
        return shown(where.resource, where.version, subject)
    return _table(storage, where, include, [subject])


def _table(storage: Storage, where: Place, include: str, subjects: list[Object]) -> Object:
    one = len(subjects) == 1
    version = subjects[0]["metadata"]["resourceVersion"] if one else str(storage.version)
    rows = [shown(where.resource, where.version, each) for each in subjects]
    return tables.table(where.resource, where.version, rows, version, include)
