"""Roles by Slack's user groups: had within seconds, lost within seconds, never by what is not known."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.scenarios.company import ROOT, Company

TEAM = ["sre", "sre2"]


@pytest.fixture
async def company(tmp_path: Path) -> AsyncIterator[Company]:
    """A company in which whoever is in @sre-team is an sre."""
    workflows = tmp_path / "workflows"
    shutil.copytree(ROOT / "workflows", workflows)
    people = workflows / "people.yaml"
    text = people.read_text(encoding="utf-8")
    said = "  description: Keeps production running"
    assert said in text
    members = "  members: {slackUserGroups: [sre-team]}"
    people.write_text(text.replace(said, f"{members}\n{said}"), encoding="utf-8")
    made = Company(tmp_path / "state", workflows)
    await made.open()
    yield made
    await made.close()


async def joins(company: Company, *users: str) -> None:
    await company.control("/control/slack/group", group="sre-team", users=list(users))


async def test_who_joins_the_group_may_approve_and_who_leaves_it_may_not(company: Company) -> None:
    await company.says("dev", "/deploy shop prod v1")
    card = await company.card("shop/prod#1", offers="Approve")
    assert "You may not approve" in await company.is_told("guest", "Approve", card)

    await joins(company, *TEAM, "guest")
    assert "roles: sre" in await company.asks("guest", "/shipmate whoami")
    await joins(company, *TEAM)
    assert "You may not approve" in await company.is_told("guest", "Approve", card)

    await joins(company, *TEAM, "guest")
    await company.presses("guest", "Approve", card)
    await company.card("shop/prod#1", says="approved by guest")


async def test_nobody_goes_by_what_the_group_was_when_slack_does_not_say_what_it_is(
    company: Company,
) -> None:
    await company.asks("sre", "/shipmate whoami")
    await company.fault("slack", "ratelimited", None, method="usergroups.list", retry_after=1)
    await joins(company, "sre")

    told = await company.asks("sre2", "/shipmate whoami")

    assert "That did not work just now" in told
    company.sandbox.faults.clear()
    assert "roles: sre." in await company.asks("sre2", "/shipmate whoami")


async def test_without_the_scope_nobody_has_a_role_by_a_group(company: Company) -> None:
    await company.fault("slack", "error", None, method="usergroups.list", error="missing_scope")
    await joins(company, *TEAM, "guest")

    assert "roles: none" in await company.asks("guest", "/shipmate whoami")
    assert "roles: sre" in await company.asks("sre", "/shipmate whoami")
