"""The API server of one cluster: an ASGI application over a `Storage`, with its controllers.

A wrong bearer token is refused. The fault `down` answers 503 to everything and cuts the watches; `expired` cuts them
and forgets the past, so that who goes on from there is answered 410 Gone.
"""

import hmac
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.sandbox.faults import Fault, Faults
from bot.sandbox.kubernetes import discovery, errors, podlogs, reading, writes
from bot.sandbox.kubernetes.controllers.manager import Controllers
from bot.sandbox.kubernetes.images import Registry
from bot.sandbox.kubernetes.kinds import Kinds
from bot.sandbox.kubernetes.requests import (
    Place,
    ask_of,
    body_of,
    matcher,
    place,
    unknown_path,
)
from bot.sandbox.kubernetes.storage import Object, Storage
from bot.sandbox.shelf import Shelf

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


class ApiServer:
    """One cluster."""

    def __init__(
        self,
        *,
        name: str,
        shelf: Shelf,
        faults: Faults,
        registry: Registry,
        speed: float = 1.0,
    ) -> None:
        """`registry` is where images come from; `speed` divides the times that pods take."""
        self.name = name
        self.token = f"sandbox-{name}"
        self._faults = faults
        self._storage = Storage(name, shelf)
        self._kinds = self._storage.kinds
        self._controllers = Controllers(self._storage, name, faults, registry, speed)
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

    def edit(self, kind: str, namespace: str, name: str, patch: Any, *, manager: str) -> Object:
        """Change an object as a person does by hand; `kind` is a kind or a plural. Raises StatusError."""
        resource = self._kinds.called(kind)
        if resource is None:
            raise errors.StatusError(404, f'the server doesn\'t have a resource type "{kind}"')
        form = "strategic-merge" if not resource.served else "merge"
        ask = writes.Ask(
            resource=resource,
            version=resource.version,
            namespace=namespace or "default" if resource.namespaced else "",
            name=name,
            manager=manager,
        )
        form = "json" if isinstance(patch, list) else form
        made, _ = writes.patch(self._storage, ask, patch, f"application/{form}-patch+json")
        return made

    def _on_fault(self, fault: Fault) -> None:
        if fault.target != f"cluster/{self.name}":
            return
        if fault.fault == "expired":
            self._storage.forget()
            self._faults.drop(fault)  # it has happened
        if fault.fault in {"down", "expired"}:
            self._storage.cut()
        if fault.fault == "probe":
            self._controllers.look_again("pods")

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
        return JSONResponse(
            discovery.openapi_index(self._kinds, request.scope.get("root_path", ""))
        )

    async def _openapi(self, request: Request) -> Response:
        parts = request.path_params["path"].split("/")
        if parts[0] == "api":
            return JSONResponse(discovery.openapi(self._kinds, "", parts[1]))
        return JSONResponse(discovery.openapi(self._kinds, parts[1], parts[2]))

    async def _core(self, _: Request) -> Response:
        return JSONResponse({"kind": "APIVersions", "versions": ["v1"]})

    async def _groups(self, _: Request) -> Response:
        return JSONResponse(discovery.groups(self._kinds))

    async def _object(self, request: Request) -> Response:
        path = request.path_params["path"]
        found = _discovered(self._kinds, path)
        if found is not None:
            return JSONResponse(found)
        if path == "apis/authorization.k8s.io/v1/selfsubjectaccessreviews":
            body = await body_of(request)
            return JSONResponse({**body, "status": {"allowed": True}}, status_code=201)
        where = place(self._kinds, path)
        if where.subresource == "log":
            return podlogs.log(self._storage, request, where)
        if where.subresource not in {"", "status", "scale"}:
            raise unknown_path()
        match request.method:
            case "GET":
                return reading.read(self._storage, request, where)
            case "DELETE":
                return await self._delete(request, where)
            case _:
                return await self._write(request, where)

    async def _write(self, request: Request, where: Place) -> Response:
        kind = request.headers.get("content-type", "").partition(";")[0]
        body = await body_of(request)
        ask = ask_of(request, where, kind)
        if request.method == "POST":
            if where.name:
                raise errors.StatusError(405, "the server does not allow this method here")
            made, new = writes.create(self._storage, ask, body), True
        elif request.method == "PUT":
            made, new = writes.replace(self._storage, ask, body), False
        else:
            made, new = writes.patch(self._storage, ask, body, kind)
        if where.subresource != "scale":
            made = reading.shown(where.resource, where.version, made)
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
                return JSONResponse(reading.shown(where.resource, where.version, gone))
            return JSONResponse(_success(where, gone))
        matches = matcher(request)
        for each in self._storage.of(where.resource, where.namespace):
            if matches(each):
                meta = each["metadata"]
                one = Place(
                    resource=where.resource,
                    version=where.version,
                    namespace=meta.get("namespace", ""),
                    name=meta["name"],
                )
                writes.delete(self._storage, ask_of(request, one), options)
        return JSONResponse({"kind": "Status", "apiVersion": "v1", "status": "Success"})


def _discovered(kinds: Kinds, path: str) -> Object | None:
    """Answer the discovery documents below `/api` and `/apis`."""
    parts = path.strip("/").split("/")
    if parts == ["api", "v1"]:
        return discovery.resources(kinds, "", "v1")
    if parts[0] != "apis" or len(parts) not in {2, 3} or parts[1] not in kinds.groups():
        return None
    if len(parts) == 2:
        return {"kind": "APIGroup", "apiVersion": "v1", **discovery.group(kinds, parts[1])}
    if parts[2] not in kinds.versions_of(parts[1]):
        return None
    return discovery.resources(kinds, parts[1], parts[2])


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
