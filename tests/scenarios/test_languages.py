"""One reads Chinese and another English: each is spoken to in their own language, and a channel in its own."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.scenarios.company import ROOT, Company
from tests.scenarios.test_home import sees


@pytest.fixture
async def hangzhou(tmp_path: Path) -> AsyncIterator[Company]:
    """Bring up a company whose production is spoken of in Chinese, with someone who has Slack in Chinese."""
    workflows = tmp_path / "workflows"
    shutil.copytree(ROOT / "workflows", workflows)
    prod = workflows / "environments" / "prod.yaml"
    text = prod.read_text(encoding="utf-8")
    prod.write_text(
        text.replace("channel: shop-prod", "channel: shop-prod\n    language: zh"),
        encoding="utf-8",
    )
    made = Company(tmp_path / "state", workflows)
    await made.open_world()
    await made.control("/control/slack/profile", user="sre2", locale="zh-CN")
    await made.start_bot()
    yield made
    await made.close()


async def test_a_deployment_in_a_chinese_channel_and_an_english_one(hangzhou: Company) -> None:
    await hangzhou.says("dev", "/deploy shop prod v1")
    card = await hangzhou.card("shop/prod#1", offers="批准")
    assert "等待 sre 或 sre2" in hangzhou.read(card)

    refused = await hangzhou.is_told("guest", "批准", card)
    assert "You may not approve in prod" in refused

    await hangzhou.presses("sre2", "批准", card)
    card = await hangzhou.card("shop/prod#1", says="修订版 v1")
    assert "已批准（sre2）" in hangzhou.read(card)
    await hangzhou.in_thread(card, "shop 的 v1 已交付到 prod")

    await hangzhou.says("dev", "/deploy shop dev v1", channel="shop-dev")
    await hangzhou.card("shop/dev#1", says="Delivered", channel="shop-dev")


async def test_what_only_one_person_reads_is_in_their_language(hangzhou: Company) -> None:
    assert "你是 sre2" in await hangzhou.asks("sre2", "/shipmate whoami")
    assert "You are sre (" in await hangzhou.asks("sre", "/shipmate whoami")

    unclear = await hangzhou.asks("sre2", "/shipmate deplpy shop prod v1")
    assert "deploy" in unclear
    assert "verb" not in unclear

    await hangzhou.home("sre2")
    await sees(hangzhou, "U04SRE2", lambda said: "没有等你处理的事项" in said)


async def test_the_language_of_a_person_file_comes_first(tmp_path: Path) -> None:
    workflows = tmp_path / "workflows"
    shutil.copytree(ROOT / "workflows", workflows)
    people = workflows / "people.yaml"
    text = people.read_text(encoding="utf-8")
    people.write_text(
        text.replace("email: sre@shop.example", "email: sre@shop.example\n  language: zh"),
        encoding="utf-8",
    )
    made = Company(tmp_path / "state", workflows)
    await made.open()
    try:
        assert "你是 sre" in await made.asks("sre", "/shipmate whoami")
    finally:
        await made.close()
