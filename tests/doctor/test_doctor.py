"""Everything that is configured is tried out by itself, what is wrong is told with how to mend it, and nothing is posted."""

import json
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.addresses import Addresses
from bot.bootstrap.doctor import Doctor
from bot.bootstrap.examining import as_json, as_text
from bot.clock import Clock, SystemClock
from bot.findings import Finding, Verdict, failed
from bot.sandbox.server import Sandbox
from bot.serving import pointed_at
from bot.settings import Secret, Settings, read
from bot.store.database import open_store
from tests.scenarios.company import ROOT
from tests.steps.board import Hands


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[Sandbox]:
    made = Sandbox(state=tmp_path / "state", port=0, manifest=ROOT / "manifest.yml")
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
def settings(world: Sandbox, tmp_path: Path) -> Settings:
    given = replace(read({}), state=tmp_path / "state", workflows=ROOT / "workflows")
    return pointed_at(world, given)


async def examined(settings: Settings, clock: Clock | None = None) -> list[Finding]:
    return await Doctor(settings, clock or SystemClock()).examine()


def wrong(findings: list[Finding]) -> dict[str, Finding]:
    return {each.subject: each for each in findings if each.verdict is not Verdict.OK}


async def everything_said(world: Sandbox) -> list[Any]:
    async with httpx.AsyncClient(base_url=world.url) as outside:
        channels = [
            (await outside.get("/control/slack/messages", params={"channel": each})).json()
            for each in ("shop-prod", "shop-dev", "shop-staging", "general")
        ]
        group = await outside.get(
            "/control/dingtalk/messages", params={"conversation": "shop-prod"}
        )
        mail = await outside.get("/control/mail")
        hooks = await outside.get("/control/webhooks")
    return [*channels, group.json(), mail.json(), hooks.json()]


async def test_what_works_is_told_and_nothing_is_said_or_changed(
    world: Sandbox, settings: Settings
) -> None:
    store = open_store(settings.store_url, SystemClock())  # it runs meanwhile
    before = await everything_said(world)
    objects = [len(each.objects()) for each in world._clusters]
    findings = await examined(settings)
    await store.close()

    assert wrong(findings) == {}
    assert not failed(findings)
    said = as_text(findings)
    for line in (
        "ok    Slack: bot token: is shipmate in Shop, Inc.",
        "ok    Slack: scopes: all 13 of manifest.yml",
        "ok    Slack: app-level token: connections can be opened",
        "ok    Slack: channel shop-prod of environment prod: the bot is in it",
        "ok    DingTalk: client id and secret: a token is given for them",
        "ok    DingTalk of step tell of orders/dev, prod, staging: its address looks right",
        "ok    Lark of step tell of orders/dev, prod, staging: its address looks right",
        "ok    webhook release-notes of shop/prod: its address looks right; nothing was sent",
        "answers unencrypted; nothing was sent",
        "ok    cluster west: v1.",
        "ok    cluster east: prod/hangzhou (shop-prod): we may do what delivering takes:",
        "ok    database: SQLite, tables 0",
        "ok    clock: within ",
    ):
        assert line in said
    assert await everything_said(world) == before
    assert [len(each.objects()) for each in world._clusters] == objects
    assert [each["verdict"] for each in json.loads(as_json(findings))] == ["ok"] * len(findings)


def broken(settings: Settings, workflows: Path) -> Settings:
    """Answer settings of which one of each kind is wrong."""
    secrets = {
        **settings.secrets,
        "MAIL_URL": Secret("smtp://127.0.0.1:9?tls=none"),
        "RELEASES_ROBOT_URL": Secret("https://example.com/s3cr3t"),
    }
    del secrets["PARTNER_URL"]
    return replace(
        settings,
        workflows=workflows,
        secrets=secrets,
        database_url="postgresql://shipmate:s3cr3t@127.0.0.1:1/shop",
        slack=replace(settings.slack, app_token=Secret("xapp-wrong")),
        dingtalk=replace(settings.dingtalk, client_secret=Secret("wr0ng")),
    )


