"""Commands against a server on a real socket: what they say, and the exit codes that a CI system goes by."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable
from pathlib import Path
from typing import Any

import pytest

from bot.errors import SettingsError
from bot.remote import client
from bot.remote.commands import Exit, How, perform
from bot.remote.telling import told
from bot.run.model import RunPhase
from bot.settings import RemoteSettings, Secret, read_remote
from tests.web.people import People, open_people

WAIT = How(wait=True)


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "PAUSE", 0.01)


@pytest.fixture
async def people(tmp_path: Path) -> AsyncIterator[People]:
    async with open_people(tmp_path) as opened:
        yield opened


async def shell(people: People, who: str, line: str, how: How = How()) -> tuple[Exit, str]:  # noqa: B008 - frozen
    """Type a line in a shell; answer its exit code and what it prints."""
    verb, *words = line.split(" ")
    settings = RemoteSettings(
        server=str(people.client.base_url), token=Secret(people.token(who) if who else "x")
    )
    said: list[str] = []
    code = await asyncio.to_thread(perform, settings, verb, words, how, said.append)
    return code, "\n".join(said)


async def beside(command: Awaitable[tuple[Exit, str]], does: Awaitable[Any]) -> tuple[Exit, str]:
    """Let something happen while a command waits."""
    waiting = asyncio.ensure_future(command)
    await does
    return await waiting


async def test_a_ci_system_waits_for_its_delivery(people: People) -> None:
    code, said = await shell(people, "dev", "deploy shop dev v1 --commit 4be1c0a", WAIT)
    assert code is Exit.DONE
    lines = said.splitlines()
    assert lines[0].startswith("shop/dev#1  v1  ")
    assert any("step started  hangzhou" in each for each in lines)
    assert any(each.startswith("shop/dev#1  v1  succeeded  v1  by dev  4be1c0a") for each in lines)


async def test_json_is_one_document(people: People) -> None:
    how = How(wait=True, as_json=True)
    code, said = await shell(people, "dev", "deploy shop dev v1", how)
    assert code is Exit.DONE
    assert json.loads(said)["run"]["revision"] == 1


async def test_a_run_that_does_not_succeed_fails_the_command(people: People) -> None:
    async def rejected() -> None:
        await people.office.until("shop/prod#1", RunPhase.SUSPENDING)
        await people.office.say("sre", "reject shop/prod#1 not now")

    code, said = await beside(shell(people, "dev", "deploy shop prod v1", WAIT), rejected())
    assert code is Exit.FAILED
    assert "rejected" in said


async def test_a_connection_that_breaks_is_made_again(people: People) -> None:
    async def goes_on() -> None:
        await people.office.until("shop/prod#1", RunPhase.SUSPENDING)
        people.following.close()
        await people.office.say("sre", "approve shop/prod#1")

    code, said = await beside(shell(people, "dev", "deploy shop prod v1", WAIT), goes_on())
    assert code is Exit.DONE
    assert said.count("run succeeded") == 1


async def test_what_takes_too_long_is_left_alone(
    people: People, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _ = await shell(people, "dev", "deploy shop prod v1", How(wait=True, seconds=0.0))
    assert code is Exit.AWAY
    assert "shop/prod#1 is" in capsys.readouterr().err
    await people.office.until("shop/prod#1", RunPhase.SUSPENDING)


REFUSED = (
    ("guest", "deploy shop prod v1", Exit.FAILED, "You may not deploy in prod."),
    ("dev", "deploy shpo prod v1", Exit.FAILED, "Did you mean shop?"),
    ("dev", "deploy shop prod", Exit.WRONG, "Which version?"),
    ("dev", "deploy shop", Exit.WRONG, "The form is: shipmate deploy APP ENV"),
    ("", "status", Exit.FAILED, "Give a token"),
)


async def test_what_is_refused_says_why(people: People, capsys: pytest.CaptureFixture[str]) -> None:
    for who, line, code, said in REFUSED:
        found, out = await shell(people, who, line)
        assert (found, out) == (code, ""), line
        assert said in capsys.readouterr().err


async def test_a_refusal_as_json_has_its_code(people: People) -> None:
    code, said = await shell(people, "guest", "deploy shop prod v1", How(as_json=True))
    assert code is Exit.FAILED
    assert json.loads(said)["error"]["code"] == "not_allowed"


async def test_a_server_that_is_away_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    settings = RemoteSettings(server="http://127.0.0.1:9", token=Secret("x"))
    code = await asyncio.to_thread(perform, settings, "status", [], How())
    assert code is Exit.AWAY
    assert "http://127.0.0.1:9 cannot be reached" in capsys.readouterr().err


async def test_going_back_is_shown_first(people: People) -> None:
    await people.office.delivered("v1", "v2")
    code, said = await shell(people, "dev", "rollback shop dev")
    assert code is Exit.DONE
    assert "Nothing was done yet: add --yes to do it." in said
    code, said = await shell(people, "dev", "rollback shop dev", How(yes=True, wait=True))
    assert code is Exit.DONE
    revision = await people.store.runs.revision("shop", "dev")
    assert revision is not None
    assert revision.plan.rollback_to == 1


async def test_what_is_there_is_told_in_lines(people: People) -> None:
    await people.office.delivered("v1", "v2")
    expected = {
        "status": "v2 v2",
        "revisions shop dev": "v2     v2",
        "runs shop dev": "shop/dev#2  v2  succeeded",
        "show shop/dev#2": "succeeded   hangzhou",
        "diff shop dev v1 v2": "registry.shop.example/web:v1 → registry.shop.example/web:v2",
        "apps": "web, api, queue",
        "envs": "hangzhou → frankfurt",
        "whoami": "dev, a person with the roles developer",
        "deploy shop dev v3 --plan": "shop/dev  v3",
        "lock prod moving --for 2h": "prod is locked by dev: moving",
    }
    for line, part in expected.items():
        code, said = await shell(people, "dev", line)
        assert code is Exit.DONE
        assert part in said, line


def test_nothing_is_told_of_an_empty_list() -> None:
    assert told({"revisions": []}) == ["Nothing."]


def test_which_server_and_who() -> None:
    found = read_remote("", {"SHIPMATE_TOKEN": "sma_x"})
    assert found.server == "http://127.0.0.1:8486"
    assert "sma_x" not in repr(found)
    given = {"SHIPMATE_TOKEN": "sma_x", "SHIPMATE_SERVER": "https://a.example"}
    assert read_remote("", given).server == "https://a.example"
    assert read_remote("https://b.example", given).server == "https://b.example"
    with pytest.raises(SettingsError, match="SHIPMATE_TOKEN is not set"):
        read_remote("", {})
    with pytest.raises(SettingsError, match="expected a URL"):
        read_remote("a.example", {"SHIPMATE_TOKEN": "x"})
