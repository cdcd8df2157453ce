"""People and their groups, as an app learns of them."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox import company
from bot.sandbox.server import Sandbox
from bot.sandbox.shelf import Shelf
from bot.sandbox.slack.groups import UserGroups
from tests.sandbox.slack.conftest import Listening, People


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[Sandbox]:
    """A workspace whose app has every scope and hears every event."""
    made = Sandbox(state=tmp_path, port=0)
    await made.start()
    yield made
    await made.stop()


async def test_a_profile_has_its_time_zone_and_the_language_for_who_asks(
    slack: AsyncWebClient, people: People
) -> None:
    await people.do("slack/profile", user="dev", locale="zh-CN")
    plain = (await slack.users_info(user="U01DEV"))["user"]
    asked = (await slack.users_info(user="U01DEV", include_locale=True))["user"]

    assert (plain["tz"], plain["tz_label"], plain["tz_offset"]) == (
        "Asia/Shanghai",
        "China Standard Time",
        8 * 3600,
    )
    assert "locale" not in plain
    assert asked["locale"] == "zh-CN"


async def test_a_zone_that_nobody_knows_is_refused(people: People) -> None:
    answer = await people.do("slack/profile", user="dev", tz="Moon/Crater")
    assert "Asia/Shanghai" in answer["error"]


async def test_groups_are_listed_with_what_is_asked_for(slack: AsyncWebClient) -> None:
    plain = (await slack.usergroups_list())["usergroups"]
    full = (await slack.usergroups_list(include_users=True, include_count=True))["usergroups"]
    found = {each["handle"]: each for each in full}

    assert "users" not in plain[0]
    assert (found["sre-team"]["users"], found["sre-team"]["user_count"]) == (
        ["U03SRE", "U04SRE2"],
        2,
    )
    members = await slack.usergroups_users_list(usergroup=found["sre-team"]["id"])
    assert members["users"] == ["U03SRE", "U04SRE2"]
    with pytest.raises(SlackApiError, match="no_such_subteam"):
        await slack.usergroups_users_list(usergroup="S0NOBODY")


async def test_an_app_hears_who_came_into_a_group_and_who_left(
    slack: AsyncWebClient, people: People, listening: Listening
) -> None:
    @listening.app.event("subteam_updated")
    async def updated(event: dict[str, Any]) -> None:
        listening.heard.put_nowait(event)

    @listening.app.event("subteam_members_changed")
    async def changed(event: dict[str, Any]) -> None:
        listening.heard.put_nowait(event)

    await people.do("slack/group", group="sre-team", users=["sre", "admin"])
    first, second = await listening.next(), await listening.next()

    assert first["subteam"]["users"] == ["U03SRE", "U05ADMIN"]
    assert (second["added_users"], second["removed_users"]) == (["U05ADMIN"], ["U04SRE2"])
    assert (await slack.usergroups_users_list(usergroup="S01SRETEAM"))["users"] == [
        "U03SRE",
        "U05ADMIN",
    ]
    await people.do("slack/group", group="sre-team", users=["sre", "admin"])
    assert listening.heard.empty()


def test_who_is_in_a_group_outlives_the_sandbox(tmp_path: Path) -> None:
    developers = company.GROUPS[1]
    shelf = Shelf(tmp_path / "sandbox.db")
    UserGroups(shelf, lambda: 1000.0).change(developers, ["U06GUEST"])
    shelf.close()

    shelf = Shelf(tmp_path / "sandbox.db")
    assert UserGroups(shelf, lambda: 2000.0).members(developers.id) == ("U06GUEST",)
    shelf.close()


async def test_a_direct_message_is_opened_by_who_or_by_what_it_is(slack: AsyncWebClient) -> None:
    first = await slack.conversations_open(users=["U03SRE"])
    await slack.chat_postMessage(channel=first["channel"]["id"], text="psst")
    again = await slack.conversations_open(channel="D03SRE", return_im=True)

    assert "already_open" not in first.data
    assert (again["already_open"], again["channel"]["user"]) == (True, "U03SRE")
    with pytest.raises(SlackApiError, match="users_list_not_supplied"):
        await slack.api_call("conversations.open")
    with pytest.raises(SlackApiError, match="missing_scope"):
        await slack.conversations_open(users=["U03SRE", "U04SRE2"])


async def test_a_reply_can_be_sent_to_the_channel_too(
    slack: AsyncWebClient, people: People
) -> None:
    parent = await slack.chat_postMessage(channel="C01GENERAL", text="begun")
    await slack.chat_postMessage(channel="C01GENERAL", text="quietly", thread_ts=parent["ts"])
    await slack.chat_postMessage(
        channel="C01GENERAL", text="aloud", thread_ts=parent["ts"], reply_broadcast=True
    )

    seen = (await people.see("slack/messages", channel="general"))["messages"]
    thread = (await people.see("slack/messages", channel="general", thread_ts=parent["ts"]))[
        "messages"
    ]
    history = (await slack.conversations_history(channel="C01GENERAL"))["messages"]

    assert [(each["text"], each["broadcast"]) for each in seen] == [
        ("begun", False),
        ("aloud", True),
    ]
    assert [each["text"] for each in thread] == ["begun", "quietly", "aloud"]
    assert [each.get("subtype") for each in history] == ["thread_broadcast", None]


async def test_the_second_tier_ends_at_twenty_calls_a_minute(slack: AsyncWebClient) -> None:
    for _ in range(20):
        await slack.usergroups_list()
    with pytest.raises(SlackApiError) as raised:
        await slack.usergroups_list()
    assert raised.value.response.status_code == 429
    assert 1 <= int(raised.value.response.headers["Retry-After"]) <= 3
