"""The API server of one cluster: an ASGI application over a `Storage`, with its controllers.

The fault `down` answers 503 to everything and cuts the watches; `expired` cuts them and forgets the past, so that who
goes on from there is told 410 Gone; `silent` lets the watches stand and say nothing. `gate` knows the others.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.sandbox.faults import Fault, Faults
from bot.sandbox.kubernetes import admission, discovery, errors, quota, routing, writes
from bot.sandbox.kubernetes.controllers.manager import Controllers
from bot.sandbox.kubernetes.gate import Gate
from bot.sandbox.kubernetes.images import Registry
from bot.sandbox.kubernetes.storage import Object, Storage
from bot.sandbox.shelf import Shelf

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
Handler = Callable[[Request], Awaitable[Response]]


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
        self._faults = faults
        self._gate = Gate(name, faults)
        self._storage = Storage(name, shelf)
        self._kinds = self._storage.kinds
        self._storage.reviewers = [
            admission.completing(self._storage),
            admission.denying(name, faults),
            quota.checking(self._storage),
        ]
        self._controllers = Controllers(self._storage, name, faults, registry, speed)
        self._gone_as_http = False
        faults.listen(self._on_fault)

    @property
    def token(self) -> str:
        """The bearer token for a kubeconfig."""
        return self._gate.token

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
            self._gone_as_http = fault.details.get("answer") == "http"
            self._faults.drop(fault)  # it has happened
        if fault.fault in {"down", "expired"}:
            self._storage.cut()
        if fault.fault == "silent":
            self._storage.silence()
        if fault.fault == "probe":
            self._controllers.look_again("pods")

    def _guarded(self, handler: Handler) -> Handler:
        async def guarded(request: Request) -> Response:
            stopped = await self._gate.passed(request)
            if stopped is not None:
                return stopped
            silent = self._faults.standing(f"cluster/{self.name}", "silent") is not None
            self._storage.silencing = silent
            try:
                return await handler(request)
            except errors.StatusError as error:
                return JSONResponse(error.body, status_code=error.code)

        return guarded

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
        return await routing.answer(
            self._storage,
            request,
            request.path_params["path"],
            gone_as_http=self._gone_as_http,
        )
