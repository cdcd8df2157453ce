"""Pictures of what people see in every state of a run, on a phone and on a desktop: `make screenshots`.

They are to be looked at by a person and stand in test-results/screenshots, outside of git. No bot is needed: each state is
made by `tests.chat.story` and shown by the sandbox's page, as Slack's renderer sends it.
"""

import asyncio
import re
import shutil
import sys
from pathlib import Path

from playwright.async_api import Page, async_playwright

from bot.chat.message import Message
from bot.chat.presenters import home
from bot.chat.slack import render
from bot.operations.overview import Survey, seen_by
from bot.operations.results import Place
from bot.sandbox import company as people
from bot.sandbox.server import Sandbox
from bot.sandbox.slack.methods import post_message
from tests.chat.story import CATALOG, IDS, SCENES, messages
from tests.scenarios.company import ROOT

FOLDER = ROOT / "test-results" / "screenshots"
SIZES = {"phone": (390, 844), "desktop": (1360, 860)}
CHANNEL = "C04SHOPPROD"


class Studio:
    """Puts messages, a home and forms into a workspace and takes pictures of them."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self._sandbox = sandbox
        self._workspace = sandbox._slack._workspace
        self._folder = folder

    def post(self, message: Message, thread: str = "") -> str:
        """Show a message in #shop-prod, or below one; answer its ts."""
        text, blocks = render.text_and_blocks(message, IDS)
        given = {"channel": CHANNEL, "text": text, "blocks": blocks}
        answer = post_message(
            self._workspace, {**given, **({"thread_ts": thread} if thread else {})}
        )
        return str(answer["ts"])

    def publish(self) -> None:
        """Show sre a home with everything in it."""
        runs = [SCENES[name].run for name in ("waiting for an approval", "rolling out")]
        ended = [SCENES[name].run for name in ("succeeded", "failed", "rejected")]
        survey = Survey(
            places=tuple(
                Place(application="shop", environment=each.environment, revision=None, run=each)
                for each in (*runs, *ended)
            ),
            unfinished=tuple(runs),
            recent=tuple(ended),
        )
        shown = home.home(seen_by(CATALOG.people["sre"], CATALOG, survey), CATALOG)
        self._workspace.publish_home("U03SRE", render.home(shown, IDS))

    async def picture(self, page: Page, name: str, size: str, selector: str) -> None:
        """Take a picture of one thing on the page."""
        found = page.locator(selector).last
        await found.wait_for()
        await found.screenshot(
            path=self._folder / f"{name}-{size}.png", caret="initial", animations="allow"
        )

    async def open(self, page: Page, place: str) -> None:
        """Go somewhere as sre."""
        await page.goto(f"{self._sandbox.url}/?user=sre#/{place}")
        await page.reload()


async def nobody_hears(_: people.User) -> None:
    """Open a home without a bot: what was published stands there."""


async def take(folder: Path) -> None:
    """Take all pictures."""
    sandbox = Sandbox(state=None, port=0, manifest=ROOT / "manifest.yml")
    await sandbox.start()
    setattr(sandbox._slack._interactions, "open_home", nobody_hears)  # noqa: B010 - there is no bot
    studio = Studio(sandbox, folder)
    shown: dict[str, str] = {}
    for name, scene in SCENES.items():
        card, *thread = messages(scene)
        ts = studio.post(card)
        for each in thread:
            studio.post(each, ts)
        shown[re.sub(r"[^a-z]+", "-", name)] = ts
    studio.publish()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("google-chrome"),
            args=["--no-sandbox", "--disable-gpu"],
        )
        for size, (width, height) in SIZES.items():
            page = await browser.new_page(
                viewport={"width": width, "height": height}, has_touch=size == "phone"
            )
            await in_one_size(studio, page, size, shown)
        await browser.close()
    await sandbox.stop()


async def in_one_size(studio: Studio, page: Page, size: str, shown: dict[str, str]) -> None:
    """Take the pictures on one screen."""
    await studio.open(page, people.channel_name(CHANNEL))
    for name, ts in shown.items():
        await studio.picture(page, name, size, f'#main .message[data-ts="{ts}"]')
    for name in ("waiting-for-an-approval", "failed"):
        await studio.open(page, f"{people.channel_name(CHANNEL)}/p/{shown[name]}")
        await page.get_by_role("complementary", name="Thread").wait_for()
        await studio.picture(page, f"{name}-thread", size, "body")
    await studio.open(page, "-/home")
    await page.get_by_role("button", name="Approve").first.wait_for()
    await studio.picture(page, "home", size, "body")


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    asyncio.run(take(FOLDER))
    count = len(list(FOLDER.glob("*.png")))
    sys.stdout.write(f"{count} pictures in {FOLDER.relative_to(ROOT)}\n")
