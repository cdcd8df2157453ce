"""DingTalk's HTTP side: the OpenAPI (api.dingtalk.com) and the older API with the robots' webhooks (oapi.dingtalk.com)."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute

from bot.sandbox.dingtalk import card_methods, organization, robot_methods
from bot.sandbox.dingtalk.cards import Cards
from bot.sandbox.dingtalk.conversations import Conversations
from bot.sandbox.dingtalk.errors import DingTalkRefusal, Errcode
from bot.sandbox.dingtalk.limits import Limits, too_many
from bot.sandbox.dingtalk.robots import Robots
from bot.sandbox.dingtalk.stream import Stream
from bot.sandbox.dingtalk.tokens import LIVES, Tokens
from bot.sandbox.faults import Fault, Faults

Json = dict[str, Any]
Call = Callable[[Json], Json]

OPEN = "OpenConnection"
TOKEN = "GetAccessToken"  # noqa: S105 - the name of a method
USER = "GetUser"


class DingTalkWeb:
    """The routes below /dingtalk."""

    def __init__(
        self,
        *,
        conversations: Conversations,
        cards: Cards,
        stream: Stream,
        robots: Robots,
        tokens: Tokens,
        limits: Limits,
        faults: Faults,
        url: Callable[[], str],
    ) -> None:
        self._stream = stream
        self._robots = robots
        self._tokens = tokens
        self._limits = limits
        self._faults = faults
        self._url = url
        self._methods: dict[tuple[str, str], tuple[str, Call]] = {
            ("POST", "/v1.0/gateway/connections/open"): (OPEN, self._open),
            ("POST", "/v1.0/oauth2/accessToken"): (TOKEN, self._new_token),
            **{
                key: (name, partial(call, conversations))
                for key, (name, call) in robot_methods.METHODS.items()
            },
            **{
                key: (name, partial(call, cards))
                for key, (name, call) in card_methods.METHODS.items()
            },
        }

    def routes(self) -> list[Route | WebSocketRoute]:
        """Answer the routes, to be mounted at /dingtalk."""
        return [
            Route("/api/{path:path}", self._call, methods=["GET", "POST", "PUT", "DELETE"]),
            Route("/oapi/robot/send", self._robot, methods=["POST"]),
            Route("/oapi/robot/sendBySession", self._session, methods=["POST"]),
            Route("/oapi/gettoken", self._old_token, methods=["GET"]),
            Route("/oapi/topapi/v2/user/get", self._user, methods=["POST"]),
            WebSocketRoute("/connect", self._stream.serve),
        ]

    async def _call(self, request: Request) -> Response:
        """Answer a call of the OpenAPI."""
        path = f"/{request.path_params['path']}"
        name, call = self._methods.get((request.method, path), ("", None))
        if call is None:
            refusal = DingTalkRefusal("InvalidAction.NotFound", f"there is no API {path}", 404)
            return JSONResponse(refusal.body, status_code=refusal.status)
        await self._slowly(name)
        fault = self._faults.take("dingtalk", "error", method=name)
        try:
            self._check(name, request.headers.get("x-acs-dingtalk-access-token", ""))
            if fault is not None and not fault.details.get("after"):
                raise _told(fault)
            answer = call(await _body(request))
            if fault is not None:
                raise _told(fault)
        except DingTalkRefusal as refusal:
            return JSONResponse(refusal.body, status_code=refusal.status)
        return JSONResponse(answer)

    def _check(self, name: str, token: str) -> None:
        """Refuse a call without a good token, or one too many. Raises DingTalkRefusal."""
        if self._faults.take("dingtalk", "ratelimited", method=name) is not None:
            raise too_many(name)
        if name not in {OPEN, TOKEN}:
            fault = self._faults.take("dingtalk", "token")
            if fault is not None:
                self._tokens.revoke()
            if not self._tokens.good(token):
                status = int(fault.details.get("status", 401)) if fault else 401
                raise DingTalkRefusal("InvalidAuthentication", "不合法的access_token", status)
        self._limits.count(name)

    async def _slowly(self, name: str) -> None:
        fault = self._faults.take("dingtalk", "slow", method=name)
        if fault is not None:
            await asyncio.sleep(float(fault.details.get("seconds", 1)))

    def _open(self, given: Json) -> Json:
        host = self._url().replace("http://", "ws://")
        return {
            "endpoint": f"{host}/dingtalk/connect",
            "ticket": self._stream.new_ticket(given),
        }

    def _new_token(self, given: Json) -> Json:
        token = self._tokens.new(given.get("appKey"), given.get("appSecret"))
        if token is None:
            raise DingTalkRefusal("invalidClientIdOrSecret", "无效的clientId或者clientSecret")
        return {"accessToken": token, "expireIn": LIVES}

    async def _old_token(self, request: Request) -> Response:
        query = request.query_params
        token = self._tokens.new(query.get("appkey"), query.get("appsecret"))
        if token is None:
            return JSONResponse({"errcode": 40089, "errmsg": "不合法的corpid或corpsecret"})
        found = {"errcode": 0, "errmsg": "ok", "access_token": token, "expires_in": LIVES}
        return JSONResponse(found)

    async def _user(self, request: Request) -> Response:
        """Answer `topapi/v2/user/get`: who someone of the organization is."""
        await self._slowly(USER)
        fault = self._faults.take("dingtalk", "error", method=USER)
        if not self._tokens.good(request.query_params.get("access_token", "")):
            return JSONResponse({"errcode": 40014, "errmsg": "不合法的access_token"})
        if fault is not None:
            code = int(fault.details.get("code", 60011))
            return JSONResponse({"errcode": code, "errmsg": "told to fail"})
        try:
            body = await _body(request)
        except DingTalkRefusal as refusal:
            return JSONResponse({"errcode": 40035, "errmsg": str(refusal)})
        member = organization.staff(str(body.get("userid", "")))
        if member is None:
            return JSONResponse({"errcode": 60121, "errmsg": "找不到该用户"})
        return JSONResponse({"errcode": 0, "errmsg": "ok", "result": _profile(member)})

    async def _robot(self, request: Request) -> Response:
        query, kind = request.query_params, request.headers.get("content-type", "")
        await self._slowly("robot")
        return _said(lambda raw: self._robots.send(query, raw, kind), await request.body())

    async def _session(self, request: Request) -> Response:
        session = request.query_params.get("session", "")
        kind = request.headers.get("content-type", "")
        await self._slowly("session")
        return _said(lambda raw: self._robots.answer(session, raw, kind), await request.body())


def _said(take: Callable[[bytes], None], raw: bytes) -> Response:
    try:
        take(raw)
    except Errcode as refusal:
        return JSONResponse(refusal.body)
    return JSONResponse({"errcode": 0, "errmsg": "ok"})


def _told(fault: Fault) -> DingTalkRefusal:
    return DingTalkRefusal(
        str(fault.details.get("code", "ServiceUnavailable")),
        "told to fail",
        int(fault.details.get("status", 500)),
    )


def _profile(member: organization.Member) -> Json:
    return {
        "userid": member.staff_id,
        "unionid": f"union{member.staff_id}",
        "name": member.nick,
        "email": member.email,
        "org_email": member.email,
        "mobile": member.mobile,
        "active": True,
        "admin": "admin" in member.roles,
    }


async def _body(request: Request) -> Json:
    """Read the body of a call. Raises DingTalkRefusal when it is no JSON object."""
    try:
        found = await request.json()
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise DingTalkRefusal("Missingbody", "body is mandatory for this action.")
    return found
