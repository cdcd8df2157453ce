"""`notification`: says something in chat. Slack for now.

KubeVela's `slack` with `url` and `message.text`; without a `url` ours posts by the bot itself into the run's
thread (or a `channel`), where it is posted once and its arrival is known. The answer of an incoming webhook
is looked at, which KubeVela does not do.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import Field

from bot.catalog.model import Target
from bot.errors import Permanent, Temporary
from bot.steps.contract import Done, Need, NotSupported, Outcome, PropertyError, StepContext
from bot.steps.endpoints import Endpoint, Secrets
from bot.steps.parameters import Parameters, read, schema_of

LATER = ("dingding", "lark", "email")


class SlackMessage(Parameters):
    """What is said: Slack mrkdwn, as KubeVela's `slack.message`."""

    text: str = Field(min_length=1, max_length=3000)


class SlackNotice(Parameters):
    """A notice in Slack."""

    message: SlackMessage
    url: Endpoint | None = None
    channel: str = ""


class NotificationParameters(Parameters):
    """What a file can say."""

    slack: SlackNotice


class Notification:
    """The step type. `secrets` resolves `fromSetting`."""

    name = "notification"
    needs = frozenset({Need.NOTICES, Need.HTTP})
    summary = (
        "Says something in the run's thread, in a channel, or to an incoming webhook of Slack."
    )
    schema = schema_of(NotificationParameters)

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets

    def check(self, properties: Mapping[str, Any], targets: Sequence[Target]) -> None:  # noqa: ARG002 - the contract
        """Raise PropertyError for what cannot be meant."""
        for kind in LATER:
            if kind in properties:
                raise NotSupported((kind,), f"this Shipmate cannot send to {kind}, only to slack")
        found = read(NotificationParameters, properties)
        if found.slack.url is not None:
            found.slack.url.check("slack", "url")
        if found.slack.url is not None and found.slack.channel:
            raise PropertyError(
                ("slack", "channel"), "an incoming webhook has its own channel; leave channel out"
            )

    async def run(self, context: StepContext, properties: Mapping[str, Any]) -> Outcome:
        """Say it once and wait until it stands there."""
        notice = read(NotificationParameters, properties).slack
        if notice.url is not None:
            return await self._call(context, notice.url, notice.message.text)
        assert context.granted.notices is not None
        await context.granted.notices.post(
            context.run, context.key, notice.message.text, channel=notice.channel
        )
        return Done()

    async def _call(self, context: StepContext, url: Endpoint, text: str) -> Outcome:
        assert context.granted.http is not None
        answer = await context.granted.http.send(
            "POST", url.resolve(self._secrets), {"text": text}, {}
        )
        if answer.status == 200 and answer.body == "ok":
            return Done()
        said = f"Slack's incoming webhook answered {answer.status}: {str(answer.body)[:200]}"
        if answer.status == 429 or answer.status >= 500:
            raise Temporary(said)
        raise Permanent(said)
