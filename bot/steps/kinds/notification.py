"""`notification`: says something in chat. Slack for now.

KubeVela's `slack` with `url` and `message` (text, blocks, attachments, thread); without a `url` ours posts by the bot
itself into the run's thread (or a `channel`), where it is posted once and its arrival is known. `slack` may be a list:
all of them are sent at the same time. The answer of an incoming webhook is looked at, which KubeVela does not do.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import Field, field_validator

from bot.catalog.model import Target
from bot.errors import Permanent, Temporary
from bot.steps.contract import Need, NotSupported, Outcome, PropertyError, StepContext
from bot.steps.endpoints import Endpoint, Secrets
from bot.steps.notices import Notice, send_all
from bot.steps.parameters import Parameters, read, schema_of

LATER = ("dingding", "lark", "email")
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


class SlackNotice(Parameters):
    """A notice in Slack."""

    message: SlackMessage
    url: Endpoint | None = None
    channel: str = ""

    @property
    def to(self) -> str:
        """Whom it is for, as people say it. The address of a webhook is a secret."""
        if self.url is not None:
            return "Slack's incoming webhook"
        return f"#{self.channel.lstrip('#')}" if self.channel else "the run's thread"


class NotificationParameters(Parameters):
    """What a file can say."""

    slack: SlackNotice
    failure_policy: Literal["fail", "ignore"] = "fail"


class SeveralNotices(NotificationParameters):
    """What a file can say, for its schema."""

    slack: SlackNotice | list[SlackNotice]  # type: ignore[assignment] # wider on purpose: see `_notices`


class Notification:
    """The step type. `secrets` resolves `fromSetting` and `secretRef`."""

    name = "notification"
    needs = frozenset({Need.NOTICES, Need.HTTP})
    summary = (
        "Says something in the run's thread, in a channel, or to an incoming webhook of Slack."
    )
    schema = schema_of(SeveralNotices)

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets

    def check(self, properties: Mapping[str, Any], targets: Sequence[Target]) -> None:  # noqa: ARG002 - the contract
        """Raise PropertyError for what cannot be meant."""
        for kind in LATER:
            if kind in properties:
                raise NotSupported((kind,), f"this Shipmate cannot send to {kind}, only to slack")
        for place, each in _notices(properties):
            _check(place, each.slack)

    async def run(self, context: StepContext, properties: Mapping[str, Any]) -> Outcome:
        """Say it all once and wait until it stands there."""
        found = _notices(properties)
        notices = [
            self._notice(context, each.slack, at, len(found)) for at, (_, each) in enumerate(found)
        ]
        must_arrive = found[0][1].failure_policy == "fail"
        return await send_all(context, notices, must_arrive=must_arrive)

    def _notice(self, context: StepContext, notice: SlackNotice, at: int, count: int) -> Notice:
        key = context.key if count == 1 else f"{context.key}/{at + 1}"

        async def send() -> None:
            if notice.url is not None:
                await self._call(context, notice, notice.url, key)
                return
            assert context.granted.notices is not None
            text = notice.message.text
            channel = notice.channel.lstrip("#")
            await context.granted.notices.post(context.run, key, text, channel=channel)

        same = f" {at + 1}" if count > 1 else ""
        return Notice(to=f"{notice.to}{same if notice.url is not None else ''}", send=send)

    async def _call(
        self, context: StepContext, notice: SlackNotice, url: Endpoint, key: str
    ) -> None:
        """Send to an incoming webhook, unless that was done. Raises Temporary or Permanent for any answer but ok."""
        assert context.granted.http is not None
        assert context.granted.notices is not None
        if await context.granted.notices.was_sent(context.run, key):
            return
        answer = await context.granted.http.send(
            "POST", url.resolve(self._secrets), notice.message.body(), {}
        )
        if answer.status == 200 and answer.body == "ok":
            await context.granted.notices.remember(context.run, key)
            return
        said = f"Slack's incoming webhook answered {answer.status}: {str(answer.body)[:200]}"
        if answer.status == 429 or answer.status >= 500:
            raise Temporary(said)
        raise Permanent(said)


def _notices(
    properties: Mapping[str, Any],
) -> list[tuple[tuple[str | int, ...], NotificationParameters]]:
    """Read the notices, each with its place in the properties. Raises PropertyError."""
    given = properties.get("slack")
    if not isinstance(given, list):
        return [(("slack",), read(NotificationParameters, properties))]
    if not given:
        raise PropertyError(("slack",), "expected at least one notice")
    found: list[tuple[tuple[str | int, ...], NotificationParameters]] = []
    for at, each in enumerate(given):
        place: tuple[str | int, ...] = ("slack", at)
        try:
            found.append((place, read(NotificationParameters, {**properties, "slack": each})))
        except PropertyError as error:
            inside = error.path[0] == "slack"
            path = (*place, *error.path[1:]) if inside else error.path
            raise PropertyError(path, str(error)) from error
    return found


def _check(place: tuple[str | int, ...], notice: SlackNotice) -> None:
    if notice.url is not None:
        notice.url.check(*(str(each) for each in place), "url")
        if notice.channel:
            raise PropertyError(
                (*place, "channel"), "an incoming webhook has its own channel; leave channel out"
            )
        return
    for name in ONLY_WEBHOOKS:
        if getattr(notice.message, name):
            raise PropertyError(
                (*place, "message", name), "only an incoming webhook (url) takes it"
            )
