"""DingTalk's OpenAPI: one call and what comes of it, in our words; the token that each call needs.

A token lives two hours. It is asked for by one call at a time, renewed before it ends, and once more when DingTalk says
that it is none. What may have been taken although nobody answered is `Unknown`.
"""

import asyncio
from typing import Any

import httpx

from bot.chat.dingtalk.counting import OnCall, counted
from bot.chat.gateway import Unknown
from bot.errors import Permanent, Temporary

Json = dict[str, Any]

DEFAULT_API = "https://api.dingtalk.com"
DEFAULT_OAPI = "https://oapi.dingtalk.com"
TAKES = 10.0
"""Seconds after which a call counts as broken."""
EARLY = 300.0
"""Seconds before its end at which a token is renewed."""
SESSION = "session"
"""What the address of a message is called where calls are counted: it is another one each time."""
BAD_TOKEN = "InvalidAuthentication"  # noqa: S105 - the code of an answer
QPS_PAUSE = 1.0
"""Seconds to wait after too many calls in one second."""
FLOW_PAUSE = 10.0
"""Seconds to wait after too many messages."""
TOO_MANY = ("qpslimit", "throttl", "toofast", "too.fast", "too.many", "flowcontrol", "130101")
"""Parts of the codes that say so."""
STUMBLED = frozenset({"ServiceUnavailable", "SystemError", "InternalError", "unknownError"})


class _BadTokenError(Exception):
    """DingTalk says that the token is none."""


class OpenApi:
    """The calls of one app."""

    def __init__(
        self,
        *,
        client_id: str,
        client_secret: str,
        url: str = DEFAULT_API,
        oapi: str = DEFAULT_OAPI,
        on_call: OnCall = lambda *_: None,
    ) -> None:
        """`url` is the base of the OpenAPI, `oapi` of the older API, whose addresses the sessions of a message have.

        `on_call` is told each call: its path (`session`: an answer at the address of a message), what came of it, and its seconds.
        """
        self._on_call = on_call
        self.client_id = client_id
        self._secret = client_secret
        self._url = url.rstrip("/")
        self._oapi = oapi.rstrip("/")
        self._http = httpx.AsyncClient(timeout=TAKES)
        self._token = ""
        self._good_until = 0.0
        self._one = asyncio.Lock()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def call(self, method: str, path: str, body: Json, *, posting: bool = False) -> Json:
        """Make a call; answer what is answered. `posting`: it may have happened although it failed.

        Raises Temporary and Permanent, with DingTalk's own code.
        """
        token = await self._fresh()
        try:
            return await self._send(method, path, body, token, posting=posting)
        except _BadTokenError:
            token = await self._fresh(other_than=token)
        try:
            return await self._send(method, path, body, token, posting=posting)
        except _BadTokenError as error:
            raise Permanent("DingTalk refused a new token", code=BAD_TOKEN) from error

    async def try_out(self) -> None:
        """Ask for a token and do nothing with it. Raises Temporary and Permanent, with DingTalk's own code."""
        await self._fresh()

    async def open_connection(self, subscriptions: list[Json], agent: str) -> tuple[str, str]:
        """Ask for a connection in Stream mode; answer its endpoint and the ticket that opens it, once, within 90 seconds."""
        body: Json = {
            "clientId": self.client_id,
            "clientSecret": self._secret,
            "subscriptions": subscriptions,
            "ua": agent,
        }
        answer = await self._send("POST", "/v1.0/gateway/connections/open", body, "")
        endpoint, ticket = answer.get("endpoint"), answer.get("ticket")
        if not isinstance(endpoint, str) or not isinstance(ticket, str):
            raise Temporary("DingTalk offered no connection")
        return endpoint, ticket

    async def answer_session(self, session: str, body: Json) -> None:
        """Answer in the conversation of a message, by the address that came with it."""
        if not session.startswith(f"{self._oapi}/"):
            raise Permanent("the address to answer at is not DingTalk's", code="foreign_session")
        with counted(SESSION, self._on_call):
            answer = await self._request("POST", session, body, {}, posting=True)
            code = answer.get("errcode", 0)
            if code:
                raise _refused(str(code), str(answer.get("errmsg", "")))

    async def _fresh(self, other_than: str = "") -> str:
        """Answer a token that is good, and is not one that DingTalk has just refused."""
        async with self._one:
            now = asyncio.get_running_loop().time()
            if self._token and self._token != other_than and now < self._good_until:
                return self._token
            keys = {"appKey": self.client_id, "appSecret": self._secret}
            answer = await self._send("POST", "/v1.0/oauth2/accessToken", keys, "")
            self._token = str(answer.get("accessToken", ""))
            self._good_until = now + float(answer.get("expireIn", 0)) - EARLY
            return self._token

    async def _send(
        self, method: str, path: str, body: Json, token: str, *, posting: bool = False
    ) -> Json:
        headers = {"x-acs-dingtalk-access-token": token} if token else {}
        with counted(path, self._on_call):
            return await self._request(method, self._url + path, body, headers, posting=posting)

    async def _request(
        self, method: str, url: str, body: Json, headers: dict[str, str], *, posting: bool
    ) -> Json:
        try:
            answer = await self._http.request(method, url, json=body, headers=headers)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise Temporary(f"DingTalk cannot be reached: {type(error).__name__}") from error
        except httpx.HTTPError as error:
            said = f"DingTalk did not answer: {type(error).__name__}"
            raise (Unknown(said) if posting else Temporary(said)) from error
        found = _read(answer)
        if answer.is_success:
            return found
        code = str(found.get("code") or f"http_{answer.status_code}")
        if code == BAD_TOKEN and headers:
            raise _BadTokenError
        if answer.status_code == 429:
            raise Temporary("DingTalk asks to wait", retry_after=_seconds(answer))
        if answer.status_code >= 500 or code in STUMBLED:
            said = f"DingTalk stumbled: {code}"
            raise Unknown(said) if posting else Temporary(said)
        raise _refused(code, str(found.get("message", "")), _needed(found))


