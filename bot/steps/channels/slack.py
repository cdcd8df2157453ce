"""Notices in Slack: by the bot itself in the run's thread or a channel, or to an incoming webhook."""

from collections.abc import Sequence
from typing import Any

from pydantic import Field, field_validator
from typing_extensions import override

from bot.errors import Permanent, Temporary
from bot.steps.channels.sending import ChannelNotice, Sending, said_by
from bot.steps.concealed import cleaned
from bot.steps.contract import PropertyError
from bot.steps.endpoints import Endpoint
from bot.steps.parameters import Parameters

ONLY_WEBHOOKS = ("blocks", "attachments", "thread_ts")
"""What only an incoming webhook takes: the bot's own messages are text."""


class SlackMessage(Parameters):
    """What is said: Slack mrkdwn, and what else KubeVela's `slack.message` has."""

    text: str = Field(min_length=1, max_length=3000)
    blocks: list[dict[str, Any]] = Field(default_factory=list, max_length=50)
    attachments: dict[str, Any] | list[dict[str, Any]] | None = None
    thread_ts: str = Field(default="", alias="thread_ts")
    mrkdwn: bool = True

    @field_validator("blocks")
    @classmethod
    def _typed(cls, blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
        for each in blocks:
            if not isinstance(each.get("type"), str):
                raise ValueError("each block has a type, such as section")  # noqa: TRY004 - pydantic wants it
        return blocks

    def body(self) -> dict[str, Any]:
        """Answer what is sent to an incoming webhook; attachments are a list there, whatever KubeVela's schema says."""
        made: dict[str, Any] = {"text": self.text}
        if self.blocks:
            made["blocks"] = self.blocks
        if self.attachments:
            several = self.attachments
            made["attachments"] = several if isinstance(several, list) else [several]
        if self.thread_ts:
            made["thread_ts"] = self.thread_ts
        if not self.mrkdwn:
            made["mrkdwn"] = False
        return made


class SlackNotice(ChannelNotice):
    """A notice in Slack."""

    message: SlackMessage
    url: Endpoint | None = None
    channel: str = ""

    @override
    def called(self) -> str:
        """Answer whom it is for. The address of a webhook is a secret."""
        if self.url is not None:
            return "Slack's incoming webhook"
        return f"#{self.channel.lstrip('#')}" if self.channel else "the run's thread"

    @override
    def is_by_us(self) -> bool:
        """Say whether the bot posts it itself: without a webhook."""
        return self.url is None

    @override
    def check(self) -> None:
        """Raise PropertyError for what cannot be meant."""
        if self.url is not None:
            self.url.check("url")
            if self.channel:
                raise PropertyError(
                    ("channel",), "an incoming webhook has its own channel; leave channel out"
                )
            return
        for name in ONLY_WEBHOOKS:
            if getattr(self.message, name):
                raise PropertyError(("message", name), "only an incoming webhook (url) takes it")

    @override
    async def send(self, sending: Sending, keys: Sequence[str]) -> None:
        """Post it, or send it to the webhook. Raises Temporary or Permanent for any answer but ok."""
        granted = sending.context.granted
        if self.url is None:
            assert granted.notices is not None
            channel = self.channel.lstrip("#")
            await granted.notices.post(
                sending.context.run, keys[0], self.message.text, channel=channel
            )
            return
        assert granted.http is not None
        url = await sending.vault.address(self.url)
        answer = await granted.http.send("POST", url, self.message.body(), {})
        if answer.status == 200 and answer.body == "ok":
            return
        told = said_by(answer, sending)
        said = cleaned(f"Slack's incoming webhook answered {answer.status}: {told}", url)
        if answer.status == 429 or answer.status >= 500:
            raise Temporary(said)
        raise Permanent(said)
