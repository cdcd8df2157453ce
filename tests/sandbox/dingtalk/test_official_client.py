"""DingTalk's own client for Python, unchanged, on the sandbox: so that we did not agree only with ourselves."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.sandbox.server import Sandbox
from tests.patience import PATIENCE
from tests.sandbox.dingtalk.conftest import People, until


@pytest.fixture
async def official(sandbox: Sandbox) -> AsyncIterator[None]:
    settings = sandbox.dingtalk_settings()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(Path(__file__).with_name("official.py")),
        settings["DINGTALK_CLIENT_ID"],
        settings["DINGTALK_CLIENT_SECRET"],
        sandbox.dingtalk_template,
        env={**os.environ, "DINGTALK_OPENAPI_ENDPOINT": settings["DINGTALK_API_URL"]},  # noqa: TID251 - the client's own setting
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    await until(lambda: sandbox.dingtalk.stream.open)
    yield
    process.kill()
    await process.wait()


async def test_it_hears_a_message_answers_it_sends_cards_and_answers_a_click(
    people: People, official: None
) -> None:
    await people.say("dev", "shop-prod", "@shipmate status shop")
    async with asyncio.timeout(PATIENCE):
        while len(await people.messages("shop-prod")) < 5:  # noqa: ASYNC110 - as a person looks
            await asyncio.sleep(0.02)
    _, text, markdown, standard, card = await people.messages("shop-prod")

    assert (text["text"], text["at"]) == ("heard status shop", ["Dana Developer"])
    assert markdown["markdown"] == "**released**"
    assert standard["buttons"] == ["查看详情", "打开链接", "回传请求", "次级按钮", "警示按钮"]
    assert (card["text"], card["buttons"]) == ("shop/prod #17\nwaits", ["Approve"])

    answer = await people.click("sre", "shop-prod", card["id"], "Approve")

    assert answer["ok"], answer
    card = (await people.messages("shop-prod"))[-1]
    assert (card["text"], card["buttons"]) == ("shop/prod #17\n010003sre approve 17", [])
    assert card["edited"]
