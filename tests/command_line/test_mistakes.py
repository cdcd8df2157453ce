"""What whoever starts it can mend is a sentence and an exit code, never a traceback."""

from pathlib import Path

import pytest

from bot.sandbox.server import Sandbox
from tests.command_line.shipmate import a_free_port, run
from tests.scenarios.company import ROOT

TOKENS = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}


def assert_is_a_sentence(text: str, said: str) -> None:
    assert said in text
    assert "Traceback" not in text


async def test_without_tokens_it_says_which_and_how_to_try_it_without(tmp_path: Path) -> None:
    said = await run(tmp_path, "run")

    assert said.code == 2
    assert_is_a_sentence(said.err, "SLACK_BOT_TOKEN is not set; it is the bot user's token")
    assert_is_a_sentence(said.err, "shipmate run --sandbox")


async def test_every_wrong_setting_is_told_at_once(tmp_path: Path) -> None:
    said = await run(tmp_path, "run", PORT="web", SHIPMATE_LOG_LEVEL="loud")

    assert said.code == 2
    assert_is_a_sentence(said.err, "PORT is 'web'; expected a number from 0 to 65535")
    assert_is_a_sentence(said.err, "SHIPMATE_LOG_LEVEL is 'loud'")


async def test_a_folder_with_a_mistake_is_told_with_its_line(tmp_path: Path) -> None:
    folder = tmp_path / "workflows"
    folder.mkdir()
    (folder / "shop.yaml").write_text("kind: Aplication\n", encoding="utf-8")

    checked = await run(tmp_path, "check")
    started = await run(tmp_path, "run", **TOKENS)

    assert (checked.code, started.code) == (1, 1)
    for said in (checked, started):
        assert_is_a_sentence(said.err, "shop.yaml:1")
        assert_is_a_sentence(said.err, "did you mean Application?")


async def test_a_good_folder_is_counted(tmp_path: Path) -> None:
    said = await run(tmp_path, "check", str(ROOT / "workflows"))

    assert said.code == 0
    assert "is fine: 2 applications, 3 environments" in said.out


@pytest.mark.parametrize("token", ["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"])
async def test_a_token_that_slack_refuses_is_named(tmp_path: Path, token: str) -> None:
    sandbox = Sandbox(state=tmp_path / "sandbox", port=0)
    await sandbox.start()
    right = {
        "SLACK_BOT_TOKEN": sandbox.slack_bot_token,
        "SLACK_APP_TOKEN": sandbox.slack_app_token,
    }
    settings = {**right, token: TOKENS[token], "SLACK_API_URL": sandbox.slack_api_url}
    try:
        said = await run(tmp_path, "run", SHIPMATE_WORKFLOWS=str(ROOT / "workflows"), **settings)
    finally:
        await sandbox.stop()

    assert said.code == 1
    assert_is_a_sentence(said.err, f"Slack refused: invalid_auth. Is {token} right?")


async def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    sandbox = Sandbox(state=tmp_path / "sandbox", port=a_free_port())
    await sandbox.start()
    try:
        port = sandbox.url.rpartition(":")[2]
        said = await run(tmp_path, "run", "--sandbox", PORT=port)
    finally:
        await sandbox.stop()

    assert said.code == 1
    assert_is_a_sentence(said.err, "set PORT")


async def test_a_command_that_there_is_not(tmp_path: Path) -> None:
    said = await run(tmp_path, "deplyo")

    assert said.code == 2
    assert_is_a_sentence(said.err, "No such command")
