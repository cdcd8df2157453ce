"""The conversation: a deployment with an approval, a second one that is approved in DingTalk, a rollback, and a rejection.

Each part checks what a person would check, and raises `DemoError` at the first thing that is otherwise.
"""

import asyncio

from bot.demo.transcript import Transcript
from bot.demo.world import DemoError, Message, World

CHANNEL = "shop-prod"


async def play(url: str) -> None:
    """Play the whole conversation against the sandbox at `url` and print it.

    Raises DemoError when something goes otherwise.
    """
    world = World(url)
    try:
        state = await world.state()
        names = {each["id"]: each["name"] for each in state["slack"]["users"]}
        demo = Demo(world, Transcript(names))
        await demo.deploy_with_approval()
        await demo.deploy_again()
        await demo.roll_back()
        await demo.reject()
        await demo.show_clusters([each["name"] for each in state["clusters"]])
    finally:
        await world.close()


class Demo:
    """The parts of the conversation, in order."""

    def __init__(self, world: World, transcript: Transcript) -> None:
        self._world = world
        self._told = transcript

    async def deploy_with_approval(self) -> None:
        """Deploy a first version; someone who may not approves in vain, two who may press at once."""
        self._told.heading("A first deployment")
        await self._say("dev", "/deploy shop prod v1.4.2")
        card = await self._card("#1", "waits for an approval", "Approve")
        request = await self._request(card)
        refused = await self._click("guest", request, "Approve")
        _expect("the guest is told why not", "sre", refused)
        first, second = await asyncio.gather(
            self._world.click("sre", CHANNEL, request["ts"], "Approve"),
            self._world.click("sre2", CHANNEL, request["ts"], "Approve"),
        )
        self._told.said("sre", CHANNEL, "presses [Approve]")
        self._told.said("sre2", CHANNEL, "presses [Approve] at the same moment")
        late = [*first["messages"], *second["messages"]]
        self._told.private("the later one", late)
        if len(late) != 1:
            raise DemoError(f"expected that one of two is told of the other, got {late}")
        await self._ended(card, "v1")
        hooks = await self._world.webhooks()
        if len(hooks) != 1 or hooks[0]["deliveries"] != 1:
            raise DemoError(f"expected one webhook delivered once, got {hooks}")
        self._told.plain(f"\nThe webhook receiver got: {hooks[0]['body']}")

    async def deploy_again(self) -> None:
        """Deploy a second version, which is approved in DingTalk."""
        self._told.heading("A second deployment, approved in DingTalk")
        await self._say("dev2", '/deploy shop prod v1.5.0 --note "new checkout"')
        card = await self._card("#2", "waits for an approval", "Approve")
        same = await self._world.card_in_dingtalk(CHANNEL, "shop/prod#2", "Approve")
        self._told.in_dingtalk(CHANNEL, same)
        self._told.said("sre", f"{CHANNEL} in DingTalk", "presses [Approve]")
        await self._world.click_in_dingtalk("sre", CHANNEL, same, "Approve")
        await self._ended(card, "v2")

    async def roll_back(self) -> None:
        """List the revisions and go back to the first."""
        self._told.heading("Back to the first revision")
        listed = await self._say("dev", "/revisions shop prod")
        _expect("the list has both revisions", "v1.4.2", listed)
        proposed = await self._say("dev", "/rollback shop prod v1")
        _expect("the proposal shows what would change", "v1.4.2", proposed)
        if not proposed:
            raise DemoError("expected a proposal to roll back, got nothing")
        await self._click("dev", proposed[-1], "Roll back")
        card = await self._card("#3", "waits for an approval", "Approve")
        await self._click("sre2", card, "Approve")
        await self._ended(card, "v3")

    async def reject(self) -> None:
        """Ask for a deployment that is rejected with a reason."""
        self._told.heading("A deployment that is rejected")
        await self._say("dev", "/deploy shop prod v1.6.0-rc1")
        card = await self._card("#4", "waits for an approval", "Reject")
        answer = await self._world.click("sre", CHANNEL, card["ts"], "Reject")
        self._told.said("sre", CHANNEL, "presses [Reject]")
        view = answer.get("view")
        if not view:
            raise DemoError(f"expected a form that asks for the reason, got {answer}")
        self._told.said("sre", CHANNEL, "answers: a release candidate is not for prod")
        label = view["blocks"][-1]["label"]["text"]
        done = await self._world.submit(
            "sre", view["id"], {label: "a release candidate is not for prod"}
        )
        if not done["ok"]:
            raise DemoError(f"the form was not accepted: {done}")
        ended = await self._card("#4", "shows the reason", None, "release candidate")
        await self._thread(ended)

    async def show_clusters(self, clusters: list[str]) -> None:
        """Print what runs where, and check the images of both clusters."""
        self._told.heading("What runs where")
        for cluster in clusters:
            for each in await self._world.objects(cluster):
                if each["kind"] != "Deployment" or each["namespace"] != CHANNEL:
                    continue
                line = (cluster, each["namespace"], each["name"], each["ready"], each["image"])
                self._told.plain("  ".join(f"{part!s:<10}" for part in line))
                want = ":v1.6.0-rc1" if cluster == "east" else ":v1.4.2"
                if not str(each["image"]).partition("@")[0].endswith(want):
                    raise DemoError(f"expected {want} in {cluster}, got {each['image']}")
        self._told.plain(
            "\nThe rejected version stays in east, as the author of the workflow meant it."
        )

    async def _say(self, user: str, text: str) -> list[Message]:
        self._told.said(user, CHANNEL, text)
        answer = await self._world.say(user, CHANNEL, text)
        self._told.private(user, answer["messages"])
        messages: list[Message] = answer["messages"]
        return messages

    async def _click(self, user: str, message: Message, button: str) -> list[Message]:
        self._told.said(user, CHANNEL, f"presses [{button}]")
        answer = await self._world.click(user, CHANNEL, message["ts"], button)
        self._told.private(user, answer["messages"])
        messages: list[Message] = answer["messages"]
        return messages

    async def _card(self, run: str, what: str, button: str | None, text: str = "") -> Message:
        """Wait for the card of a run that offers `button` and says `text`; print it as it changes."""
        return await self._world.wait_for(
            f"that the card of shop/prod{run} {what}",
            CHANNEL,
            lambda message: (
                f"shop/prod{run}" in self._told.text_of(message)
                and (button is None or button in message["buttons"])
                and text in self._told.text_of(message)
            ),
            seen=lambda messages: self._told.shared(CHANNEL, messages),
        )

    async def _request(self, card: Message) -> Message:
        return await self._world.wait_for(
            "an approval request in the thread",
            CHANNEL,
            lambda message: "Approve" in message["buttons"],
            thread=card["ts"],
            seen=lambda messages: self._told.shared(CHANNEL, messages),
        )

    async def _ended(self, card: Message, revision: str) -> None:
        """Wait until the card says that the run succeeded with `revision`; print the thread."""
        await self._world.wait_for(
            f"that the card shows the revision {revision}",
            CHANNEL,
            lambda message: (
                message["ts"] == card["ts"]
                and f"revision {revision}" in self._told.text_of(message)
            ),
            seen=lambda messages: self._told.shared(CHANNEL, messages),
        )
        await self._thread(card)

    async def _thread(self, card: Message) -> None:
        self._told.shared(CHANNEL, await self._world.messages(CHANNEL, thread=card["ts"]))


def _expect(what: str, text: str, messages: list[Message]) -> None:
    found = "\n".join(f"{each['text']} {each['blocks']}" for each in messages)
    if text not in found:
        raise DemoError(f"expected that {what}, with “{text}”; got: {found or 'nothing'}")
