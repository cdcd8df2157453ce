"""Tries out Slack for `doctor`: the tokens, the scopes, and each channel that something is to be said in. Nothing is posted."""

from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.chat.slack.calls import asked, translating
from bot.errors import Permanent, Temporary
from bot.findings import Finding, fail, ok, warn
from bot.wording import N_, Sentence

BOT_TOKEN, APP_TOKEN = N_("Slack: bot token"), N_("Slack: app-level token")
SCOPES = N_("Slack: scopes")
WANTED = frozenset(
    {
        "app_mentions:read",
        "channels:history",
        "channels:read",
        "chat:write",
        "commands",
        "files:write",
        "groups:history",
        "groups:read",
        "im:history",
        "im:write",
        "usergroups:read",
        "users:read",
        "users:read.email",
    }
)
"""The scopes that manifest.yml asks for."""
LESS = frozenset({"files:write", "usergroups:read"})
"""Those without which something is left out, and said where it is missing."""
AGAIN = N_("paste manifest.yml again and install the app anew")
NETWORK = N_("look at the network, and at SLACK_API_URL")
NEW_BOT_TOKEN = N_(
    "SLACK_BOT_TOKEN is not taken: copy it again from the app's page at https://api.slack.com/apps"
)
NEW_APP_TOKEN = N_(
    "SLACK_APP_TOKEN is not taken: copy it again from the app's page at https://api.slack.com/apps; it needs the scope "
    "connections:write, and Socket Mode has to be on"
)


class SlackExamination:
    """Tries out one app. `date` is what time it is at Slack, once it has answered."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client
        self.date: datetime | None = None

    async def of_bot(self) -> list[Finding]:
        """Try the bot's token, and look for the scopes that the manifest asks for."""
        try:
            with translating():
                answer = await self._client.auth_test()
        except Temporary as error:
            return [fail(BOT_TOKEN, str(error), NETWORK)]
        except Permanent as error:
            return [fail(BOT_TOKEN, str(error), NEW_BOT_TOKEN)]
        headers = {str(name).lower(): str(value) for name, value in answer.headers.items()}
        self.date = _date(headers.get("date", ""))
        said = Sentence("is {user} in {team}", user=answer.get("user"), team=answer.get("team"))
        who = ok(BOT_TOKEN, said)
        return [who, _scopes(headers.get("x-oauth-scopes"))]

    async def of_app(self, token: str) -> Finding:
        """Try the app-level token: ask where a connection may be opened, and open none."""
        try:
            await asked(self._client.apps_connections_open(app_token=token))
        except Temporary as error:
            return fail(APP_TOKEN, str(error), NETWORK)
        except Permanent as error:
            return fail(APP_TOKEN, str(error), NEW_APP_TOKEN)
        return ok(APP_TOKEN, N_("connections can be opened"))

    async def of_channels(self, wanted: Mapping[str, str]) -> list[Finding]:
        """Look for channels, each by its name or id, with what it is for."""
        if not wanted:
            return []
        try:
            there = await self._channels()
        except (Temporary, Permanent) as error:
            return [fail(N_("Slack: channels"), str(error), AGAIN)]
        return [_channel(name, why, there) for name, why in wanted.items()]

    async def _channels(self) -> dict[str, dict[str, Any]]:
        """Load the channels that the bot can see, by name and by id."""
        found: dict[str, dict[str, Any]] = {}
        cursor = ""
        while True:
            answer = await asked(
                self._client.conversations_list(
                    types="public_channel,private_channel", limit=1000, cursor=cursor or None
                )
            )
            for each in answer["channels"]:
                found |= {str(each["name"]): each, str(each["id"]): each}
            cursor = answer.get("response_metadata", {}).get("next_cursor", "")
            if not cursor:
                return found


def _scopes(given: str | None) -> Finding:
    if given is None:
        return warn(SCOPES, N_("Slack does not say which the app has"))
    missing = sorted(WANTED - {each.strip() for each in given.split(",")})
    if missing:
        verdict = warn if LESS.issuperset(missing) else fail
        return verdict(SCOPES, Sentence("missing: {scopes}", scopes=", ".join(missing)), AGAIN)
    return ok(SCOPES, Sentence("all {count} of manifest.yml", count=len(WANTED)))


def _channel(name: str, why: str, there: Mapping[str, dict[str, Any]]) -> Finding:
    subject = Sentence("Slack: channel {name} of {why}", name=name, why=why)
    found = there.get(name)
    if found is None:
        said = N_("there is none, or it is private and the bot is not in it")
        mend = Sentence("mend the name in workflows/, or /invite @shipmate in #{name}", name=name)
        return fail(subject, said, mend)
    if found.get("is_archived"):
        return fail(
            subject,
            N_("it is archived"),
            N_("unarchive it, or name another one in workflows/"),
        )
    if not found.get("is_member"):
        return fail(
            subject,
            N_("the bot is not in it"),
            Sentence("/invite @shipmate in #{name}", name=found["name"]),
        )
    return ok(subject, N_("the bot is in it"))


def _date(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text)
    except ValueError:
        return None
