"""Tokens and requests over HTTP in the store: kept by digests, done once, and made beside a Shipmate that runs."""

import asyncio
from datetime import timedelta

import pytest

from bot.clock import SystemClock
from bot.errors import UserError
from bot.operations.results import Audited
from bot.store.beside import add_token, end_tokens, tokens_there_are
from bot.store.database import open_store
from bot.web.ports import Incoming, TokenKind
from bot.web.tokens import digest_of, new_token, owner_of
from tests.builders import NOON
from tests.web.still import Still

LINE = Audited(
    at=NOON,
    person="shop-ci",
    chat="webhook",
    channel="",
    via="trigger",
    request="deploy shop prod",
    outcome="allowed",
    application="shop",
    environment="prod",
)


def incoming(key: str = "trigger:shop-ci:1", *, durable: bool = True) -> Incoming:
    return Incoming(key=key, digest="d1", lasting=60.0, body="{}", durable=durable)


async def test_a_request_is_new_once_and_answered_again(url: str) -> None:
    store = open_store(url, SystemClock())
    first = await store.requests.begin(incoming())
    again = await store.requests.begin(incoming())
    assert (first.fresh, again.fresh) == (True, False)
    assert again.request == first.request
    assert [each.key for each in await store.requests.unanswered()] == ["trigger:shop-ci:1"]

    await store.requests.finish("trigger:shop-ci:1", 200, '{"a": 1}', [LINE], keep=True)
    known = await store.requests.begin(incoming())
    assert (known.status, known.answer, known.body) == (200, '{"a": 1}', "")
    assert await store.requests.unanswered() == []
    assert await store.audit.lines() == [LINE]
    await store.close()


async def test_what_is_not_kept_comes_again_as_new(url: str) -> None:
    store = open_store(url, SystemClock())
    first = await store.requests.begin(incoming())
    await store.requests.finish("trigger:shop-ci:1", 409, "{}", [LINE, LINE], keep=False)
    second = await store.requests.begin(incoming())
    assert second.fresh
    assert second.request != first.request
    assert len(await store.audit.lines()) == 2
    await store.close()


async def test_a_request_is_forgotten_in_time(url: str) -> None:
    clock = Still(NOON)
    store = open_store(url, clock)
    first = await store.requests.begin(incoming(durable=False))
    clock.passes(timedelta(seconds=61))
    second = await store.requests.begin(incoming())
    assert second.fresh
    assert second.request != first.request
    await store.close()


async def test_a_token_opens_what_it_is_for_until_it_ends(url: str) -> None:
    clock = Still(NOON)
    store = open_store(url, clock)
    text, token = new_token(TokenKind.TRIGGER, "shop-ci", NOON.timestamp())
    before = await asyncio.to_thread(add_token, url, token, ending=None)
    assert before == []
    assert text not in repr(token)
    assert token.digest == digest_of(text)

    async def opens(kind: TokenKind, given: str) -> str:
        return await owner_of(store.tokens, clock, kind, given)

    assert await opens(TokenKind.TRIGGER, text) == "shop-ci"
    assert await opens(TokenKind.API, text) == ""
    assert await opens(TokenKind.TRIGGER, text + "x") == ""
    assert await opens(TokenKind.TRIGGER, "") == ""

    other, second = new_token(TokenKind.TRIGGER, "shop-ci", NOON.timestamp())
    await asyncio.to_thread(add_token, url, second, ending=NOON.timestamp() + 60)
    assert await opens(TokenKind.TRIGGER, text) == "shop-ci"
    clock.passes(timedelta(seconds=60))
    assert await opens(TokenKind.TRIGGER, text) == ""
    assert await opens(TokenKind.TRIGGER, other) == "shop-ci"

    ended = await asyncio.to_thread(
        end_tokens, url, TokenKind.TRIGGER, "shop-ci", clock.now().timestamp()
    )
    assert [each.digest for each in ended] == [second.digest]
    assert await opens(TokenKind.TRIGGER, other) == ""
    assert len(await asyncio.to_thread(tokens_there_are, url, TokenKind.TRIGGER)) == 2
    await store.close()


def test_a_database_that_is_not_there_is_not_made() -> None:
    _, token = new_token(TokenKind.API, "sre", 0.0)
    with pytest.raises(UserError, match="there is no database"):
        add_token("sqlite:////nowhere/shipmate.db", token, ending=None)
