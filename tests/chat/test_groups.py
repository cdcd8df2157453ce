"""How often Slack is asked about its groups, and what is believed while it does not answer."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse
from typing_extensions import override

from bot.catalog.membership import with_members
from bot.catalog.model import Catalog
from bot.chat.slack.groups import SlackGroups
from bot.errors import Temporary
from bot.sandbox.server import Sandbox
from tests.operations.company import company

ADDRESSES = {"U03SRE": "sre@shop.example", "U06GUEST": "guest@shop.example"}


async def email_of(user: str) -> str:
    return ADDRESSES.get(user, "")


def by_groups(groups: Mapping[str, str]) -> Catalog:
    return replace(company(), slack_groups=groups)


CATALOG = by_groups({"admin": "sre-team", "developer": "nobodys"})


class Counting(AsyncWebClient):
    """Slack's client, and how often it asked."""

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


def roles(groups: SlackGroups, person: str) -> tuple[str, ...]:
    return groups().people[person].roles


async def test_slack_is_asked_once_until_a_group_or_a_file_has_changed(client: Counting) -> None:
    catalogs = [by_groups({"admin": "sre-team"})]
    groups = SlackGroups(client, lambda: catalogs[0], email_of)

    for _ in range(3):
        await groups.refresh()
    assert (client.asked, roles(groups, "sre")) == (1, ("sre", "admin"))
    groups.forget()
    await groups.refresh()
    catalogs[0] = by_groups({"developer": "sre-team"})
    await groups.refresh()
    assert (client.asked, roles(groups, "sre")) == (3, ("sre", "developer"))


async def test_where_no_file_names_a_group_slack_is_never_asked(client: Counting) -> None:
    groups = SlackGroups(client, company, email_of)
    await groups.refresh()
    assert client.asked == 0
    assert groups() == company()


async def test_what_slack_last_said_holds_only_until_it_says_that_this_has_changed(
    sandbox: Sandbox, client: Counting
) -> None:
    groups = SlackGroups(client, lambda: CATALOG, email_of)
    await groups.refresh()
    sandbox.faults.add("slack", "error", None, method="usergroups.list", error="internal_error")
    await groups.refresh()
    groups.forget()
    for _ in range(2):
        with pytest.raises(Temporary):
            await groups.refresh()
    sandbox.faults.clear()
    await groups.refresh()
    assert roles(groups, "sre") == ("sre", "admin")


def test_a_role_that_no_group_gives_cannot_be_had_by_one() -> None:
    members = {"admin": frozenset({"guest"}), "sre": frozenset({"guest", "stranger"})}
    people = with_members(by_groups({"sre": "sre-team"}), members).people
    assert people["guest"].roles == ("sre",)
    assert people["sre"].roles == company().people["sre"].roles
