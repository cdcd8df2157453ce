"""The API server of one cluster: an ASGI application over a `Storage`, with its controllers.

A wrong bearer token is refused. The fault `down` answers 503 to everything and cuts the watches; `expired` cuts them
and forgets the past, so that who goes on from there is answered 410 Gone.
"""

import hmac
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from bot.sandbox.faults import Fault, Faults
from bot.sandbox.kubernetes import discovery, errors, logs, tables, watching, writes
from bot.sandbox.kubernetes.controllers.manager import Controllers
from bot.sandbox.kubernetes.registry import Resource
from bot.sandbox.kubernetes.requests import (
    Place,
    ask_of,
    body_of,
    matcher,
    place,
    table_include,
    unknown_path,
    version_of,
)
from bot.sandbox.kubernetes.storage import Object, Storage
from bot.sandbox.shelf import Shelf

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
LONGEST_WATCH = 1800.0


class ApiServer:
    """One cluster."""

    def __init__(self, *, name: str, shelf: Shelf, faults: Faults, speed: float = 1.0) -> None:
        """`speed` divides the times that pods take."""
        self.name = name
        self.token = f"sandbox-{name}"
        self._faults = faults
        self._storage = Storage(name, shelf)
        self._controllers = Controllers(self._storage, name, faults, speed)
        faults.listen(self._on_fault)

    def app(self) -> Starlette:
        """Answer the ASGI application, to be mounted at the server's root."""
        return Starlette(
            routes=[
                Route("/version", self._guarded(self._version)),
                Route("/livez", self._guarded(self._healthy)),
                Route("/readyz", self._guarded(self._healthy)),
                Route("/healthz", self._guarded(self._healthy)),
                Route("/openapi/v3", self._guarded(self._openapi_index)),
                Route("/openapi/v3/{path:path}", self._guarded(self._openapi)),
                Route("/api", self._guarded(self._core)),
                Route("/apis", self._guarded(self._groups)),
                Route("/{path:path}", self._guarded(self._object), methods=METHODS),
            ]
        )

    async def start(self) -> None:
        """Start the controllers; what was under way goes on."""
        self._controllers.start()

    async def stop(self) -> None:
        """Stop the controllers and end all watches."""
        self._controllers.stop()
        self._storage.cut()

    def listen(self, listener: Callable[[], None]) -> None:
        """Call `listener` after each change of an object."""
        self._storage.listen(lambda _: listener())

    def objects(self) -> list[Object]:
        """List all objects."""
        return self._storage.everything()

    def _on_fault(self, fault: Fault) -> None:
        if fault.target != f"cluster/{self.name}":
            return
        if fault.fault == "expired":
            self._storage.forget()
            self._faults.drop(fault)  # it has happened
        if fault.fault in {"down", "expired"}:
            self._storage.cut()

    def _guarded(
        self, handler: Callable[[Request], Awaitable[Response]]
    ) -> Callable[[Request], Awaitable[Response]]:
        async def guarded(request: Request) -> Response:
            if self._faults.standing(f"cluster/{self.name}", "down"):
                return PlainTextResponse("the server is down", status_code=503)
            try:
                self._authenticate(request)
                return await handler(request)
            except errors.StatusError as error:
                return JSONResponse(error.body, status_code=error.code)

        return guarded

    def _authenticate(self, request: Request) -> None:
        # kubectl sends no credentials over plain HTTP (client-go reads them for TLS only), so none are needed on
        # this loopback port; wrong ones are refused, which is what a client with an old token meets.
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if given and not hmac.compare_digest(given.encode(), self.token.encode()):
            raise errors.StatusError(401, "Unauthorized")

    async def _version(self, _: Request) -> Response:
        return JSONResponse(discovery.VERSION)

    async def _healthy(self, _: Request) -> Response:
        return PlainTextResponse("ok")

    async def _openapi_index(self, request: Request) -> Response:
        return JSONResponse(discovery.openapi_index(request.scope.get("root_path", "")))

    async def _openapi(self, request: Request) -> Response:
        parts = request.path_params["path"].split("/")
        if parts[0] == "api":
            return JSONResponse(discovery.openapi("", parts[1]))
        return JSONResponse(discovery.openapi(parts[1], parts[2]))

    async def _core(self, _: Request) -> Response:
        return JSONResponse({"kind": "APIVersions", "versions": ["v1"]})

    async def _groups(self, _: Request) -> Response:
        return JSONResponse(discovery.groups())

    async def _object(self, request: Request) -> Response:
        path = request.path_params["path"]
        found = _discovered(path)
        if found is not None:
            return JSONResponse(found)
        if path == "apis/authorization.k8s.io/v1/selfsubjectaccessreviews":
            body = await body_of(request)
            return JSONResponse({**body, "status": {"allowed": True}}, status_code=201)
        where = place(path)
        if where.subresource == "log":
            return self._log(request, where)
        if where.subresource not in {"", "status", "scale"}:
            raise unknown_path()
        match request.method:
            case "GET":
                return self._read(request, where)
            case "DELETE":
                return await self._delete(request, where)
            case _:
                return await self._write(request, where)

    def _read(self, request: Request, where: Place) -> Response:
        include = table_include(request)
        watch = request.query_params.get("watch") in {"true", "1"}
        if where.name and not watch:
            found = self._storage.get(where.resource, where.namespace, where.name)
            if where.subresource == "scale":
                found = writes.scale_of(found)
            elif include is not None:
                return JSONResponse(self._table(where.resource, [found], include))
            return JSONResponse(found)
        matches = matcher(request)
        if watch:
            return self._watch(request, where, include)
        found_all = [
            each for each in self._storage.of(where.resource, where.namespace) if matches(each)
        ]
        if include is not None:
            return JSONResponse(self._table(where.resource, found_all, include))
        return JSONResponse(
            {
                "kind": f"{where.resource.kind}List",
                "apiVersion": where.resource.api_version,
                "metadata": {"resourceVersion": str(self._storage.version)},
                "items": found_all,
            }
        )

    def _watch(self, request: Request, where: Place, include: str | None) -> Response:
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
            namespace=where.namespace,
            matches=matches,
            since=version_of(request),
            bookmarks=params.get("allowWatchBookmarks") in {"true", "1"},
            timeout=min(LONGEST_WATCH, float(params.get("timeoutSeconds") or LONGEST_WATCH)),
            form=partial(self._row, where.resource, include),
        )
        if wish.since is not None:
            self._storage.unwatch(
                self._storage.watch(wish.since)
            )  # says 410 before the stream begins
        return StreamingResponse(
            watching.stream(self._storage, wish), media_type="application/json"
        )

    def _row(self, resource: Resource, include: str | None, subject: Object) -> Any:
        return subject if include is None else self._table(resource, [subject], include)

    def _table(self, resource: Resource, subjects: list[Object], include: str) -> Object:
        version = (
            subjects[0]["metadata"]["resourceVersion"]
            if len(subjects) == 1
            else str(self._storage.version)
        )
        return tables.table(resource, subjects, version, include)

    async def _write(self, request: Request, where: Place) -> Response:
        kind = request.headers.get("content-type", "").partition(";")[0]
        body = await body_of(request)
        ask = ask_of(request, where, kind)
        if request.method == "POST":
            if where.name:
                raise errors.StatusError(405, "the server does not allow this method here")
            return JSONResponse(writes.create(self._storage, ask, body), status_code=201)
        if request.method == "PUT":
            return JSONResponse(writes.replace(self._storage, ask, body))
        made, new = writes.patch(self._storage, ask, body, kind)
        return JSONResponse(made, status_code=201 if new else 200)

    async def _delete(self, request: Request, where: Place) -> Response:
        options = {**(await body_of(request))}
        for name in ("propagationPolicy", "gracePeriodSeconds"):
            if name in request.query_params:
                value = request.query_params[name]
                options[name] = int(value) if value.isdigit() else value
        ask = ask_of(request, where)
        if where.name:
            gone = writes.delete(self._storage, ask, options)
            if gone["metadata"].get("deletionTimestamp"):
                return JSONResponse(gone)
            return JSONResponse(_success(where, gone))
        matches = matcher(request)
        for each in self._storage.of(where.resource, where.namespace):
            if matches(each):
                meta = each["metadata"]
                one = Place(
                    resource=where.resource,
                    namespace=meta.get("namespace", ""),
                    name=meta["name"],
                )
                writes.delete(self._storage, ask_of(request, one), options)
        return JSONResponse({"kind": "Status", "apiVersion": "v1", "status": "Success"})

    def _log(self, request: Request, where: Place) -> Response:
        pod = self._storage.get(where.resource, where.namespace, where.name)
        params = request.query_params
        names = [each["name"] for each in pod["spec"]["containers"]]
        container = params.get("container") or names[0]
        if container not in names:
            raise errors.StatusError(
                400, f"container {container} is not valid for pod {where.name}"
            )
        previous = params.get("previous") == "true"
        said = logs.lines(pod, container, previous=previous)
        if not said:
            raise errors.StatusError(400, _no_log(pod, container, previous=previous))
        if params.get("tailLines"):
            said = said[-int(params["tailLines"]) :] if int(params["tailLines"]) else []
        stamped = params.get("timestamps") == "true"
        text = "".join(
            f"{moment.isoformat()} {line}\n" if stamped else f"{line}\n" for moment, line in said
        )
        if params.get("follow") == "true":
            return StreamingResponse(
                watching.follow_log(self._storage, pod, text), media_type="text/plain"
            )
        return PlainTextResponse(text)


