"""Fifty runs at once in one channel: Slack's limits are kept, and in the end fifty cards are true."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
from typing_extensions import override

from bot.bootstrap.shipmate import new_run_id
from bot.catalog.model import Person
from bot.chat.announcer import Announcer
from bot.chat.message import Message
from bot.chat.slack.gateway import SlackGateway, web_client
from bot.errors import Temporary
from bot.run.model import Gate, Run, RunPhase
from bot.run.stimuli import Approved, Began, StepFinished, StepSuspended, Stimulus
from bot.run.transitions import Transition, apply, new_run
from bot.sandbox.server import Sandbox
from bot.sandbox.slack.limits import Limits
from bot.store.database import Store, open_store
from tests.builders import a_plan, a_step, an_origin
from tests.chat.hurry import HurriedClock, HurriedLoop
from tests.chat.speaking import delivery_of
from tests.chat.story import CATALOG, YES
from tests.scenarios.company import ROOT

RUNS = 50
GATED = 4
"""Runs that wait for an approval on the way, among the last to begin."""
FOREVER = 100_000
STEPS = (a_step("hangzhou", "deploy2env"), a_step("approval", "suspend"))
HAPPENS: tuple[Stimulus, ...] = (
    Began(),
    StepFinished(step="hangzhou", attempt=1),
    StepSuspended(step="approval", attempt=1, gate=Gate(message="Well?", approvers=("sre",))),
)
GOES_ON = Approved(step="approval", attempt=1, by=YES.by, roles=("sre",), via="slack button")


class Watched(SlackGateway):
    """Slack, which is heard when it says that it is asked too often."""

    said_to_wait = 0

    @override
    async def post(
        self,
        channel: str,
        message: Message,
        people: dict[str, Person],
        *,
        key: str,
        thread: str = "",
    ) -> str:
        try:
            return await super().post(channel, message, people, key=key, thread=thread)
        except Temporary as error:
            self.said_to_wait += bool(error.retry_after)
            raise

    @override
    async def edit(
        self, channel: str, ts: str, message: Message, people: dict[str, Person]
    ) -> None:
        try:
            await super().edit(channel, ts, message, people)
        except Temporary as error:
            self.said_to_wait += bool(error.retry_after)
            raise


class Fleet:
    """Many runs at once, each of an application of its own, told in #shop-prod."""

    def __init__(self, sandbox: Sandbox, store: Store) -> None:
        self.store = store
        clock = HurriedClock()
        client = web_client(sandbox.slack_bot_token, sandbox.slack_api_url)
        client.timeout = FOREVER
        self.slack = Watched(client)
        self.delivery = delivery_of(
            gateway=self.slack,
            ledger=store.ledger,
            runs=store.runs,
            catalog=lambda: CATALOG,
            clock=clock,
        )
        self.announcer = Announcer(
            chats=("slack",),
            ledger=store.ledger,
            runs=store.runs,
            catalog=lambda: CATALOG,
            touch=self.delivery.touch,
            wake=self.delivery.wake,
        )
        self._clock = clock

    async def begins(self, number: int) -> Run:
        """Accept a run."""
        run, events = new_run(
            run_id=new_run_id(),
            number=1,
            plan=a_plan(*STEPS[: 2 if number >= RUNS - GATED else 1]),
            origin=an_origin(),
            now=self._clock.now(),
        )
        await self.store.runs.add(f"shop{number}", "prod", lambda _: (run, events))
        return run

    async def happens(self, run: Run, *stimuli: Stimulus) -> Run:
        """Let these things happen to a run."""
        for each in stimuli:
            transition = apply(run, each, self._clock.now())
            assert isinstance(transition, Transition), transition
            run = transition.run
            await self.store.runs.save(run, transition.events)
            self.announcer.changed(run, announced=True)
        return run

    async def has_told_everything(self) -> None:
        """Wait until nothing is left to be shown."""
        while await self._untold():  # noqa: ASYNC110 - the store has no event for that
            await asyncio.sleep(1.0)

    async def _untold(self) -> bool:
        ledger = self.store.ledger
        return bool(await ledger.unannounced() or await ledger.pending())


async def tell(folder: Path) -> tuple[list[Run], list[dict[str, Any]], int, list[str]]:
    """Let all runs begin at once and end; answer them, their cards, how often Slack said to wait, and a thread."""
    sandbox = Sandbox(state=None, port=0, manifest=ROOT / "manifest.yml")
    sandbox._slack._limits = Limits(asyncio.get_running_loop().time)  # Slack's, in our time
    store = open_store(f"sqlite:///{folder / 'shipmate.db'}", HurriedClock())
    await sandbox.start()
    fleet = Fleet(sandbox, store)
    await fleet.delivery.start()
    fleet.announcer.start()
    begun = [await fleet.begins(number) for number in range(RUNS)]
    runs = [await fleet.happens(each, *HAPPENS[: len(each.steps) + 1]) for each in begun]
    waiting = [at for at, each in enumerate(runs) if not each.phase.ended]
    await fleet.has_told_everything()
    for at in waiting:
        runs[at] = await fleet.happens(runs[at], GOES_ON)
    await fleet.has_told_everything()
    async with httpx.AsyncClient(base_url=sandbox.url, timeout=FOREVER) as client:
        query = {"channel": "shop-prod"}
        cards = (await client.get("/control/slack/messages", params=query)).json()["messages"]
        card = await store.ledger.get(f"{runs[-1].id}/card")
        query["thread_ts"] = card.ts if card else ""
        thread = (await client.get("/control/slack/messages", params=query)).json()["messages"]
    await fleet.announcer.stop()
    await fleet.delivery.stop()
    await store.close()
    await sandbox.stop()
    return runs, cards, fleet.slack.said_to_wait, [each["text"] for each in thread]


def test_fifty_runs_at_once_end_as_fifty_true_cards_within_the_limits(tmp_path: Path) -> None:
    with asyncio.Runner(loop_factory=HurriedLoop) as runner:
        runs, cards, said_to_wait, thread = runner.run(tell(tmp_path))

    assert said_to_wait == 0
    assert {each.phase for each in runs} == {RunPhase.SUCCEEDED}
    assert len(cards) == RUNS
    assert all("Delivered" in each["text"] for each in cards)
    assert [
        "Delivered" in thread[0],
        "Approved by sre" in thread[1],
        "delivered v1" in thread[2],
    ] == [True] * 3
