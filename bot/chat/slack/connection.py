"""How Slack reaches us: over sockets that we open, or by HTTP. And waiting for it while it is away."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from slack_bolt.app.async_app import AsyncApp

from bot.chat.slack.calls import translating
from bot.errors import Permanent, Temporary, UserError

log = logging.getLogger(__name__)

PAUSE = 3.0
"""Seconds between two tries to reach Slack at the start."""

T = TypeVar("T")


class Connection(Protocol):
    """One of the two ways."""

    @property
    def signing_secret(self) -> str:
        """What requests are signed with; empty where none are."""
        ...

    @property
    def connected(self) -> bool:
        """Whether what happens in Slack reaches us now."""
        ...

    @property
    def address(self) -> str:
        """Where we listen; empty where Slack is called and does not call."""
        ...

    async def start(self, app: AsyncApp) -> None:
        """Let `app` have what comes. Raises UserError when this cannot work as it is set up."""
        ...

    async def stop(self) -> None:
        """Take nothing more."""
        ...


async def patiently(token: str, call: Callable[[], Awaitable[T]]) -> T:
    """Ask Slack until it answers, however long it is away. Raises UserError, naming `token`, when it refuses."""
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