async def test_each_thing_that_is_wrong_is_told_by_itself_with_how_to_mend_it(
    world: Sandbox, settings: Settings, tmp_path: Path
) -> None:
    folder = tmp_path / "workflows"
    shutil.copytree(ROOT / "workflows", folder)
    staging = folder / "environments" / "staging.yaml"
    staging.write_text(staging.read_text().replace("shop-staging", "shop-stagin", 1))
    shop = folder / "shop" / "workflow-prod.yaml"
    more = "  - {name: login, type: request, properties: {url: https://a.example}, outputs: [{name: key, valueFrom: response, secret: true}]}\n"
    shop.write_text(shop.read_text() + more)
    async with httpx.AsyncClient(base_url=world.url) as outside:
        fault = {"target": "cluster/west", "fault": "down", "seconds": 60}
        (await outside.post("/control/faults", json=fault)).raise_for_status()
    found = wrong(await examined(broken(settings, folder)))

    assert failed(list(found.values()))
    assert "invalid_auth" in found["Slack: app-level token"].said
    assert "connections:write" in found["Slack: app-level token"].mend
    assert found["Slack: channel shop-stagin of environment staging"].mend == (
        "mend the name in workflows/, or /invite @shipmate in #shop-stagin"
    )
    assert "DINGTALK_CLIENT_SECRET" in found["DingTalk: client id and secret"].mend
    robot = found["DingTalk of step tell of orders/dev, prod, staging"]
    assert robot.said == "it is no robot's address, …/robot/send?access_token=…"
    assert "set SHIPMATE_STORE_KEY to 32 random" in found["outputs that are secret"].mend
    partner = found["request register of orders/dev, prod, staging"]
    assert partner.said == "the setting SHIPMATE_SECRET_PARTNER_URL is not set"
    assert (
        "cannot be reached"
        in found["mail server 127.0.0.1:9 of step tell of orders/dev and 2 more"].said
    )
    assert found["cluster west"].verdict is Verdict.FAIL
    assert set(found) - {"cluster west"} == {
        "database",
        "outputs that are secret",
        "Slack: app-level token",
        "Slack: channel shop-stagin of environment staging",
        "DingTalk: client id and secret",
        "DingTalk of step tell of orders/dev, prod, staging",
        "request register of orders/dev, prod, staging",
        "mail server 127.0.0.1:9 of step tell of orders/dev and 2 more",
    }
    for each in found.values():
        assert each.mend
        assert "s3cr3t" not in str(each)
        assert "wr0ng" not in str(each)


async def test_a_token_that_is_not_taken_and_files_that_cannot_be_read_hide_nothing_else(
    settings: Settings, tmp_path: Path
) -> None:
    folder = tmp_path / "workflows"
    folder.mkdir()
    (folder / "shop.yaml").write_text("kind: Aplication\n", encoding="utf-8")
    slack = replace(settings.slack, bot_token=Secret("xoxb-wrong"))
    late = Hands(SystemClock().now() - timedelta(seconds=120))
    found = wrong(await examined(replace(settings, workflows=folder, slack=slack), late))

    assert set(found) == {"workflow files", "Slack: bot token", "clock"}
    assert "shipmate check" in found["workflow files"].mend
    assert "SLACK_BOT_TOKEN is not taken" in found["Slack: bot token"].mend
    assert found["clock"].verdict is Verdict.WARN
    assert "behind DingTalk" in found["clock"].said


async def test_what_steps_may_not_call_is_told(settings: Settings) -> None:
    found = wrong(await examined(replace(settings, addresses=Addresses())))

    webhook = found["webhook release-notes of shop/prod"]
    assert webhook.verdict is Verdict.FAIL
    assert "127.0.0.1 is this machine itself" in webhook.said
    assert "SHIPMATE_ALLOWED_ADDRESSES" in webhook.mend
    assert any(name.startswith("mail server 127.0.0.1") for name in found)
    assert not any(name.startswith(("cluster", "Slack", "clock")) for name in found)
