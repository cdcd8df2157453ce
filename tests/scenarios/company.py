"""A whole company for a test: the sandbox and the bot against it, and words to tell a conversation in."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx

from bot.bootstrap.shipmate import Shipmate
from bot.clock import Clock, SystemClock
from bot.demo.transcript import Transcript
from bot.demo.world import Message, World
from bot.sandbox.server import Sandbox
from bot.serving import pointed_at
from bot.settings import DingTalkSettings, Settings, read
from tests.patience import PATIENCE

ROOT = Path(__file__).parents[2]
PROD = "shop-prod"


class Company:
    """People, channels and clusters, and a bot that can be stopped and started."""

    dingtalk = False
    """Whether the bot is connected to DingTalk beside Slack."""
    http = False
    """Whether it serves its API, health and metrics: most conversations need none of that."""

    def __init__(self, folder: Path, workflows: Path, *, speed: float = 8.0) -> None:
        self.folder = folder
        self.workflows = workflows
        self.sandbox = Sandbox(state=folder, port=0, manifest=ROOT / "manifest.yml", speed=speed)
        self.bot: Shipmate | None = None
        self.clock: Clock = SystemClock()
        """The bot's, from its next start on."""

    async def open(self) -> None:
        await self.open_world()
        await self.start_bot()

    async def open_world(self) -> None:
        """Bring up everything but the bot."""
        await self.sandbox.start()
        self.world = World(self.sandbox.url, patience=PATIENCE)
        names = {each["id"]: each["name"] for each in (await self.world.state())["slack"]["users"]}
        self.transcript = Transcript(names)

    async def close(self) -> None:
        await self.stop_bot()
        await self.world.close()
        await self.sandbox.stop()

    async def start_bot(self) -> None:
        self.bot = Shipmate(self.settings(), clock=self.clock)
        await self.bot.start()
        await self.bot.connected()
        self.sandbox.mark_ready(ready=True)

    def settings(self) -> Settings:
        """Answer the bot's settings."""
        given = {
            "SHIPMATE_LANGUAGE": "en",
            **({} if self.http else {"SHIPMATE_HTTP_LISTEN": "off"}),
        }
        settings = replace(read(given), state=self.folder, workflows=self.workflows)
        settings = pointed_at(self.sandbox, settings)
        return settings if self.dingtalk else replace(settings, dingtalk=DingTalkSettings())

    async def stop_bot(self) -> None:
        if self.bot is not None:
            await self.bot.stop()
            self.bot = None

    async def says(self, user: str, text: str, channel: str = PROD) -> str:
        """Type something; answer what only that person sees, as text."""
        answer = await self.world.say(user, channel, text)
        return self.read(*answer["messages"])

    async def presses(self, user: str, button: str, message: Message, channel: str = PROD) -> str:
        """Press a button; answer what only that person sees, as text."""
        answer = await self.world.click(user, channel, message["ts"], button)
        return self.read(*answer["messages"])

    async def asks(self, user: str, text: str, channel: str = PROD) -> str:
        """Type something that is answered privately, and wait for the answer however slow the machine is."""
        return self.read(await self.answer(user, text, channel))

    async def answer(self, user: str, text: str, channel: str = PROD) -> Message:
        """Type something that is answered privately; wait for the answer and give it, to be pressed on."""
        return await self._told(user, channel, lambda: self.says(user, text, channel))

    async def is_told(self, user: str, button: str, message: Message, channel: str = PROD) -> str:
        """Press a button that is answered privately, and wait for the answer."""
        return self.read(await self.reply(user, button, message, channel))

    async def reply(self, user: str, button: str, message: Message, channel: str = PROD) -> Message:
        """Press a button that is answered privately; wait for the answer and give it, to be pressed on."""
        return await self._told(user, channel, lambda: self.presses(user, button, message, channel))

    async def _told(self, user: str, channel: str, does: Callable[[], Awaitable[str]]) -> Message:
        before = {each["ts"] for each in await self._private(user, channel)}
        await does()
        async with asyncio.timeout(PATIENCE):
            while True:
                found = await self._private(user, channel)
                fresh = [each for each in found if each["ts"] not in before]
                if fresh:
                    return fresh[-1]
                await asyncio.sleep(0.1)

    async def _private(self, user: str, channel: str) -> list[Message]:
        found = await self.world.messages(channel, viewer=user)
        return [each for each in found if each["ephemeral"]]

    def read(self, *messages: Message) -> str:
        """Answer messages as a person reads them."""
        return "\n".join(self.transcript.text_of(each) for each in messages)

    async def card(
        self, run: str, *, says: str = "", offers: str = "", channel: str = PROD
    ) -> Message:
        """Wait for the card of a run that says something and offers a button."""
        return await self.world.wait_for(
            f"a card of {run} that says {says!r} and offers {offers!r}",
            channel,
            lambda message: (
                run in self.read(message)
                and says in self.read(message)
                and (not offers or offers in message["buttons"])
            ),
        )

    async def thread(self, card: Message, channel: str = PROD) -> list[str]:
        """Answer what stands below a card, as text."""
        found = await self.world.messages(channel, thread=card["ts"])
        return [self.read(each) for each in found[1:]]

    async def in_thread(self, card: Message, text: str, channel: str = PROD) -> Message:
        """Wait for a message below a card."""
        return await self.world.wait_for(
            f"a message with {text!r} in the thread",
            channel,
            lambda message: message["ts"] != card["ts"] and text in self.read(message),
            thread=card["ts"],
        )

    async def images(self, cluster: str, namespace: str = PROD) -> dict[str, str]:
        """Answer the tag of each Deployment's image."""
        return {
            each["name"]: each["image"].partition("@")[0].rpartition(":")[2]
            for each in await self.world.objects(cluster)
            if each["kind"] == "Deployment" and each["namespace"] == namespace
        }

    async def object(
        self,
        cluster: str,
        path: str,
        method: str = "GET",
        body: Any = None,
        kind: str = "application/merge-patch+json",
    ) -> dict[str, Any]:
        """Ask an API server about an object, as kubectl would."""
        async with httpx.AsyncClient(base_url=f"{self.sandbox.url}/clusters/{cluster}") as client:
            headers = {"Content-Type": kind}
            answer = await client.request(
                method, path, json=body, headers=headers, timeout=PATIENCE
            )
        found: dict[str, Any] = answer.json()
        assert answer.status_code < 300, found
        return found

    async def fault(self, target: str, fault: str, times: int | None = 1, **details: Any) -> None:
        """Make the outside world fail."""
        self.sandbox.faults.add(target, fault, times, **details)

    async def control(self, path: str, **body: Any) -> dict[str, Any]:
        """Make a call of the control API that the demo has no word for."""
        async with httpx.AsyncClient(base_url=self.sandbox.url) as client:
            answer = await client.post(path, json=body, timeout=PATIENCE)
        found: dict[str, Any] = answer.json()
        assert answer.status_code == 200, found
        return found

    async def view(self, user: str, says: str = "") -> dict[str, Any] | None:
        """Answer the form that someone has open, once it says something; None when there is none."""
        async with (
            httpx.AsyncClient(base_url=self.sandbox.url) as client,
            asyncio.timeout(PATIENCE),
        ):
            while True:
                answer = await client.get(
                    "/control/slack/view", params={"user": user}, timeout=PATIENCE
                )
                found: dict[str, Any] | None = answer.json()["view"]
                if not says or says in str(found):
                    return found
                await asyncio.sleep(0.1)

    async def home(self, user: str) -> str:
        """Open the App Home of someone; answer its view as text."""
        async with httpx.AsyncClient(base_url=self.sandbox.url) as client:
            answer = await client.get(
                "/control/slack/home", params={"user": user}, timeout=PATIENCE
            )
        return str(answer.json()["view"])

    async def reconnected(self) -> None:
        """Wait until the sandbox and the bot agree that a socket is open."""
        self.sandbox.mark_ready(ready=True)
        async with asyncio.timeout(PATIENCE):
            while not (await self.world.state())["ready"]:  # noqa: ASYNC110 - over HTTP there is no event
                await asyncio.sleep(0.05)
