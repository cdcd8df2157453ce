"""Which chats a Shipmate is connected to, and what is said of those that it is not."""

import asyncio
import logging
from dataclasses import replace

import pytest

from bot.bootstrap.chats import connect, ends_of, say_what_is_not_told
from bot.clock import SystemClock
from bot.errors import UserError
from bot.lease import always
from bot.settings import read
from tests.operations.company import company
from tests.patience import PATIENCE


async def test_a_conversation_of_a_chat_that_is_not_connected_is_named_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    catalog = company()
    prod = replace(
        catalog.environments["prod"], slack_channel="shop-prod", dingtalk_group="cidProd=="
    )
    catalog = replace(catalog, environments={"prod": prod})
    settings = read({"DINGTALK_CLIENT_ID": "ding1", "DINGTALK_CLIENT_SECRET": "hush"})
    made = ends_of(settings, SystemClock(), always).dingtalk
    assert made is not None

    with caplog.at_level(logging.WARNING):
        say_what_is_not_told(catalog, [made.gateway])
    assert caplog.messages == ["prod names shop-prod in slack, which is not connected"]
    caplog.clear()
    with caplog.at_level(logging.WARNING):
        say_what_is_not_told(catalog, [])
    assert "prod names cidProd== in dingtalk, which is not connected" in caplog.messages
    await made.api.close()


class Chat:
    """A chat that refuses us, or is away for good."""

    connected = False
    address = ""

    def __init__(self, *, refuses: bool) -> None:
        self._refuses = refuses
        self.given_up = False

    async def start(self) -> None:
        if self._refuses:
            raise UserError("the token is wrong")
        try:
            await asyncio.Event().wait()
        finally:
            self.given_up = True

    async def wait_until_connected(self) -> None:
        return

    async def stop(self) -> None:
        return


async def test_a_chat_that_refuses_us_is_named_although_another_one_is_away() -> None:
    away = Chat(refuses=False)
    async with asyncio.timeout(PATIENCE):
        with pytest.raises(UserError, match="the token is wrong"):
            await connect([away, Chat(refuses=True)])
    assert away.given_up
