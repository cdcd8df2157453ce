"""What the composition root lets be known as secret, and where the key of the store is."""

import logging
from dataclasses import replace
from pathlib import Path

import pytest

from bot.bootstrap.equipment import read_catalog
from bot.bootstrap.secrets import learn_all, seals_of
from bot.errors import Permanent, UserError
from bot.settings import Secret, read
from tests.scenarios.company import ROOT


def test_every_setting_that_is_secret_is_known_but_for_what_is_a_name(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "broken").write_bytes(b"\xff")
    settings = read(
        {
            "SHIPMATE_SECRETS": str(tmp_path),
            "SHIPMATE_SECRET_USER": "shop-prod",
            "SHIPMATE_SECRET_KEY": "canary-1",
            "SHIPMATE_SECRET_VERB": "rollback",
            "SLACK_BOT_TOKEN": "xoxb-canary-2",
            "SHIPMATE_STORE_KEY": "canary-3,canary-4",
        }
    )
    given = replace(settings.slack, app_token=Secret("xapp-canary-5"))
    with caplog.at_level(logging.WARNING):
        learn_all(replace(settings, slack=given), read_catalog(ROOT / "workflows"))
    said = settings.secrecy.clean(
        "shop-prod rollback canary-1 xoxb-canary-2 canary-3 canary-4 xapp-canary-5"
    )
    assert said == "shop-prod rollback ••• ••• ••• ••• •••"
    assert "the secret BROKEN cannot be read" in caplog.text
    assert "is also a name in the workflow files" in caplog.text
    assert "shop-prod" not in caplog.text


def test_the_key_is_beside_a_file_and_a_setting_for_a_server(tmp_path: Path) -> None:
    settings = replace(read({}), state=tmp_path)
    seals_of(settings).seal("canary")
    assert (tmp_path / "shipmate.db.key").is_file()
    server = replace(settings, database_url="postgresql://db.example/shop")
    with pytest.raises(Permanent, match="set SHIPMATE_STORE_KEY"):
        seals_of(server).check()
    seals_of(replace(server, store_keys=(Secret("A" * 43 + "="),))).check()
    with pytest.raises(UserError, match="key 1 of SHIPMATE_STORE_KEY is none"):
        seals_of(replace(server, store_keys=(Secret("canary"),)))
