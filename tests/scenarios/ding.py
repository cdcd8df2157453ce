"""A company that is in DingTalk, too: what people type, press and read there."""

import asyncio
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
from typing_extensions import override

from bot.sandbox.dingtalk import organization
from bot.settings import Secret, Settings, SlackSettings
from tests.patience import PATIENCE
from tests.scenarios.company import ROOT, Company

Json = dict[str, Any]
GROUP = "shop-prod"
ALONE = "shipmate"
WORKFLOW = """\
apiVersion: core.oam.dev/v1alpha1
kind: Workflow
metadata:
  name: workflow-prod
  labels: {app.oam.dev/name: shop, app.oam.dev/env-name: prod}
steps:
  - {name: approval, type: suspend, properties: {message: "Ready?"}}
  - {name: done, type: print-message-in-status, properties: {message: it went through}}
"""
HIDDEN = "\u200b"
"""What breaks up signs that would mean something: nobody sees it."""


class DingCompany(Company):
    """A company with the bot in both chats."""

    dingtalk = True

    async def ask(self, user: str, text: str, conversation: str = GROUP) -> Json:
        """Type something in DingTalk."""
        said = f"@shipmate {text}" if conversation == GROUP else text
        return await self.control(
            "/control/dingtalk/say", user=user, conversation=conversation, text=said, wait=False
        )

    async def press(self, user: str, button: str, message: Json, conversation: str = GROUP) -> Json:
        """Press a button in DingTalk."""
        return await self.control(
            "/control/dingtalk/click",
            user=user,
            conversation=conversation,
            id=message["id"],
            button=button,
            wait=False,
        )

    async def seen(self, conversation: str = GROUP, viewer: str = "") -> list[Json]:
        """Answer what stands in a conversation, as someone sees it."""
        params = {"conversation": conversation, **({"viewer": viewer} if viewer else {})}
        async with httpx.AsyncClient(base_url=self.sandbox.url) as client:
            answer = await client.get("/control/dingtalk/messages", params=params, timeout=PATIENCE)
        found: list[Json] = answer.json()["messages"]
        return [
            {**each, "text": each["text"].replace(HIDDEN, "").replace("**", "")} for each in found
        ]

    async def ding(
        self,
        says: str,
        *,
        offers: str = "",
        lacks: str = "",
        conversation: str = GROUP,
        viewer: str = "",
    ) -> Json:
        """Wait for a message of the bot's that says something, and offers a button or lacks one."""

        def fits(message: Json) -> bool:
            there = message["buttons"]
            return (
                message["user"] == organization.ROBOT_NAME
                and says in message["text"]
                and (not offers or offers in there)
                and (not lacks or lacks not in there)
            )

        return await self._wait(fits, conversation, viewer, says)

    async def ding_card(self, run: str, *, says: str = "", offers: str = "") -> Json:
        """Wait for the card of a run in the group."""

        def fits(message: Json) -> bool:
            return (
                message["kind"] == "card"
                and "→" in message["text"]
                and run in message["text"]
                and says in message["text"]
                and (not offers or offers in message["buttons"])
            )

        return await self._wait(fits, GROUP, "", f"the card of {run} with {says} {offers}")

    async def told(self, user: str, says: str) -> Json:
        """Wait for something that the robot says to one person alone."""
        return await self.ding(says, conversation=ALONE, viewer=user)

    async def _wait(
        self, fits: Callable[[Json], bool], conversation: str, viewer: str, what: str
    ) -> Json:
        found: list[Json] = []
        try:
            async with asyncio.timeout(40):
                while True:
                    found = await self.seen(conversation, viewer)
                    for message in reversed(found):
                        if fits(message):
                            return message
                    await asyncio.sleep(0.05)
        except TimeoutError:
            said = [(each["text"], each["buttons"]) for each in found[-5:]]
            raise AssertionError(f"expected {what!r}; there was {said}") from None


class DingOnly(DingCompany):
    """A company whose bot is in DingTalk alone."""

    @override
    def settings(self) -> Settings:
        nothing = SlackSettings(bot_token=Secret(""), app_token=Secret(""))
        return replace(super().settings(), slack=nothing)


def gated(folder: Path, *, people: int = 1) -> Path:
    """Make workflows in which production asks for the yes of so many people of sre, and does nothing else."""
    workflows = folder / "workflows"
    shutil.copytree(ROOT / "workflows", workflows)
    (workflows / "shop" / "workflow-prod.yaml").write_text(WORKFLOW, encoding="utf-8")
    rules = f"  approvals: [{{role: sre, count: {people}}}]"
    prod = workflows / "environments" / "prod.yaml"
    given = prod.read_text(encoding="utf-8")
    prod.write_text(given.replace("  approvers: [sre]", rules), encoding="utf-8")
    return workflows
