"""Files by Slack's own client: uploaded, shown some time later, read again, and every mistake that can be made."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from slack_sdk.errors import SlackApiError, SlackRequestError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.server import Sandbox
from tests.patience import PATIENCE
from tests.sandbox.slack.conftest import Clients
from tests.sandbox.slack.test_web_api import PROD, refused

LOG = "\n".join(f"line {number} ✓" for number in range(1, 41))
Call = Callable[[AsyncWebClient, str], Awaitable[Any]]
Files = list[dict[str, Any]]


@pytest.fixture
async def permissive(tmp_path: Path) -> AsyncIterator[Sandbox]:
    """Bring up a sandbox whose app has every scope, `files:read` too."""
    made = Sandbox(state=tmp_path / "permissive", port=0)
    await made.start()
    yield made
    await made.stop()


async def shown(slack: AsyncWebClient, thread: str, count: int = 1) -> Files:
    """Wait for the messages below a message that show files."""
    async with asyncio.timeout(PATIENCE):
        while True:
            answer = await slack.conversations_replies(channel=PROD, ts=thread)
            found = [each for each in answer["messages"] if each.get("files")]
            if len(found) >= count:
                return found
            await asyncio.sleep(0.1)


async def uploaded(slack: AsyncWebClient, content: str = LOG) -> str:
    """Upload a file that nobody sees yet."""
    opened = await slack.files_getUploadURLExternal(
        filename="a.log", length=len(content.encode()), snippet_type="text"
    )
    async with httpx.AsyncClient() as client:
        answer = await client.post(opened["upload_url"], content=content.encode())
    assert answer.text == f"OK - {len(content.encode())}"
    return str(opened["file_id"])


async def test_a_file_appears_in_the_thread_some_time_after_it_was_taken(
    sandbox: Sandbox, slack: AsyncWebClient
) -> None:
    sandbox.files.share_takes = 3600
    card = await slack.chat_postMessage(channel=PROD, text="the card")
    answer = await slack.files_upload_v2(
        filename="a.log", content=LOG, channel=PROD, thread_ts=card["ts"]
    )
    assert answer["files"][0]["shares"] == {}
    thread = await slack.conversations_replies(channel=PROD, ts=card["ts"])
    assert len(thread["messages"]) == 1

    sandbox.files.share_takes = 0.01
    await slack.files_upload_v2(
        filename="b.log",
        title="What b said",
        content=LOG,
        channel=PROD,
        thread_ts=card["ts"],
        initial_comment="here it is",
    )

    (message,) = await shown(slack, card["ts"])
    (file,) = message["files"]
    assert (message["text"], message["thread_ts"]) == ("here it is", card["ts"])
    assert "subtype" not in message
    assert (file["name"], file["title"]) == ("b.log", "What b said")
    assert (file["mode"], file["mimetype"], file["size"]) == (
        "snippet",
        "text/plain",
        len(LOG.encode()),
    )
    assert file["preview"] == "\n".join(LOG.splitlines()[:5])
    assert (file["lines"], file["lines_more"]) == (40, 35)
    history = await slack.conversations_history(channel=PROD)
    assert [each["reply_count"] for each in history["messages"]] == [1]


async def test_whoever_may_read_files_reads_one(permissive: Sandbox) -> None:
    slack = AsyncWebClient(token=permissive.slack_bot_token, base_url=permissive.slack_api_url)
    card = await slack.chat_postMessage(channel=PROD, text="the card")
    await slack.files_upload_v2(filename="a.log", content=LOG, channel=PROD, thread_ts=card["ts"])
    (message,) = await shown(slack, card["ts"])
    mine = {"Authorization": f"Bearer {permissive.slack_bot_token}"}

    async with httpx.AsyncClient() as client:
        read = await client.get(message["files"][0]["url_private"], headers=mine)
        saved = await client.get(message["files"][0]["url_private_download"], headers=mine)
        nobody = await client.get(message["files"][0]["url_private"])

    assert (read.text, saved.text) == (LOG, LOG)
    assert saved.headers["content-disposition"] == "attachment"
    assert nobody.status_code == 302


async def test_an_app_that_may_only_write_files_reads_none(
    sandbox: Sandbox, slack: AsyncWebClient
) -> None:
    card = await slack.chat_postMessage(channel=PROD, text="the card")
    await slack.files_upload_v2(filename="a.log", content=LOG, channel=PROD, thread_ts=card["ts"])
    (message,) = await shown(slack, card["ts"])

    async with httpx.AsyncClient(follow_redirects=True) as client:
        answer = await client.get(
            message["files"][0]["url_private"],
            headers={"Authorization": f"Bearer {sandbox.slack_bot_token}"},
        )

    assert "line 1" not in answer.text
    assert "<!doctype html>" in answer.text  # as Slack, which shows its page to sign in


async def test_a_file_sent_as_a_form_is_taken(slack: AsyncWebClient) -> None:
    opened = await slack.files_getUploadURLExternal(filename="a.log", length=len(LOG.encode()))

    async with httpx.AsyncClient() as client:
        form = {"file": ("a.log", LOG.encode(), "application/octet-stream")}
        answer = await client.post(opened["upload_url"], files=form)

    assert (answer.status_code, answer.text) == (200, f"OK - {len(LOG.encode())}")


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (
            lambda slack, _: slack.files_getUploadURLExternal(filename="a", length=0),
            "missing_argument",
        ),
        (
            lambda slack, _: slack.files_getUploadURLExternal(filename="", length=1),
            "invalid_arguments",
        ),
        (
            lambda slack, _: slack.files_getUploadURLExternal(
                filename="a", length=1_000_001, snippet_type="text"
            ),
            "snippet_too_large",
        ),
        (
            lambda slack, _: slack.files_getUploadURLExternal(
                filename="a", length=1, snippet_type="shipmate"
            ),
            "unknown_snippet_type",
        ),
        (
            lambda slack, _: slack.files_getUploadURLExternal(filename="a", length=2_000_000_000),
            "file_upload_size_restricted",
        ),
        (
            lambda slack, _: slack.files_completeUploadExternal(files=[{"id": "F0"}]),
            "file_not_found",
        ),
        (lambda slack, _: slack.files_completeUploadExternal(files=[]), "invalid_arguments"),
        (
            lambda slack, file: slack.files_completeUploadExternal(
                files=[{"id": file}], channel_id="shop-prod"
            ),
            "invalid_arguments",
        ),
        (
            lambda slack, file: slack.files_completeUploadExternal(
                files=[{"id": file}], channel_id="C0NOWHERE"
            ),
            "channel_not_found",
        ),
    ],
)
async def test_a_mistake_with_a_file_has_slacks_word_for_it(
    slack: AsyncWebClient, call: Call, error: str
) -> None:
    file = await uploaded(slack)
    assert (await refused(call(slack, file)))["error"] == error


async def test_a_file_is_completed_once_and_not_before_its_bytes_are_there(
    slack: AsyncWebClient,
) -> None:
    empty = await slack.files_getUploadURLExternal(filename="a.log", length=3)
    too_early = slack.files_completeUploadExternal(files=[{"id": empty["file_id"]}])
    assert (await refused(too_early))["error"] == "file_not_found"
    async with httpx.AsyncClient() as client:
        assert (await client.post(empty["upload_url"], content=b"four")).status_code == 400
        assert (await client.post(empty["upload_url"] + "x", content=b"abc")).status_code == 404

    file = await uploaded(slack)
    await slack.files_completeUploadExternal(files=[{"id": file}], channel_id=PROD)
    again = slack.files_completeUploadExternal(files=[{"id": file}], channel_id=PROD)
    assert (await refused(again))["error"] == "file_not_found"


async def test_uploading_needs_its_scope(tmp_path: Path, with_token: Clients) -> None:
    manifest = tmp_path / "manifest.yml"
    manifest.write_text("oauth_config: {scopes: {bot: [chat:write]}}", encoding="utf-8")
    sandbox = Sandbox(state=None, port=0, manifest=manifest)
    await sandbox.start()
    slack = AsyncWebClient(token=sandbox.slack_bot_token, base_url=sandbox.slack_api_url)
    try:
        answer = await refused(slack.files_getUploadURLExternal(filename="a", length=1))
    finally:
        await sandbox.stop()

    assert (answer["error"], answer["needed"]) == ("missing_scope", "files:write")


async def test_the_file_host_fails_when_it_is_told_to(
    sandbox: Sandbox, slack: AsyncWebClient
) -> None:
    card = await slack.chat_postMessage(channel=PROD, text="the card")

    async def upload(name: str) -> Any:
        return await slack.files_upload_v2(
            filename=name, content=LOG, channel=PROD, thread_ts=card["ts"]
        )

    sandbox.faults.add("slack", "error", 1, method="upload")
    with pytest.raises(SlackRequestError, match="status: 500"):
        await upload("broken.log")
    sandbox.faults.add("slack", "ratelimited", 1, method="upload", retry_after=7)
    with pytest.raises(SlackRequestError, match="status: 429"):
        await upload("limited.log")
    sandbox.faults.add("slack", "error", 1, method="files.completeUploadExternal", after=True)
    with pytest.raises(SlackApiError, match="internal_error"):
        await upload("taken.log")
    await shown(slack, card["ts"])
    sandbox.faults.add("slack", "error", 1, method="share")
    assert (await upload("lost.log"))["ok"]
    await upload("last.log")

    found = await shown(slack, card["ts"], 2)
    assert [each["files"][0]["name"] for each in found] == ["taken.log", "last.log"]


async def test_a_share_that_was_accepted_survives_a_restart(tmp_path: Path) -> None:
    first = Sandbox(state=tmp_path, port=0)
    first.files.share_takes = 3600
    await first.start()
    slack = AsyncWebClient(token=first.slack_bot_token, base_url=first.slack_api_url)
    card = await slack.chat_postMessage(channel=PROD, text="the card")
    await slack.files_upload_v2(filename="a.log", content=LOG, channel=PROD, thread_ts=card["ts"])
    await first.stop()

    again = Sandbox(state=tmp_path, port=0)
    await again.start()
    slack = AsyncWebClient(token=again.slack_bot_token, base_url=again.slack_api_url)
    try:
        (message,) = await shown(slack, card["ts"])
        async with httpx.AsyncClient(base_url=again.url) as client:
            query = {"channel": "shop-prod", "thread_ts": card["ts"]}
            seen = (await client.get("/control/slack/messages", params=query)).json()["messages"]
    finally:
        await again.stop()

    assert message["files"][0]["name"] == "a.log"
    assert "files" not in seen[0]
    size = len(LOG.encode())
    assert seen[1]["files"] == [{"name": "a.log", "title": "a.log", "size": size, "text": LOG}]
