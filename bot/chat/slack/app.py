"""The Slack app: Bolt listeners over Socket Mode that take requests in and hand them on.

A listener translates, stores, acknowledges (Slack's limit is three seconds) and only then answers. It decides
nothing. Whatever is not known is acknowledged and explained, for silence looks like a broken app.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from bot.chat.gateway import Way
from bot.chat.ports import Received
from bot.chat.reception import Reception
from bot.chat.slack import inbound
from bot.chat.slack.gateway import translating
from bot.command.requests import Asker
from bot.errors import Permanent, Temporary, UserError

log = logging.getLogger(__name__)

ANYTHING = re.compile(r".*", re.DOTALL)
Ack = Any
"""Bolt's `ack`: an awaitable callable, which Bolt does not type."""


PAUSE = 3.0
"""Seconds between two tries to reach Slack at the start."""

T = TypeVar("T")


class SlackChat:
    """The connection to Slack."""

    def __init__(
        self,
        *,
        client: AsyncWebClient,
        app_token: str,
        reception: Reception,
        groups_changed: Callable[[], None],
    ) -> None:
        """`groups_changed` is called when somebody came to a user group, or left one."""
        self._groups_changed = groups_changed
        self._client = client
        self._app_token = app_token
        self._reception = reception
        self._handler: AsyncSocketModeHandler | None = None

    @property
    def connected(self) -> bool:
        """Whether a socket is open now."""
        handler = self._handler
        session = handler.client.current_session if handler else None
        return session is not None and not session.closed

    async def start(self) -> None:
        """Say who we are and connect, however long Slack is away. Raises UserError when it refuses a token."""
        me = await _patiently("SLACK_BOT_TOKEN", self._client.auth_test)
        authorized = AuthorizeResult(
            enterprise_id=None,
            team_id=me["team_id"],
            bot_user_id=me["user_id"],
            bot_id=me["bot_id"],
            bot_token=self._client.token,
        )
        web_client = AsyncWebClient(token=self._app_token, base_url=self._client.base_url)
        self._handler = AsyncSocketModeHandler(
            self._app(authorized), self._app_token, web_client=web_client
        )
        # Slack's client would log a refused token again and again and go on trying: ask for the address ourselves.
        opened = await _patiently(
            "SLACK_APP_TOKEN",
            lambda: web_client.apps_connections_open(app_token=self._app_token),
        )
        self._handler.client.wss_uri = opened["url"]
        await self._handler.connect_async()

    async def wait_until_connected(self) -> None:
        """Wait until a socket is open; Slack's client has no event for that, so look now and then."""
        while not self.connected:  # noqa: ASYNC110 - as said
            await asyncio.sleep(0.02)

    async def stop(self) -> None:
        """Disconnect."""
        if self._handler is not None:
            await self._handler.close_async()

    def _app(self, authorized: AuthorizeResult) -> AsyncApp:
        async def authorize(context: Any) -> AuthorizeResult:  # noqa: ARG001 - Bolt looks at the names
            return authorized

        app = AsyncApp(
            client=AsyncWebClient(base_url=self._client.base_url),
            authorize=authorize,
            logger=logging.getLogger("slack_bolt"),
            request_verification_enabled=False,  # Socket Mode carries no signatures
            ssl_check_enabled=False,
            url_verification_enabled=False,
        )
        app.command(ANYTHING)(self._on_command)
        app.action(ANYTHING)(self._on_action)
        app.view(ANYTHING)(self._on_view)
        app.view_closed(ANYTHING)(self._on_nothing)
        app.event("app_mention")(self._on_event)
        app.event("message")(self._on_event)
        app.event("app_home_opened")(self._on_home)
        app.event("subteam_updated")(self._on_group)
        app.event("subteam_members_changed")(self._on_group)
        app.event(ANYTHING)(self._on_nothing)
        app.shortcut(ANYTHING)(self._on_nothing)
        return app

    async def _take(self, received: Received, way: Way, ack: Ack) -> None:
        """Store, acknowledge, answer; a repeated delivery is only acknowledged."""
        fresh = await self._reception.receive(received)
        await ack()
        if fresh:
            await self._reception.answer(received, way)

    async def _on_command(self, ack: Ack, body: dict[str, Any]) -> None:
        await self._take(*inbound.from_command(body), ack)

    async def _on_action(self, ack: Ack, body: dict[str, Any]) -> None:
        await self._take(*inbound.from_action(body), ack)

    async def _on_view(self, ack: Ack, body: dict[str, Any]) -> None:
        command, _, values, asker = inbound.from_view(body)
        text = self._reception.complete(command, values)
        await self._take(Received(asker=asker, text=text), Way(), ack)

    async def _on_event(self, ack: Ack, body: dict[str, Any]) -> None:
        event = body["event"]
        direct = event.get("channel_type") == "im"
        spoken = "user" in event and not event.get("bot_id") and not event.get("subtype")
        if not spoken or (event["type"] == "message" and not direct):
            await ack()
            return
        await self._take(*inbound.from_mention(event, body["event_id"]), ack)

    async def _on_home(self, ack: Ack, body: dict[str, Any]) -> None:
        await ack()
        event = body["event"]
        if event.get("tab") == "home":
            asker = Asker(
                chat="slack", identity=event["user"], email="", channel="", via="home", request=""
            )
            await self._reception.show_home(asker)

    async def _on_group(self, ack: Ack) -> None:
        await ack()
        self._groups_changed()

    async def _on_nothing(self, ack: Ack, body: dict[str, Any]) -> None:
        log.debug("acknowledged and left alone: %s", body.get("type"))
        await ack()


async def _patiently(token: str, call: Callable[[], Awaitable[T]]) -> T:
    while True:
        try:
            with translating():
                return await call()
        except Permanent as error:
            raise UserError(
                f"{error}. Is {token} right? The README says where to find it"
            ) from error
        except Temporary as error:
            log.warning("waiting for Slack: %s", error)
            await asyncio.sleep(error.retry_after or PAUSE)
