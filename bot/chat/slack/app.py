"""The Slack app: Bolt listeners that take requests in and hand them on.

A listener translates, stores, acknowledges (Slack's limit is three seconds) and only then answers. It decides
nothing. Whatever is not known is acknowledged and explained, for silence looks like a broken app.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from bot.chat.counter import Counter, Visits
from bot.chat.gateway import Way
from bot.chat.message import Message
from bot.chat.ports import Groups, Received
from bot.chat.presenters import surprises
from bot.chat.reception import Reception
from bot.chat.slack import inbound
from bot.chat.slack.connection import Connection, patiently
from bot.command.requests import Asker
from bot.errors import Temporary

log = logging.getLogger(__name__)

ANYTHING = re.compile(r".*", re.DOTALL)
Ack = Any
"""Bolt's `ack`: an awaitable callable, which Bolt does not type."""
Listener = Callable[[Ack, dict[str, Any]], Awaitable[None]]


class SlackChat:
    """What happens in Slack, as it comes over a connection."""

    def __init__(
        self,
        *,
        client: AsyncWebClient,
        connection: Connection,
        reception: Reception,
        counter: Counter,
        groups: Groups,
        homes: Visits,
    ) -> None:
        self._client = client
        self._counter = counter
        self._groups = groups
        self._connection = connection
        self._reception = reception
        self._homes = homes

    @property
    def connected(self) -> bool:
        """Whether what happens in Slack reaches us now."""
        return self._connection.connected

    @property
    def address(self) -> str:
        """Where Slack's requests are taken in HTTP mode."""
        return self._connection.address

    async def start(self) -> None:
        """Say who we are and connect, however long Slack is away. Raises UserError when it refuses a token."""
        me = await patiently("SLACK_BOT_TOKEN", self._client.auth_test)
        authorized = AuthorizeResult(
            enterprise_id=None,
            team_id=me["team_id"],
            bot_user_id=me["user_id"],
            bot_id=me["bot_id"],
            bot_token=self._client.token,
        )
        await self._connection.start(self._app(authorized))

    async def wait_until_connected(self) -> None:
        """Wait until what happens in Slack reaches us; Slack's client has no event for that, so look now and then."""
        while not self.connected:  # noqa: ASYNC110 - as said
            await asyncio.sleep(0.02)

    async def stop(self) -> None:
        """Disconnect."""
        await self._connection.stop()

    def _app(self, authorized: AuthorizeResult) -> AsyncApp:
        async def authorize(context: Any) -> AuthorizeResult:  # noqa: ARG001 - Bolt looks at the names
            return authorized

        secret = self._connection.signing_secret
        app = AsyncApp(
            client=AsyncWebClient(base_url=self._client.base_url),
            authorize=authorize,
            logger=logging.getLogger("slack_bolt"),
            signing_secret=secret,
            request_verification_enabled=bool(secret),  # Socket Mode carries no signatures
            ssl_check_enabled=bool(secret),
            url_verification_enabled=bool(secret),
        )
        app.command(ANYTHING)(_readable(self._on_command))
        app.action(ANYTHING)(_readable(self._on_action))
        app.options(ANYTHING)(self._on_options)
        app.view(ANYTHING)(_readable(self._on_view))
        app.view_closed(ANYTHING)(self._on_nothing)
        app.message_shortcut("run_actions")(_readable(self._on_run_actions))
        app.global_shortcut("deploy")(_readable(self._on_deploy))
        app.shortcut(ANYTHING)(_readable(self._on_unknown_shortcut))
        app.event("app_mention")(_readable(self._on_event))
        app.event("message")(_readable(self._on_event))
        app.event("app_home_opened")(self._on_home)
        app.event("subteam_updated")(self._on_group)
        app.event("subteam_members_changed")(self._on_group)
        app.event(ANYTHING)(self._on_nothing)
        return app

    async def _take(self, received: Received, way: Way, ack: Ack) -> None:
        """Store, acknowledge, answer; a repeated delivery is only acknowledged."""
        fresh = await self._counter.receive(received, way)
        await ack()
        if fresh:
            await self._counter.answer(received, way)

    async def _explain(self, asker: Asker, said: Callable[[], Message], way: Way, ack: Ack) -> None:
        """Acknowledge what means nothing to us, and say so privately: there is nothing to remember."""
        await ack()
        await self._reception.explain(asker, said, way)

    async def _on_command(self, ack: Ack, body: dict[str, Any]) -> None:
        received, way = inbound.from_command(body)
        if inbound.is_ours(body):
            await self._take(received, way, ack)
        else:
            said = partial(surprises.unknown_command, str(body["command"]))
            await self._explain(received.asker, said, way, ack)

    async def _on_action(self, ack: Ack, body: dict[str, Any]) -> None:
        received, way = inbound.from_action(body)
        if received.text:
            await self._take(received, way, ack)
        else:
            await self._explain(received.asker, surprises.unknown_button, way, ack)

    async def _on_options(self, ack: Ack) -> None:
        await ack(options=[])

    async def _on_view(self, ack: Ack, body: dict[str, Any]) -> None:
        command, _, values, asker = inbound.from_view(body)
        if not command:
            await self._explain(asker, surprises.unknown_form, Way(), ack)
            return
        mistakes = await self._reception.mistakes(asker, command, values)
        if mistakes:
            await ack(response_action="errors", errors=mistakes)
            return
        text = self._reception.complete(command, values)
        if body["view"].get("previous_view_id"):

            async def clear() -> None:
                """Take the modal away that the form lies on, too: what it shows is over."""
                await ack(response_action="clear")

            await self._take(Received(asker=asker, text=text), Way(), clear)
        else:
            await self._take(Received(asker=asker, text=text), Way(), ack)

    async def _on_run_actions(self, ack: Ack, body: dict[str, Any]) -> None:
        asker, way, ts, key = inbound.from_message_shortcut(body)
        received = await self._reception.about(asker, ts, key)
        if received is None:
            await self._explain(asker, surprises.no_run_card, way, ack)
        else:
            await self._take(received, way, ack)

    async def _on_deploy(self, ack: Ack, body: dict[str, Any]) -> None:
        asker, way = inbound.from_shortcut(body)
        await self._take(Received(asker=asker, text="deploy"), way, ack)

    async def _on_unknown_shortcut(self, ack: Ack, body: dict[str, Any]) -> None:
        asker, way = inbound.from_shortcut(body)
        await self._explain(asker, surprises.unknown_shortcut, way, ack)

    async def _on_event(self, ack: Ack, body: dict[str, Any]) -> None:
        event = body["event"]
        direct = event.get("channel_type") == "im"
        spoken = "user" in event and not event.get("bot_id") and not event.get("subtype")
        if not spoken or (event["type"] == "message" and not direct):
            await ack()
            return
        await self._take(*inbound.from_mention(event, body.get("event_id")), ack)

    async def _on_home(self, ack: Ack, body: dict[str, Any]) -> None:
        await ack()
        event = body["event"]
        if event.get("tab") == "home" and isinstance(event.get("user"), str):
            await self._homes.opened(event["user"])

    async def _on_group(self, ack: Ack) -> None:
        await ack()
        self._groups.forget()
        try:
            await self._groups.refresh()
        except Temporary as error:
            log.info("who is in Slack's groups is asked again at the next request: %s", error)

    async def _on_nothing(self, ack: Ack, body: dict[str, Any]) -> None:
        log.debug("acknowledged and left alone: %s", body.get("type"))
        await ack()


def _readable(listener: Listener) -> Listener:
    """Acknowledge what cannot be read: sent again, it could not be read either."""

    async def listen(ack: Ack, body: dict[str, Any]) -> None:
        try:
            await listener(ack, body)
        except inbound.UnreadableError as error:
            log.warning("Slack sent something that cannot be read: %s", error)
            await ack()

    return listen
