"""Who is in a user group is asked of Slack, kept while Slack is away, and asked again when a group changes."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse
from typing_extensions import override

from bot.catalog.approving import Members
from bot.catalog.model import Catalog
from bot.chat.roster import Roster
from bot.chat.slack.gateway import SlackGateway, web_client
from bot.errors import Temporary
from bot.sandbox.company import group as known_group
from bot.sandbox.company import user as known_user
from bot.sandbox.server import Sandbox
from tests.operations.company import company
from tests.patience import PATIENCE

CATALOG: Catalog = replace(
    company(), members={"security": Members(groups=("release-managers", "S02DEVTEAM", "nobodies"))}
)


class Counting(AsyncWebClient):
    """Slack's client, and how often it asked who is in the groups."""

    asked = 0

    @override
    async def usergroups_list(self, **arguments: Any) -> AsyncSlackResponse:
        self.asked += 1
        return await super().usergroups_list(**arguments)


@pytest.fixture
def client(sandbox: Sandbox) -> Counting:
    return Counting(
        token=sandbox.slack_bot_token, base_url=sandbox.slack_api_url, retry_handlers=[]
    )


def put(sandbox: Sandbox, group: str, *users: str) -> None:
    """Say who is in a group from now on, without telling the app."""
    found, people = known_group(group), [known_user(each) for each in users]
    assert found is not None
    sandbox._slack._workspace.groups.change(found, [each.id for each in people if each])


@pytest.fixture
async def roster(sandbox: Sandbox, client: Counting) -> AsyncIterator[Roster]:
    put(sandbox, "release-managers", "sre")
    put(sandbox, "developers", "guest")
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


async def test_slack_is_asked_once_until_a_group_or_a_file_has_changed(client: Counting) -> None:
    def with_groups(*groups: str) -> Catalog:
        return replace(company(), members={"security": Members(groups=groups)})

    catalogs: Sequence[Catalog] = [with_groups("sre-team")]
    roster = Roster(lambda: catalogs[0], SlackGateway(client))
    for _ in range(3):
        await roster.refresh()
    assert (client.asked, security(roster())) == (1, {"sre", "sre2"})
    roster.forget()
    await roster.refresh()
    catalogs = [with_groups("developers")]
    await roster.refresh()
    assert (client.asked, security(roster())) == (3, {"dev", "dev2"})


async def test_what_slack_last_said_holds_only_until_it_says_that_this_has_changed(
    roster: Roster, sandbox: Sandbox
) -> None:
    await roster.refresh()
    put(sandbox, "developers")
    sandbox.faults.add("slack", "error", None, method="usergroups.list", error="internal_error")
    await roster.refresh()
    assert security(roster()) == {"sre", "guest"}
    roster.forget()
    for _ in range(2):
        with pytest.raises(Temporary):
            await roster.refresh()
    sandbox.faults.clear()
    await roster.refresh()
    assert security(roster()) == {"sre"}


async def test_without_the_scope_nobody_has_a_role_by_a_group(
    roster: Roster, sandbox: Sandbox
) -> None:
    await roster.refresh()
    sandbox.faults.add("slack", "error", None, method="usergroups.list", error="missing_scope")
    roster.forget()
    await roster.refresh()
    assert security(roster()) == set()


async def test_a_change_is_asked_for_at_once(roster: Roster, sandbox: Sandbox) -> None:
    roster.start()
    async with asyncio.timeout(PATIENCE):
        while security(roster()) != {"sre", "guest"}:  # noqa: ASYNC110 - it is asked over HTTP
            await asyncio.sleep(0.02)
        put(sandbox, "release-managers", "sre2")
        roster.forget()
        while security(roster()) != {"sre2", "guest"}:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.02)


async def test_without_members_nothing_is_asked(sandbox: Sandbox) -> None:
    client = web_client("xoxb-wrong", sandbox.slack_api_url)
    plain = company()
    roster = Roster(lambda: plain, SlackGateway(client))
    await roster.refresh()
    assert roster() is plain
