"""Tokens on the command line, beside a Shipmate that runs: printed once, replaced, ended; each mistake is a sentence."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.bootstrap import tokens
from bot.errors import UserError
from bot.settings import Settings, read
from bot.store.database import Store, open_store
from bot.web.ports import TokenKind
from bot.web.tokens import owner_of
from tests.builders import NOON
from tests.catalog.folders import GOOD, write
from tests.catalog.test_machines import TRIGGER
from tests.web.still import Still


@pytest.fixture
def clock() -> Still:
    return Still(NOON)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    workflows = write(tmp_path / "workflows", {**GOOD, "ci.yaml": TRIGGER})
    return replace(read({}), state=tmp_path, workflows=workflows)


@pytest.fixture
async def store(settings: Settings, clock: Still) -> AsyncIterator[Store]:
    opened = open_store(settings.store_url, clock)
    yield opened
    await opened.close()


async def test_a_token_is_made_replaced_and_ended(
    store: Store, settings: Settings, clock: Still
) -> None:
    first = tokens.create(settings, clock, "trigger", "shop-ci")
    assert first.startswith("smt_")
    assert await owner_of(store.tokens, clock, TokenKind.TRIGGER, first) == "shop-ci"
    with pytest.raises(UserError, match="shop-ci has a token: `shipmate trigger token rotate"):
        tokens.create(settings, clock, "trigger", "shop-ci")

    second, before = tokens.rotate(settings, clock, "trigger", "shop-ci", keep=60.0)
    assert before == 1
    for each in (first, second):
        assert await owner_of(store.tokens, clock, TokenKind.TRIGGER, each) == "shop-ci"
    third, _ = tokens.rotate(settings, clock, "trigger", "shop-ci", keep=0.0)
    opened = [
        await owner_of(store.tokens, clock, TokenKind.TRIGGER, each)
        for each in (first, second, third)
    ]
    assert opened == ["", "", "shop-ci"]

    assert tokens.revoke(settings, clock, "trigger", "shop-ci") == 1
    assert await owner_of(store.tokens, clock, TokenKind.TRIGGER, third) == ""
    lines = tokens.listed(settings, clock, "trigger")
    assert len(lines) == 3
    assert all("ended 2" in each for each in lines)
    assert not any(third in each for each in lines)


async def test_people_and_service_accounts_have_tokens_of_the_api(
    store: Store, settings: Settings, clock: Still
) -> None:
    for name in ("ann", "nightly"):
        text = tokens.create(settings, clock, "api", name)
        assert text.startswith("sma_")
        assert await owner_of(store.tokens, clock, TokenKind.API, text) == name
    with pytest.raises(UserError, match="there is no person or service account shop-ci"):
        tokens.create(settings, clock, "api", "shop-ci")
    with pytest.raises(UserError, match=r"there is no trigger shop-cy .*did you mean shop-ci"):
        tokens.create(settings, clock, "trigger", "shop-cy")


def test_a_database_that_is_not_there_is_named(settings: Settings, clock: Still) -> None:
    with pytest.raises(UserError, match="has `shipmate run` been started here"):
        tokens.create(settings, clock, "api", "ann")
