"""Answers what only reads: one object, a list, a table, a watch."""

from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from bot.sandbox.kubernetes import errors, listing, tables, watching
from bot.sandbox.kubernetes.registry import Resource
from bot.sandbox.kubernetes.requests import Place, matcher, table_include
from bot.sandbox.kubernetes.scales import scale_of
from bot.sandbox.kubernetes.storage import Object, Storage

LONGEST_WATCH = 1800.0
YES = frozenset({"true", "1"})


def read(storage: Storage, request: Request, where: Place, *, gone_as_http: bool) -> Response:
    """Answer a GET. Raises StatusError.

    `gone_as_http`: a watch from a moment that is forgotten is refused, not answered by an ERROR event.
    """
    include = table_include(request)
    watch = request.query_params.get("watch") in YES
    if watch:
        return _watch(storage, request, where, include, gone_as_http=gone_as_http)
    if where.name:
        found = storage.get(where.resource, where.namespace, where.name)
        if where.subresource == "scale":
            return JSONResponse(scale_of(found))
        if include is not None:
            return JSONResponse(_table(storage, where, include, [found]))
        return JSONResponse(shown(where.resource, where.version, found))
    page = listing.page(storage, request, where)
    if include is not None:
        table = _table(storage, where, include, page.items)
        return JSONResponse({**table, "metadata": page.metadata})
    return JSONResponse(
        {
            "kind": f"{where.resource.kind}List",
            "apiVersion": where.resource.api_version_of(where.version),
            "metadata": page.metadata,
            "items": items(where.resource, where.version, page.items),
        }
    )


def items(resource: Resource, version: str, subjects: list[Object]) -> list[Object]:
    """Answer the items of a list: those of a built-in kind do not say again what they are."""
    if resource.served:
        return [shown(resource, version, each) for each in subjects]
    head = {"apiVersion", "kind"}
    return [{key: each[key] for key in each if key not in head} for each in subjects]


def shown(resource: Resource, version: str, subject: Object) -> Object:
    """Answer an object in a version of its kind (of the versions of a custom kind only the name differs)."""
    wanted = resource.api_version_of(version)
    return subject if subject["apiVersion"] == wanted else {**subject, "apiVersion": wanted}


def _watch(
    storage: Storage, request: Request, where: Place, include: str | None, *, gone_as_http: bool
) -> Response:
    params = request.query_params
    initial = params.get("sendInitialEvents", "")
    if initial and params.get("resourceVersionMatch") != "NotOlderThan":
        raise errors.invalid_option(
            "ListOptions",
            "resourceVersionMatch",
            "FieldValueForbidden",
            "Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan",
        )
    since = listing.number(params.get("resourceVersion", ""))
    bookmarks = params.get("allowWatchBookmarks") in YES
    listing.check_known(storage, since)
    if gone_as_http and 0 < since < storage.oldest:
        storage.unwatch(storage.watch(since))  # says 410 before the stream begins
    wish = watching.Wish(
        resource=where.resource,
        version=where.version,
        namespace=where.namespace,
        matches=_matching(request, where),
        since=None if since == 0 or initial in YES else since,
        bookmarks=bookmarks,
        timeout=min(LONGEST_WATCH, float(params.get("timeoutSeconds") or LONGEST_WATCH)),
        form=partial(_row, storage, where, include),
        marked=initial in YES and bookmarks,
    )
    return StreamingResponse(watching.stream(storage, wish), media_type="application/json")


def _matching(request: Request, where: Place) -> Any:
    selected = matcher(request, where.resource)
    if not where.name:
        return selected
    return lambda each: each["metadata"]["name"] == where.name and selected(each)


def _row(storage: Storage, where: Place, include: str | None, subject: Object) -> Any:
    if include is None:
        return shown(where.resource, where.version, subject)
    return _table(storage, where, include, [subject])


def _table(storage: Storage, where: Place, include: str, subjects: list[Object]) -> Object:
    one = len(subjects) == 1
    version = subjects[0]["metadata"]["resourceVersion"] if one else str(storage.version)
    rows = [shown(where.resource, where.version, each) for each in subjects]
    return tables.table(where.resource, where.version, rows, version, include)
