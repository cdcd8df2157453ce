"""A log stands below its message as one file, whatever Slack does, and holds nothing else up."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.chat.attachments import Places
from bot.chat.ports import Kind, Shown, State
from bot.events import RunId
from bot.sandbox.server import Sandbox
from tests.chat.newsroom import FAILS, LOG, NAME, SUCCEEDS, Doomed, Newsroom
from tests.patience import PATIENCE

FILE = f"≡ {NAME} (300 lines)"
Opened = Callable[..., Awaitable[Newsroom]]


@pytest.fixture
async def opened(sandbox: Sandbox, tmp_path: Path) -> AsyncIterator[Opened]:
    """Open newsrooms."""
    rooms: list[Newsroom] = []

    async def open_one(**settings: float) -> Newsroom:
        rooms.append(Newsroom(sandbox, tmp_path, **settings))
        await rooms[-1].open()
        return rooms[-1]

    yield open_one
    for each in rooms:
        await each.close()


def has_ended(thread: list[str]) -> bool:
    """Say whether the end of the run is told and its file is there."""
    return FILE in thread and "shop/prod#1 failed" in thread[-1]


async def test_a_log_stands_directly_below_what_it_is_of(opened: Opened) -> None:
    room = await opened()
    await room.happens(FAILS)

    thread = await room.reads(lambda found: len(found) == 3)

    assert thread[0].startswith("✗ hangzhou failed: the job failed\n300 tables\n")
    assert thread[1] == FILE
    assert thread[2].startswith("✗ shop/prod#1 failed after")
    (shown,) = [each["files"] for each in await room.thread() if "files" in each]
    size = len(LOG.encode())
    assert shown == [{"name": NAME, "title": "migrate.log", "size": size, "text": LOG}]


async def test_a_job_that_succeeds_leaves_its_log_too(opened: Opened) -> None:
    room = await opened()
    await room.happens(SUCCEEDS)

    thread = await room.reads(lambda found: FILE in found)

    assert thread == ["✓ hangzhou is done. Its last words:\n300 tables\nnothing left to do\n", FILE]


@pytest.mark.parametrize("method", ["files.getUploadURLExternal", "upload"])
async def test_a_file_that_has_to_wait_comes_later_and_once(
    sandbox: Sandbox, opened: Opened, method: str
) -> None:
    sandbox.faults.add("slack", "ratelimited", 1, method=method, retry_after=1)
    sandbox.faults.add("slack", "error", 1, method="upload")
    room = await opened()
    await room.happens(FAILS)

    thread = await room.reads(has_ended)

    assert [FILE in each for each in thread] == [False, True, False]


async def test_files_that_have_to_wait_for_long_hold_up_no_message(
    sandbox: Sandbox, opened: Opened
) -> None:
    sandbox.faults.add("slack", "ratelimited", None, method="upload", retry_after=3600)
    room = await opened(place_kept=0.2)
    await room.happens(FAILS)

    thread = await room.reads(lambda found: len(found) == 2)

    assert "shop/prod#1 failed" in thread[1]
    assert (await room.file_is(State.WAITING)).tries == 0


async def test_a_share_that_slack_took_although_it_says_otherwise_is_not_made_again(
    sandbox: Sandbox, opened: Opened
) -> None:
    sandbox.faults.add("slack", "error", 1, method="files.completeUploadExternal", after=True)
    room = await opened()
    await room.happens(FAILS)

    thread = await room.reads(has_ended)

    assert thread.count(FILE) == 1
    assert (await room.file_is(State.SHOWN)).tries == 1


async def test_a_restart_between_the_share_and_its_appearance_leads_to_one_file(
    sandbox: Sandbox, opened: Opened
) -> None:
    sandbox.files.share_takes = 3.0
    sandbox.faults.add("slack", "error", 1, method="files.completeUploadExternal", after=True)
    room = await opened()
    await room.happens(FAILS)
    await room.file_is(State.POSTING)
    await room.close()

    await room.open()

    thread = await room.reads(has_ended)
    assert thread.count(FILE) == 1
    shown = await room.file_is(State.SHOWN)
    assert (shown.tries, shown.ts) == (1, (await room.thread())[1]["ts"])


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("method", ["upload", "share", "find_file"])
async def test_a_death_at_any_call_leads_to_one_file(
    sandbox: Sandbox, tmp_path: Path, method: str, moment: str
) -> None:
    sandbox.files.share_takes = 0.0
    room = Newsroom(sandbox, tmp_path, patience=0.1)
    gateways: list[Doomed] = []

    def make(client: AsyncWebClient) -> Doomed:
        gateways.append(Doomed(client, method, moment))
        return gateways[-1]

    await room.open(make)
    await room.happens(FAILS)
    async with asyncio.timeout(PATIENCE):
        await gateways[0].stopped.wait()
    await room.close()

    await room.open()
    try:
        thread = await room.reads(has_ended)
        shown = await room.file_is(State.SHOWN)
        assert thread.count(FILE) == 1
        assert shown.ts == (await room.thread())[1]["ts"]
    finally:
        await room.close()


async def test_a_share_that_is_lost_without_a_word_is_made_again(
    sandbox: Sandbox, opened: Opened
) -> None:
    sandbox.faults.add("slack", "error", 1, method="share")
    sandbox.files.share_takes = 0.0
    room = await opened(patience=0.5)
    await room.happens(FAILS)

    thread = await room.reads(has_ended)

    assert thread.count(FILE) == 1
    assert (await room.file_is(State.SHOWN)).tries == 2


async def test_a_share_that_is_lost_every_time_is_given_up_and_spoken_of(
    sandbox: Sandbox, opened: Opened
) -> None:
    sandbox.faults.add("slack", "error", None, method="share")
    room = await opened(patience=0.1)
    await room.happens(FAILS)

    thread = await room.reads(lambda found: len(found) == 2 and "attached" in found[0])

    assert "The log could not be attached. It was accepted and does not appear." in thread[0]
    assert (await room.file_is(State.FAILED)).tries == 3


@pytest.mark.parametrize(
    ("method", "code"),
    [
        ("files.getUploadURLExternal", "storage_limit_reached"),
        ("files.getUploadURLExternal", "file_uploads_disabled"),
        ("files.completeUploadExternal", "not_in_channel"),
    ],
)
async def test_a_refusal_is_said_below_the_message_and_not_tried_again(
    sandbox: Sandbox, opened: Opened, method: str, code: str
) -> None:
    sandbox.faults.add("slack", "error", None, method=method, error=code)
    room = await opened()
    await room.happens(FAILS)

    thread = await room.reads(lambda found: len(found) == 2 and "attached" in found[0])

    said = thread[0].replace("\u200b", "")
    assert said.startswith("✗ hangzhou failed: the job failed\n300 tables\nnothing left to do\n")
    assert f"The log could not be attached. Slack refused: {code}" in said
    assert "shop/prod#1 failed" in thread[1]
    await room.has_nothing_left_to_do()


async def test_an_app_installed_without_the_scope_says_what_it_needs(tmp_path: Path) -> None:
    scopes = "[channels:history, channels:read, chat:write, users:read, users:read.email]"
    manifest = tmp_path / "manifest.yml"
    manifest.write_text(f"oauth_config: {{scopes: {{bot: {scopes}}}}}", encoding="utf-8")
    sandbox = Sandbox(state=None, port=0, manifest=manifest)
    await sandbox.start()
    room = Newsroom(sandbox, tmp_path)
    await room.open()
    try:
        await room.happens(SUCCEEDS)
        (said,) = await room.reads(lambda found: bool(found) and "attached" in found[0])
    finally:
        await room.close()
        await sandbox.stop()

    assert "(the app needs the scope files:write)" in said


async def test_the_log_of_the_bot_never_holds_what_is_in_a_file(
    sandbox: Sandbox, opened: Opened, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="bot")
    sandbox.faults.add("slack", "error", 1, method="upload")
    sandbox.faults.add("slack", "error", 1, method="files.completeUploadExternal", after=True)
    room = await opened()
    await room.happens(SUCCEEDS)
    await room.file_is(State.SHOWN)

    assert "waits 2.0 s: Slack's file host stumbled: HTTP 500" in caplog.text
    assert "migrating a table" not in caplog.text


def test_a_place_is_kept_from_when_its_message_stands_there_and_for_a_moment() -> None:
    told = Shown(
        key="one/event/5", run=RunId("one"), kind=Kind.EVENT, chat="slack", channel="C", number=5
    )
    file = replace(told, key="one/file/5", kind=Kind.FILE)
    later = replace(told, key="one/event/6", number=6)
    notice = replace(told, key="one/notice/x", kind=Kind.NOTICE)
    other = replace(told, key="two/event/1", run=RunId("two"))
    edited = replace(later, key="one/event/7", ts="1.1")
    places = Places(5.0)

    assert places.held([told, file, later, notice, other, edited], 100.0) == {later.key: 5.0}
    assert places.held([file, later, notice, other], 200.0) == {later.key: 5.0}
    assert places.held([file, later], 203.0) == {later.key: 2.0}
    assert places.held([file, later], 206.0) == {}
    assert places.held([later], 207.0) == {}
