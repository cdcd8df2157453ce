"""Who is in a user group is asked of Slack, kept while Slack is away, and asked again when a group changes."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.catalog.approving import Members
from bot.catalog.model import Catalog
from bot.chat.roster import Roster
from bot.chat.slack.gateway import SlackGateway, web_client
from bot.errors import Permanent, Temporary
from bot.sandbox.server import Sandbox
from bot.sandbox.slack import usergroups
from tests.operations.company import company

CATALOG: Catalog = replace(
    company(), members={"security": Members(groups=("security-team", "S02OTHER", "nobodies"))}
)


@pytest.fixture
async def roster(sandbox: Sandbox) -> AsyncIterator[Roster]:
    usergroups.put(sandbox.workspace, "S01SECURITY", "security-team", ["U03SRE"])
    usergroups.put(sandbox.workspace, "S02OTHER", "other", ["U06GUEST"])
    client = web_client(sandbox.slack_bot_token, sandbox.slack_api_url)
    made = Roster(lambda: CATALOG, SlackGateway(client), kept=600)
    yield made
    await made.stop()


def security(catalog: Catalog) -> set[str]:
    return {each.name for each in catalog.with_role(("security",))}


async def test_groups_are_named_by_handle_or_id_and_one_that_is_not_there_is_empty(
    roster: Roster,
) -> None:
    assert not roster().complete
    assert security(roster()) == set()
    await roster.refresh()
    assert roster().complete
    assert security(roster()) == {"sre", "guest"}
    assert roster() is roster()  # who looks whether something has changed compares them


async def test_while_slack_is_away_those_count_that_it_named_last(
    roster: Roster, sandbox: Sandbox
) -> None:
    await roster.refresh()
    usergroups.put(sandbox.workspace, "S02OTHER", "other", [])
    sandbox.faults.add("slack", "ratelimited", 1, method="usergroups.list", retry_after=1)
    with pytest.raises((Temporary, Permanent)):
        await roster.refresh()
    assert security(roster()) == {"sre", "guest"}
    await roster.refresh()
    assert security(roster()) == {"sre"}


async def test_a_change_is_asked_for_at_once(roster: Roster, sandbox: Sandbox) -> None:
    roster.start()
    async with asyncio.timeout(30):
        while security(roster()) != {"sre", "guest"}:  # noqa: ASYNC110 - it is asked over HTTP
            await asyncio.sleep(0.02)
        usergroups.put(sandbox.workspace, "S01SECURITY", "security-team", ["U04SRE2"])
        roster.invalidate()
        while security(roster()) != {"sre2", "guest"}:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.02)


async def test_without_members_nothing_is_asked(sandbox: Sandbox) -> None:
    client = web_client("xoxb-wrong", sandbox.slack_api_url)
    plain = company()
    roster = Roster(lambda: plain, SlackGateway(client))
    await roster.refresh()
    assert roster() is plain
