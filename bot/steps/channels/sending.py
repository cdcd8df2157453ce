"""What each channel gets to send with, and what it makes of an answer that is no success."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.errors import Permanent, Temporary
from bot.steps.calls import is_passing, told
from bot.steps.concealed import Vault
from bot.steps.contract import HttpAnswer, StepContext, Waiting
from bot.steps.endpoints import Endpoint
from bot.steps.parameters import Parameters, is_expression

LARGEST = 20_000
"""Bytes of a message that the robots of DingTalk and Lark take."""
SKEWED = 60.0
"""Seconds by which clocks may differ before it is worth telling."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """An attempt of a step, and where its secrets are read."""

    context: StepContext
    vault: Vault
    now: datetime


class ChannelNotice(Parameters):
    """A notice by one channel, as a file has it: the base of them all."""

    @abstractmethod
    def called(self) -> str:
        """Answer whom it is for, as people say it."""

    def is_by_us(self) -> bool:
        """Say whether the bot posts it itself, so that the chat knows what became of it."""
        return False

    @abstractmethod
    def check(self) -> None:
        """Raise PropertyError for what cannot be meant."""

    @abstractmethod
    async def send(self, sending: Sending, keys: Sequence[str]) -> Waiting | None:
        """Send it, or say why it is not its turn. Raises Temporary or Permanent.

        `keys` are its own: this round's first, and those of earlier rounds that were in vain.
        """


def said_by(answer: HttpAnswer, sending: Sending) -> str:
    """Answer what a server said, without what is secret and cut."""
    return told(answer.body, sending.context.clean)


def expect_json(answer: HttpAnswer, who: str, sending: Sending) -> dict[str, Any]:
    """Answer the map that a robot's server answers with. Raises Temporary or Permanent for anything else."""
    if answer.status == 200 and isinstance(answer.body, dict):
        return answer.body
    said = f"{who} answered {answer.status}: {said_by(answer, sending)}"
    if 300 <= answer.status < 400:
        raise Permanent(
            f"{who} answered with a redirect ({answer.status}), which is not followed: mend the url"
        )
    if is_passing(answer.status):
        raise Temporary(said)
    raise Permanent(f"{said}; is that its url?")


def off_by(answer: HttpAnswer, now: datetime) -> str:
    """Say by how much our clock differs from a server's; empty: not by much, or it does not say what time it is."""
    if answer.date is None:
        return ""
    seconds = (now - answer.date).total_seconds()
    if abs(seconds) < SKEWED:
        return ""
    return f" (it is {abs(seconds):.0f} s {'ahead' if seconds > 0 else 'behind'})"


def is_known(endpoint: Endpoint) -> bool:
    """Say whether a URL stands in the file."""
    return endpoint.value is not None and not is_expression(endpoint.value)
