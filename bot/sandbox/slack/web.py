"""Slack's HTTP side: the Web API, response URLs, incoming webhooks and the file host."""

import contextlib
import json
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute

from bot.sandbox import company
from bot.sandbox.faults import Faults
from bot.sandbox.slack.errors import SlackRefusal
from bot.sandbox.slack.files import Files
from bot.sandbox.slack.interactions import Interactions
from bot.sandbox.slack.limits import Limits
from bot.sandbox.slack.methods import METHODS
from bot.sandbox.slack.socket_mode import SocketMode
from bot.sandbox.slack.workspace import Workspace

Json = dict[str, Any]


class SlackWeb:
    """The routes below /slack."""

    def __init__(
        self,
        *,
        workspace: Workspace,
        socket: SocketMode,
        interactions: Interactions,
        files: Files,
        faults: Faults,
        scopes: frozenset[str] | None,
        url: Callable[[], str],
    ) -> None:
        """`scopes` are those the app was installed with; None: whatever it needs."""
        self._workspace = workspace
        self._socket = socket
        self._interactions = interactions
        self._files = files
        self._faults = faults
        self._scopes = scopes
        self._url = url
        self._limits = Limits(workspace.clock)
        self._methods: dict[str, tuple[Callable[[Json], Json], str]] = {
            **{name: (partial(call, workspace), scope) for name, (call, scope) in METHODS.items()},
            **files.methods,
        }

    def routes(self) -> list[Route | WebSocketRoute]:
        """Answer the routes, to be mounted at /slack."""
        return [
            Route("/api/{method}", self._call, methods=["GET", "POST"]),
            Route("/response/{id}", self._respond, methods=["POST"]),
            Route("/services/{team}/{bot}/{channel}", self._webhook, methods=["POST"]),
            WebSocketRoute("/socket", self._socket.serve),
            *self._files.routes(self._reads_files),
        ]

    async def _call(self, request: Request) -> Response:
        method = request.path_params["method"]
        given = await _arguments(request)
        limited = self._limited(method, given)
        if limited is not None:
            return limited
        fault = self._faults.take("slack", "error", method=method)
        if fault is not None and not fault.details.get("after"):
            return JSONResponse(
                {"ok": False, "error": fault.details.get("error", "internal_error")}
            )
        try:
            answer = self._answer(method, given, _token(request, given))
        except SlackRefusal as refusal:
            return JSONResponse(refusal.body)
        if fault is not None:
            return JSONResponse(
                {"ok": False, "error": fault.details.get("error", "internal_error")}
            )
        return JSONResponse({"ok": True, **answer}, headers=self._headers())

    def _headers(self) -> dict[str, str]:
        """Answer what the platform says beside each answer: what the app may do."""
        return {} if self._scopes is None else {"x-oauth-scopes": ",".join(sorted(self._scopes))}

    def _limited(self, method: str, given: Json) -> Response | None:
        """Answer 429 when the app calls too often, or a fault says so."""
        fault = self._faults.take("slack", "ratelimited", method=method)
        wait = int(fault.details.get("retry_after", 1)) if fault else 0
        wait = wait or self._limits.wait(method, str(given.get("channel", "")))
        if not wait:
            return None
        body = {"ok": False, "error": "ratelimited"}
        return JSONResponse(body, status_code=429, headers={"Retry-After": str(wait)})

    def _answer(self, method: str, given: Json, token: str) -> Json:
        if not token:
            raise SlackRefusal("not_authed")
        if method == "apps.connections.open":
            if token != company.APP_TOKEN:
                raise SlackRefusal(
                    "not_allowed_token_type" if token == company.BOT_TOKEN else "invalid_auth"
                )
            host = self._url().replace("http://", "ws://")
            return {"url": f"{host}/slack/socket?ticket={self._socket.new_ticket()}"}
        if token != company.BOT_TOKEN:
            raise SlackRefusal("invalid_auth")
        if method not in self._methods:
            raise SlackRefusal("unknown_method", req_method=method)
        call, scope = self._methods[method]
        if scope and self._scopes is not None and scope not in self._scopes:
            provided = ",".join(sorted(self._scopes))
            raise SlackRefusal("missing_scope", needed=scope, provided=provided)
        return call(given)

    def _reads_files(self, request: Request) -> bool:
        scoped = self._scopes is None or "files:read" in self._scopes
        return scoped and _token(request, {}) == company.BOT_TOKEN

    async def _respond(self, request: Request) -> Response:
        try:
            said = self._interactions.respond(request.path_params["id"], await request.json())
        except SlackRefusal as refusal:
            return PlainTextResponse(str(refusal), status_code=404)
        return PlainTextResponse(said)

    async def _webhook(self, request: Request) -> Response:
        channel = company.channel(request.path_params["channel"])
        if channel is None:
            return PlainTextResponse("no_service", status_code=404)
        wait = self._limits.wait("webhook", channel)
        if wait:
            return PlainTextResponse(
                "rate_limited", status_code=429, headers={"Retry-After": str(wait)}
            )
        try:
            body = json.loads(await request.body())
            METHODS["chat.postMessage"][0](self._workspace, {**body, "channel": channel})
        except (ValueError, TypeError):
            return PlainTextResponse("invalid_payload", status_code=400)
        except SlackRefusal as refusal:
            return PlainTextResponse(str(refusal), status_code=400)
        return PlainTextResponse("ok")


async def _arguments(request: Request) -> Json:
    """Read the arguments of a call: JSON, a form, or the query; texts that hold JSON are parsed."""
    given: Json = dict(request.query_params)
    kind = request.headers.get("content-type", "")
    if "json" in kind:
        given |= await request.json()
    elif request.method == "POST":
        # slack_sdk sends forms only URL-encoded; files have an upload of their own.
        given |= dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
    for key in ("blocks", "metadata", "view", "attachments", "files"):
        if isinstance(given.get(key), str):
            # What is no JSON stays a text, which the method refuses.
            with contextlib.suppress(ValueError):
                given[key] = json.loads(given[key])
    return given


def _token(request: Request, given: Json) -> str:
    header = request.headers.get("authorization", "")
    return header.removeprefix("Bearer ") or str(given.get("token", ""))
