"""Chromium on the page of a whole company, and pictures of what it showed in test-results/."""

import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, ConsoleMessage, Request, async_playwright

from tests.browser.person import Person
from tests.scenarios.company import ROOT, Company

PICTURES = ROOT / "test-results"


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Start Chromium; without one the test is skipped, and in CI it fails."""
    found = shutil.which("chromium") or shutil.which("google-chrome")
    if found is None and not os.environ.get("CI"):  # noqa: TID251 - as tests/system-packages decides
        pytest.skip("there is no Chromium on this machine (tests/system-packages says why)")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=found, args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        await browser.close()


@pytest.fixture
async def slow_company(tmp_path: Path) -> AsyncIterator[Company]:
    """A company whose pods take as long as a person needs to see them come."""
    made = Company(tmp_path / "state", ROOT / "workflows", speed=1.5)
    await made.open()
    yield made
    await made.close()


@pytest.fixture
async def people(browser: Browser, slow_company: Company) -> AsyncIterator["People"]:
    """Open windows for people; afterwards no window has complained or asked anyone outside."""
    made = People(browser, slow_company)
    yield made
    await made.close()


class Windows:
    """Opens a window for each person."""

    def __init__(self, browser: Browser, url: str) -> None:
        self._browser = browser
        self._url = url
        self.opened: list[Person] = []
        self.complaints: list[str] = []

    async def close(self) -> None:
        """Close all; no window has complained or asked anyone outside."""
        for each in self.opened:
            await each.page.context.close()
        assert self.complaints == []

    async def open(self, name: str, *, phone: bool = False, dark: bool = False) -> Person:
        """Open the page as someone, on a desktop or on a phone."""
        size = {"width": 390, "height": 844} if phone else {"width": 1360, "height": 860}
        context = await self._browser.new_context(
            viewport={"width": size["width"], "height": size["height"]},
            has_touch=phone,
            color_scheme="dark" if dark else "light",
        )
        page = await context.new_page()
        page.set_default_timeout(150_000)
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._see)
        PICTURES.mkdir(exist_ok=True)
        person = Person(page, name, PICTURES)
        self.opened.append(person)
        await page.goto(f"{self._url}/?user={name}#/shop-prod")
        await person.composer().wait_for()
        return person

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    def _see(self, request: Request) -> None:
        if not request.url.startswith((self._url, "data:")):
            self.complaints.append(f"the page asked {request.url}")


class People(Windows):
    """The windows of people who work with a bot."""

    def __init__(self, browser: Browser, company: Company) -> None:
        super().__init__(browser, company.sandbox.url)
        self.company = company
