"""The chats that a Shipmate is connected to: Slack, DingTalk or both, each with what speaks and what listens there."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from typing import Protocol

from bot.catalog.model import Catalog
from bot.chat.budget import DINGTALK_LIMITS, SLACK_LIMITS, Limits
from bot.chat.counter import Counter, Visits
from bot.chat.delivery import Delivery
from bot.chat.dingtalk.api import OpenApi
from bot.chat.dingtalk.app import DingTalkChat
from bot.chat.dingtalk.connection import Connection as DingTalkConnection
from bot.chat.dingtalk.gateway import DingTalkGateway
from bot.chat.dingtalk.http import HttpRequests as DingTalkRequests
from bot.chat.dingtalk.stream import Streams
from bot.chat.discreet import Discreet
from bot.chat.gateway import Gateway
from bot.chat.places import named_in
from bot.chat.ports import Groups
from bot.chat.readers import Readers
from bot.chat.reception import Reception
from bot.chat.slack.app import SlackChat
from bot.chat.slack.connection import Connection
from bot.chat.slack.gateway import SlackGateway, web_client
from bot.chat.slack.http import HttpRequests
from bot.chat.slack.sockets import Sockets
from bot.clock import Clock
from bot.lease import Certain
from bot.run.model import Run
from bot.secrecy import Secrecy
from bot.settings import DingTalkSettings, Settings, SlackSettings

log = logging.getLogger(__name__)

Called = Callable[[str, str, str, float], None]
"""Is told a call of a chat."""

LIMITS: dict[str, Limits] = {
    SlackGateway.name: SLACK_LIMITS,
    DingTalkGateway.name: DINGTALK_LIMITS,
}


class Chat(Protocol):
    """One chat, as it is listened to."""

    @property
    def connected(self) -> bool:
        """Whether what happens there reaches us now."""
        ...

    @property
    def address(self) -> str:
        """Where its requests are taken, where it calls us."""
        ...

    async def start(self) -> None:
        """Connect, however long it is away. Raises UserError when it refuses us."""
        ...

    async def wait_until_connected(self) -> None:
        """Wait until what happens there reaches us."""
        ...

    async def stop(self) -> None:
        """Disconnect."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Slack:
    """Slack's side, before anyone listens."""

    gateway: SlackGateway
    connection: Connection

    def chat(
        self, reception: Reception, counter: Counter, groups: Groups, visits: Visits
    ) -> SlackChat:
        """Make what listens, for a reception and its counter."""
        return SlackChat(
            client=self.gateway.client,
            connection=self.connection,
            reception=reception,
            counter=counter,
            groups=groups,
            homes=visits,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DingTalk:
    """DingTalk's side, before anyone listens."""

    api: OpenApi
    gateway: DingTalkGateway
    connection: DingTalkConnection

    def chat(self, reception: Reception, counter: Counter) -> DingTalkChat:
        """Make what listens, for a reception and its counter."""
        return DingTalkChat(connection=self.connection, reception=reception, counter=counter)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ends:
    """The sides of all chats that the settings name."""

    slack: Slack | None
    dingtalk: DingTalk | None
    secrecy: Secrecy

    @property
    def gateways(self) -> tuple[Gateway, ...]:
        """What speaks, Slack first, and says nothing that is secret."""
        there = (each.gateway for each in (self.slack, self.dingtalk) if each is not None)
        return tuple(Discreet(each, self.secrecy) for each in there)

    async def close(self) -> None:
        """Let go of what is spoken by, once nobody speaks any more."""
        if self.dingtalk is not None:
            await self.dingtalk.api.close()

    def chats(
        self,
        receptions: Mapping[str, Reception],
        counters: Mapping[str, Counter],
        groups: Groups,
        visits: Visits,
    ) -> dict[str, "Chat"]:
        """Make what listens, by chat."""
        made: dict[str, Chat] = {}
        if self.slack is not None:
            name = SlackGateway.name
            made[name] = self.slack.chat(receptions[name], counters[name], groups, visits)
        if self.dingtalk is not None:
            name = DingTalkGateway.name
            made[name] = self.dingtalk.chat(receptions[name], counters[name])
        return made


class Speakers:
    """All that is said, in every chat: one delivery for each."""

    def __init__(self, deliveries: Sequence[Delivery]) -> None:
        self.deliveries = tuple(deliveries)

    def touch(self, run: Run) -> None:
        """Take notice of a run's newest state: its cards may be old."""
        for each in self.deliveries:
            each.touch(run)

    def wake(self) -> None:
        """Take notice that the ledger has something to show."""
        for each in self.deliveries:
            each.wake()

    async def start(self) -> None:
        """Begin to speak."""
        for each in self.deliveries:
            await each.start()

    async def stop(self) -> None:
        """End; what is not shown yet stays in the store."""
        for each in self.deliveries:
            await each.stop()


def ends_of(
    settings: Settings, clock: Clock, certain: Certain, called: Called = lambda *_: None
) -> Ends:
    """Make the sides of the chats that the settings name; `certain` is waited for before anything is said in public.

    `called` is told each call of a chat: its name, the method, what came of it, and the seconds.
    """
    use_dingtalk = settings.dingtalk.wanted
    use_slack = settings.slack.wanted or not use_dingtalk
    return Ends(
        slack=_slack(settings.slack, certain, called) if use_slack else None,
        dingtalk=_dingtalk(settings.dingtalk, clock, certain, called) if use_dingtalk else None,
        secrecy=settings.secrecy,
    )


def readers_of(
    gateways: Sequence[Gateway], catalog: Callable[[], Catalog], language: str
) -> dict[str, Readers]:
    """Make what says in which language someone is spoken to, by chat; `language` is that of the settings."""
    return {
        each.name: Readers(gateway=each, catalog=catalog, otherwise=language) for each in gateways
    }


def _slack(settings: SlackSettings, certain: Certain, called: Called) -> Slack:
    """Make Slack's side: over sockets, or by HTTP where there is a signing secret and no app-level token."""
    client = web_client(
        settings.bot_token.reveal(), settings.api_url, partial(called, SlackGateway.name)
    )
    return Slack(gateway=SlackGateway(client, certain), connection=_connection(settings))


def _dingtalk(
    settings: DingTalkSettings, clock: Clock, certain: Certain, called: Called
) -> DingTalk:
    """Make DingTalk's side: over a stream, or by HTTP where there is an address to listen on."""
    secret = settings.client_secret.reveal()
    api = OpenApi(
        client_id=settings.client_id,
        client_secret=secret,
        url=settings.api_url,
        oapi=settings.oapi_url,
        on_call=partial(called, DingTalkGateway.name),
    )
    gateway = DingTalkGateway(
        api,
        robot=settings.robot_code or settings.client_id,
        template=settings.card_template,
        pressed=settings.listen is None,
        certain=certain,
    )
    connection: DingTalkConnection
    if settings.listen is None:
        connection = Streams(api, agent=f"shipmate/{version('shipmate')}")
    else:
        host, port = settings.listen
        connection = DingTalkRequests(client_secret=secret, host=host, port=port, clock=clock)
    return DingTalk(api=api, gateway=gateway, connection=connection)


def _connection(settings: SlackSettings) -> Connection:
    if settings.signing_secret and not settings.app_token:
        host, port = settings.listen
        return HttpRequests(signing_secret=settings.signing_secret.reveal(), host=host, port=port)
    token = settings.app_token.reveal()
    return Sockets(api_url=settings.api_url, app_token=token, count=settings.sockets)


async def connect(chats: Sequence[Chat]) -> None:
    """Connect to all chats; one that is away keeps no other one waiting. Raises UserError when one refuses us."""
    tasks = [asyncio.create_task(each.start()) for each in chats]
    try:
        await asyncio.gather(*tasks)
    finally:
        for each in tasks:
            each.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def say_what_is_not_told(catalog: Catalog, gateways: Sequence[Gateway]) -> None:
    """Log which environments name a conversation of a chat that is not connected: nothing is shown there."""
    there = {each.name for each in gateways}
    for name, environment in catalog.environments.items():
        for chat in LIMITS:
            place = named_in(environment, chat)
            if place and chat not in there:
                log.warning("%s names %s in %s, which is not connected", name, place, chat)


def channel_of(catalog: Callable[[], Catalog], environment: str, chat: str) -> str:
    """Answer the channel of an environment in a chat; empty when it has none, or is there no more."""
    found = catalog().environments.get(environment)
    return named_in(found, chat) if found else ""
