"""The control API: everything that a person can do on the page, for programs. A contract (see the README).

A mistake in a call is answered with 400 and a sentence that says what would be right.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from bot.sandbox import company
from bot.sandbox.changes import Changes
from bot.sandbox.control_clusters import ClusterControl
from bot.sandbox.control_dingtalk import DingTalkControl
from bot.sandbox.control_slack import ControlError, SlackControl
from bot.sandbox.control_workspace import WorkspaceControl
from bot.sandbox.dingtalk.stream import NOTICE as DINGTALK_NOTICE
from bot.sandbox.dingtalk.stream import Stream
from bot.sandbox.faults import Fault, Faults
from bot.sandbox.known_faults import CONDITIONS, KNOWN_FAULTS
from bot.sandbox.lark import BOTS
from bot.sandbox.mail import MailServer
from bot.sandbox.slack.socket_mode import NOTICE, REASONS, SocketMode
from bot.sandbox.webhooks import WebhookReceiver

Json = dict[str, Any]


class Control:
    """The routes below /control."""

    def __init__(
        self,
        *,
        slack: SlackControl,
        workspace: WorkspaceControl,
        socket: SocketMode,
        dingtalk: DingTalkControl,
        stream: Stream,
        clusters: ClusterControl,
        mail: MailServer,
        webhooks: WebhookReceiver,
        faults: Faults,
        changes: Changes,
        facts: Callable[[], Json],
        kubeconfig: Callable[[], Json],
    ) -> None:
        """`facts` answers `ready` and the addresses that /control/state tells beside the rest."""
        self._slack = slack
        self._workspace = workspace
        self._socket = socket
        self._dingtalk = dingtalk
        self._stream = stream
        self._clusters = clusters
        self._mail = mail
        self._webhooks = webhooks
        self._faults = faults
        self._changes = changes
        self._facts = facts
        self._kubeconfig = kubeconfig

    def routes(self) -> list[Route]:
        """Answer the routes, to be mounted at /control."""
        gets: dict[str, Callable[[Request], Awaitable[Json]]] = {
            "/state": self._state,
            "/slack/messages": self._slack.messages,
            "/slack/home": self._slack.home,
            "/slack/commands": self._slack.commands,
            "/slack/groups": self._workspace.groups,
            "/slack/view": self._slack.view,
            "/dingtalk/messages": self._dingtalk.messages,
            "/mail": self._get_mail,
            "/webhooks": self._get_webhooks,
            "/clusters": self._clusters.objects,
            "/faults": self._get_faults,
        }
        posts: dict[str, Callable[[Request, Json], Awaitable[Json]]] = {
            "/slack/say": self._slack.say,
            "/slack/click": self._slack.click,
            "/slack/submit": self._slack.submit,
            "/slack/shortcut": self._slack.shortcut,
            "/slack/group": self._workspace.group,
            "/slack/profile": self._workspace.profile,
            "/slack/request-url": self._workspace.request_url,
            "/dingtalk/say": self._dingtalk.say,
            "/dingtalk/click": self._dingtalk.click,
            "/dingtalk/callback-url": self._dingtalk.callback_url,
            "/dingtalk/event": self._dingtalk.event,
            "/clusters/edit": self._clusters.edit,
            "/clusters/move-tag": self._clusters.move_tag,
            "/faults": self._add_fault,
        }
        return [
            *(Route(path, _answering(call), methods=["GET"]) for path, call in gets.items()),
            *(Route(path, _taking(call), methods=["POST"]) for path, call in posts.items()),
            Route("/faults", self._clear_faults, methods=["DELETE"]),
            Route("/kubeconfig", self._get_kubeconfig),
            Route("/events", self._events),
        ]

    async def _state(self, _: Request) -> Json:
        host = self._facts()["url"]
        return {
            **self._facts(),
            "slack": {
                "users": [
                    {
                        "id": each.id,
                        "name": each.name,
                        "real_name": each.real_name,
                        "email": each.email,
                        "roles": list(each.roles),
                        "direct_channel": each.direct_channel,
                    }
                    for each in company.USERS
                ],
                "channels": [
                    {
                        "id": each.id,
                        "name": each.name,
                        "topic": each.topic,
                        "webhook": f"{host}/slack/services/{company.TEAM}/{company.BOT}/{each.id}",
                    }
                    for each in company.CHANNELS
                ],
                "bot": {"id": company.BOT_USER, "name": "shipmate"},
            },
            "dingtalk": self._dingtalk.state(host),
            "lark": [
                {
                    "url": f"{host}/lark/open-apis/bot/v2/hook/{each.token}",
                    "secret": each.secret,
                }
                for each in BOTS
            ],
            "clusters": [{"name": name} for name in self._clusters.names],
            "mail": {"port": self._mail.port},
        }

    async def _get_mail(self, _: Request) -> Json:
        return {"mail": self._mail.received}

    async def _get_webhooks(self, _: Request) -> Json:
        return {"webhooks": self._webhooks.received}

    async def _get_kubeconfig(self, request: Request) -> Response:
        name = request.query_params.get("cluster", "")
        try:
            config = self._kubeconfig()
            if name:
                config["current-context"] = self._clusters.named(name).name
        except ControlError as error:
            return JSONResponse({"ok": False, "error": str(error)}, status_code=400)
        return PlainTextResponse(json.dumps(config, indent=2) + "\n", media_type="application/yaml")

    async def _get_faults(self, _: Request) -> Json:
        return {"faults": [asdict(each) for each in self._faults.all()], "known": KNOWN_FAULTS}

    async def _add_fault(self, _: Request, body: Json) -> Json:
        target, fault = str(body.pop("target", "")), str(body.pop("fault", ""))
        times = body.pop("times", 1)
        if fault not in KNOWN_FAULTS.get(target, {}):
            there = "; ".join(f"{name}: {', '.join(kinds)}" for name, kinds in KNOWN_FAULTS.items())
            raise ControlError(f"there is no fault {fault!r} of {target!r} (there is: {there})")
        fields = KNOWN_FAULTS[target][fault]
        unknown = [key for key in body if key not in fields]
        if unknown:
            raise ControlError(
                f"{fault} has no field {unknown[0]} (it has: {', '.join(fields) or 'none'})"
            )
        if times is not None and (not isinstance(times, int) or times < 1):
            raise ControlError("times is a number from 1 on, or null for until it is cleared")
        if await self._at_once(target, fault, times, body):
            return {"ok": True}
        if fault in CONDITIONS:
            times = None
        made = self._faults.add(target, fault, times, **body)
        if fault in CONDITIONS and "seconds" in body:
            asyncio.get_running_loop().call_later(float(body["seconds"]), self._over, made)
        self._changes.tell("faults")
        return {"ok": True, "id": made.id}

    async def _at_once(self, target: str, fault: str, times: int | None, body: Json) -> bool:
        """Do what is over with the call: faults of open connections. Answer whether this was one."""
        seconds = body.get("seconds")
        match target, fault:
            case "slack", "disconnect":
                await self._socket.disconnect(times or 1)
            case "slack", "refresh":
                reason = str(body.get("reason", "refresh_requested"))
                if reason not in REASONS:
                    raise ControlError(f"a connection ends for {', '.join(REASONS)}")
                await self._socket.refresh(reason, float(seconds or NOTICE))
            case "slack", "silence":
                self._socket.silence(float(seconds or 5))
            case "dingtalk", "disconnect":
                await self._stream.disconnect(times or 1)
            case "dingtalk", "refresh":
                reason = str(body.get("reason", "connection is expired"))
                await self._stream.refresh(reason, float(seconds or DINGTALK_NOTICE))
            case "dingtalk", "silence":
                self._stream.silence(float(seconds or 5))
            case _:
                return False
        return True

    def _over(self, fault: Fault) -> None:
        self._faults.drop(fault)
        self._changes.tell("faults")

    async def _clear_faults(self, request: Request) -> Response:
        target = request.query_params.get("target")
        cleared = self._faults.clear(target, request.query_params.get("fault"))
        self._changes.tell("faults")
        return JSONResponse({"ok": True, "cleared": cleared})

    async def _events(self, _: Request) -> Response:
        return StreamingResponse(
            self._changes.stream(),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store"},
        )


def _answering(
    call: Callable[[Request], Awaitable[Json]],
) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        try:
            return JSONResponse(await call(request))
        except ControlError as error:
            return JSONResponse({"ok": False, "error": str(error)}, status_code=400)

    return answer


def _taking(
    call: Callable[[Request, Json], Awaitable[Json]],
) -> Callable[[Request], Awaitable[Response]]:
    async def take(request: Request) -> Response:
        try:
            return JSONResponse(await call(request, await _body(request)))
        except ControlError as error:
            return JSONResponse({"ok": False, "error": str(error)}, status_code=400)

    return take


async def _body(request: Request) -> Json:
    try:
        found = await request.json()
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise ControlError("the body is to be a JSON object")
    return found