def _discovered(path: str) -> Object | None:
    """Answer the discovery documents below `/api` and `/apis`."""
    parts = path.strip("/").split("/")
    if parts == ["api", "v1"]:
        return discovery.resources("", "v1")
    versions = discovery.group_versions()
    if parts[0] == "apis" and len(parts) == 3 and (parts[1], parts[2]) in versions:
        return discovery.resources(parts[1], parts[2])
    if parts[0] == "apis" and len(parts) == 2:
        for name, version in versions:
            if name == parts[1]:
                return {"kind": "APIGroup", "apiVersion": "v1", **discovery.group(name, version)}
    return None


def _success(where: Place, gone: Object) -> Object:
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Success",
        "details": {
            "name": where.name,
            "group": where.resource.group,
            "kind": where.resource.plural,
            "uid": gone["metadata"]["uid"],
        },
    }


def _no_log(pod: Object, container: str, *, previous: bool) -> str:
    name = pod["metadata"]["name"]
    if previous:
        return f'previous terminated container "{container}" in pod "{name}" not found'
    reason = "ContainerCreating"
    for each in pod["status"].get("containerStatuses", []):
        if each["name"] == container:
            reason = each["state"].get("waiting", {}).get("reason", reason)
    said = "trying and failing to pull image" if "Pull" in reason else reason
    return f'container "{container}" in pod "{name}" is waiting to start: {said}'
