"""Someone in front of the page."""

from pathlib import Path
from re import compile as pattern

from playwright.async_api import Locator, Page, expect


class Person:
    """What a person does and sees, in their words."""

    def __init__(self, page: Page, name: str, pictures: Path) -> None:
        self.page = page
        self.name = name
        self._pictures = pictures

    def composer(self, channel: str = "shop-prod") -> Locator:
        """Where messages to a channel are typed."""
        return self.page.get_by_role("combobox", name=f"Message #{channel}")

    def messages(self) -> Locator:
        """The messages of the channel."""
        return self.page.locator("#main .message")

    def message(self, text: str) -> Locator:
        """The newest message of the channel that says something."""
        return self.messages().filter(has_text=text).last

    def card(self, run: str) -> Locator:
        """The card of a run."""
        return self.messages().filter(has_text=run).filter(has_text="→").first

    def thread(self) -> Locator:
        """The thread beside or in front of the channel."""
        return self.page.get_by_role("complementary", name="Thread")

    def dialog(self) -> Locator:
        """The form or the question in front of everything."""
        return self.page.get_by_role("dialog")

    async def types(self, text: str, channel: str = "shop-prod") -> None:
        """Type with the keyboard and press Enter."""
        await self.composer(channel).click()
        await self.page.keyboard.type(text)
        await self.page.keyboard.press("Enter")

    async def presses(self, button: str, within: Locator) -> None:
        """Press a button with the mouse."""
        await within.get_by_role("button").filter(has_text=pattern(f"^{button}$")).first.click()

    async def becomes(self, name: str) -> None:
        """Become someone else, by the keyboard alone."""
        await self.page.get_by_role("button", name=f"You are {self.name}").focus()
        await self.page.keyboard.press("Enter")
        menu = self.page.get_by_role("menu")
        wanted = menu.get_by_role("menuitemradio", name=pattern(f"^{name}\\b"))
        while not await wanted.evaluate("node => node === document.activeElement"):
            await self.page.keyboard.press("ArrowDown")
        await self.page.keyboard.press("Enter")
        self.name = name
        await self.page.get_by_role("button", name=f"You are {name}").wait_for()

    async def goes_to(self, place: str) -> None:
        """Go to a channel or a page by its link; one in DingTalk is called so."""
        name = pattern(f"^{place}(?! in DingTalk)")
        await self.page.get_by_role("navigation").get_by_role("link", name=name).click()

    async def sees(self, where: Locator, *texts: str) -> None:
        """Wait until something says all of these."""
        for each in texts:
            await expect(where).to_contain_text(each, timeout=150_000)

    async def takes_a_picture(self, name: str) -> None:
        """Keep what is shown."""
        # By default Playwright writes styles into the page to hide the caret, which the page's policy forbids.
        await self.page.screenshot(
            path=self._pictures / f"{name}.png", caret="initial", animations="allow"
        )
