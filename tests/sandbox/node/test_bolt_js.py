"""A small app of `@slack/bolt` for Node.js against the sandbox, over sockets and by HTTP: the same conversation."""

import asyncio
import json
import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NoReturn

import pytest

from bot.sandbox.server import Sandbox
from tests.patience import PATIENCE
from tests.sandbox.slack.conftest import People

pytestmark = pytest.mark.node
SECRET = Sandbox.slack_signing_secret
HERE = Path(__file__).parent
Json = dict[str, Any]
AWAY = ("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "ENETUNREACH")
"""What npm says of a registry that is away: no mistake of ours, and no reason to stop a change, in CI neither."""


def unavailable(why: str) -> NoReturn:
    """Skip, or fail in CI, which skips nothing."""
    if os.environ.get("CI"):  # noqa: TID251 - as tests/system-packages decides
        pytest.fail(f"CI must not skip this: {why}")
    pytest.skip(why)


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """Install the app beside Bolt, outside of the repository."""
    npm = shutil.which("npm")
    if not npm or not shutil.which("node"):
        unavailable("there is no Node.js on this machine (tests/system-packages says why)")
    folder = tmp_path / "node"
    folder.mkdir()
    for name in ("package.json", "app.js"):
        shutil.copy(HERE / name, folder)
    options = [
        "--no-package-lock",
        "--no-audit",
        "--no-fund",
        "--ignore-scripts",
        "--prefer-offline",
    ]
    try:
        done = subprocess.run(
            [npm, "install", *options],
            cwd=folder,
            check=False,
            timeout=PATIENCE,
            capture_output=True,
            text=True,
        )
    except subprocess.TimeoutExpired:
        pytest.skip("npm's registry does not answer")
    if any(each in done.stderr for each in AWAY):
        pytest.skip("npm's registry cannot be reached")
    if done.returncode:
        unavailable(f"Bolt for JavaScript could not be installed: {done.stderr[-300:]}")
    return folder


class App:
    """The app as a process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    async def heard(self, what: str) -> Json:
        """Wait until it has heard something."""
        assert self.process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            while line := await self.process.stdout.readline():
                found: Json = json.loads(line)
                if found["what"] == what:
                    return found
        raise AssertionError(f"the app ended before it heard a {what}")


@asynccontextmanager
async def running(folder: Path, sandbox: Sandbox, people: People, **way: str) -> AsyncIterator[App]:
    """Have the app run, over sockets or by HTTP."""
    environment = {
        "PATH": os.environ["PATH"],  # noqa: TID251 - to find node, and nothing else of ours
        "SLACK_API_URL": sandbox.slack_api_url,
        "SLACK_BOT_TOKEN": sandbox.slack_bot_token,
        **way,
    }
    process = await asyncio.create_subprocess_exec(
        "node", "app.js", cwd=folder, env=environment, stdout=asyncio.subprocess.PIPE
    )
    made = App(process)
    try:
        port = (await made.heard("ready"))["port"]
        if port:
            url = f"http://127.0.0.1:{port}/slack/events"
            assert (await people.do("slack/request-url", url=url)) == {"ok": True}
        yield made
    finally:
        process.kill()
        await process.wait()


async def test_the_sandbox_is_slack_to_bolt_for_javascript(
    installed: Path, sandbox: Sandbox, people: People
) -> None:
    """One test for both ways, so that Bolt is installed once."""
    ways = ({"SLACK_APP_TOKEN": sandbox.slack_app_token}, {"SLACK_SIGNING_SECRET": SECRET})
    for way in ways:
        async with running(installed, sandbox, people, **way) as app:
            await converses(app, people)


async def converses(app: App, people: People) -> None:
    """Use everything that the app has, and see what comes of it."""

    async def sends(view: str, reason: str) -> Json:
        values = {"Reason": reason}
        return await people.do("slack/submit", user="dev", view_id=view, values=values, wait=False)

    opened = await people.do("slack/say", user="dev", channel="general", text="/deploy shop v1")
    assert (await app.heard("command"))["text"] == "shop v1"
    view = opened["view"]["id"]
    assert await sends(view, "because") == {"ok": False, "errors": {"reason": "Say why."}}
    second = (await sends(view, "again"))["view"]
    assert second["previous_view_id"] == view
    assert (await sends(second["id"], "a good reason"))["response_action"] == "clear"
    await app.heard("form")

    said = await people.do("slack/say", user="dev", channel="D01DEV", text="hello")
    await app.heard("message")
    answer = (await people.see("slack/messages", channel="D01DEV"))["messages"][-1]
    assert (answer["text"], answer["buttons"]) == ("You said hello", ["Press"])
    await people.do("slack/click", user="dev", channel="D01DEV", ts=answer["ts"], button="Press")
    await app.heard("action")
    answer = (await people.see("slack/messages", channel="D01DEV"))["messages"][-1]
    assert answer["text"] == "U01DEV pressed hello"

    told = await people.do(
        "slack/shortcut", user="dev", channel="D01DEV", ts=said["ts"], shortcut="Run actions"
    )
    assert [each["text"] for each in told["messages"]] == ["about hello"]
    assert (await app.heard("shortcut"))["ts"] == said["ts"]
    mine = (await people.see("slack/messages", channel="general", viewer="dev"))["messages"]
    assert mine[-1]["text"] == "Thanks for a good reason"