def check_receivers(answer: Json) -> None:
    """Look at who did not get a message, which DingTalk answers like any other. Raises Temporary or Permanent."""
    if answer.get("flowControlledStaffIdList"):
        raise Temporary("DingTalk holds messages to a person back", retry_after=FLOW_PAUSE)
    for field, code in (
        ("invalidStaffIdList", "user_not_found"),
        ("filteredStaffIdList", "user_filtered"),
    ):
        if answer.get(field):
            raise Permanent(f"DingTalk delivers nothing to them: {field}", code=code)


def _refused(code: str, said: str, needed: str = "") -> Temporary | Permanent:
    """Make the error of a refusal: of one that is over soon a Temporary."""
    if any(each in code.lower() for each in TOO_MANY):
        pause = QPS_PAUSE if "qps" in code.lower() else FLOW_PAUSE
        return Temporary(f"DingTalk asks to wait: {code}", retry_after=pause)
    hint = f" (the app needs the permission {needed})" if needed else ""
    more = f": {said}" if said and said != code else ""
    return Permanent(f"DingTalk refused: {code}{more}{hint}", code=code)


def _needed(found: Json) -> str:
    """Answer the permissions that the app lacks, where DingTalk names them."""
    detail = found.get("accessdenieddetail")
    scopes = detail.get("requiredScopes") if isinstance(detail, dict) else None
    return ", ".join(str(each) for each in scopes) if isinstance(scopes, list) else ""


def _read(answer: httpx.Response) -> Json:
    try:
        found = answer.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _seconds(answer: httpx.Response) -> float:
    try:
        return float(answer.headers.get("Retry-After", QPS_PAUSE))
    except ValueError:
        return QPS_PAUSE
