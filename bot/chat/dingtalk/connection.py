"""How DingTalk reaches us: over a connection that we open, or by HTTP. And waiting for it while it is away."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from bot.chat.dingtalk.frames import Answer, Push

Take = Callable[[Push], Awaitable[Answer]]
"""Takes what we are told, and answers as soon as it is stored."""


class Connection(Protocol):
    """One of the two ways."""

    @property
    def connected(self) -> bool:
        """Whether what happens in DingTalk reaches us now."""
        ...

    @property
    def address(self) -> str:
        """Where we listen; empty where DingTalk is called and does not call."""
        ...

    async def start(self, take: Take) -> None:
        """Let `take` have what comes. Raises UserError when this cannot work as it is set up."""
        ...

    async def stop(self) -> None:
        """Take nothing more."""
        ...
