"""What has happened in a run, told in a channel of the sandbox: store, announcer, delivery and gateway are real."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
from slack_sdk.web.async_client import AsyncWebClient
from typing_extensions import override

from bot.catalog.model import Catalog, Step
from bot.chat.announcer import Announcer
from bot.chat.ports import Kind, Shown, State
from bot.chat.slack.gateway import SlackGateway, web_client
from bot.clock import SystemClock
from bot.demo.transcript import Transcript
from bot.events import Event, Log, RunId
from bot.run.model import Run
from bot.run.ports import Latest
from bot.run.stimuli import Began, StepErrored, StepFinished, Stimulus
from bot.run.transitions import Transition, apply, new_run
from bot.sandbox.server import Sandbox
from bot.store.database import Store, open_store
from tests.builders import NOON, a_plan, a_step, an_origin, at
from tests.chat.speaking import delivery_of
from tests.operations.company import company
from tests.patience import PATIENCE

LOG = "\n".join(f"{number:03} migrating a table ✓" for number in range(1, 301))
STEPS = (a_step("hangzhou", "deploy2env"), a_step("frankfurt", "deploy2env"))
WORDS = ("300 tables", "nothing left to do")

SUCCEEDS = StepFinished(
    step="hangzhou", attempt=1, details=WORDS, log=Log(name="migrate.log", text=LOG)
)
FAILS = StepErrored(
    step="hangzhou",
    attempt=1,
    message="the job failed",
    retryable=False,
    details=WORDS,
    log=Log(name="migrate.log", text=LOG),
)
NAME = "shop-prod-1-hangzhou-1.log"


class Doomed(SlackGateway):
    """A gateway in whose hands everything stops: at one call for files, before or after it took effect."""

    def __init__(self, client: AsyncWebClient, method: str, moment: str) -> None:
        super().__init__(client)
        self._end = (method, moment)
        self.stopped = asyncio.Event()

    @override
    async def upload(self, name: str, text: str) -> str:
        await self._pass("upload", "before")
        found = await super().upload(name, text)
        await self._pass("upload", "after")
        return found

    @override
    async def share(self, channel: str, file: str, title: str, *, thread: str = "") -> None:
        await self._pass("share", "before")
        await super().share(channel, file, title, thread=thread)
        await self._pass("share", "after")

    @override
    async def find_file(
        self, channel: str, file: str, *, since: float, thread: str = ""
    ) -> str | None:
        await self._pass("find_file", "before")
        found = await super().find_file(channel, file, since=since, thread=thread)
        await self._pass("find_file", "after")
        return found

    async def _pass(self, method: str, moment: str) -> None:
        if (method, moment) == self._end:
            self.stopped.set()
            await asyncio.Event().wait()


class Newsroom:
    """Tells one run in #shop-prod, and can be closed and opened again."""

    def __init__(
        self, sandbox: Sandbox, folder: Path, *, patience: float = 60.0, place_kept: float = 60.0
    ) -> None:
        """Files get all the time that a slow machine may need, unless a test is about that."""
        self.sandbox = sandbox
        self._url = f"sqlite:///{folder / 'shipmate.db'}"
        self._patience = patience
        self._place_kept = place_kept
        self.catalog: Callable[[], Catalog] = company
        self._run: Run | None = None

    async def open(self, make: Callable[[AsyncWebClient], SlackGateway] = SlackGateway) -> None:
        """Start telling, first what a closed one left."""
        clock = SystemClock()
        self.store: Store = open_store(self._url, clock)
        client = web_client(self.sandbox.slack_bot_token, self.sandbox.slack_api_url)
        self.delivery = delivery_of(
            gateway=make(client),
            ledger=self.store.ledger,
            runs=self.store.runs,
            catalog=self.catalog,
            clock=clock,
            patience=self._patience,
            place_kept=self._place_kept,
        )
        self.announcer = Announcer(
            chats=("slack",),
            ledger=self.store.ledger,
            runs=self.store.runs,
            catalog=self.catalog,
            touch=self.delivery.touch,
            wake=self.delivery.wake,
        )
        await self.delivery.start()
        self.announcer.start()
        for run in await self.store.runs.unfinished():  # as the engine does when it takes them up
            self.announcer.changed(run, announced=True)

    async def close(self) -> None:
        """Stop telling, in the middle of whatever it is doing."""
        await self.announcer.stop()
        await self.delivery.stop()
        await self.store.close()

    async def happens(
        self, *stimuli: Stimulus, steps: tuple[Step, ...] = STEPS, seconds: float = 10
    ) -> Run:
        """Let the run begin, if it has not, and these things happen to it, `seconds` after noon."""
        if self._run is None:
            self._run, _ = await self.store.runs.add("shop", "prod", lambda _: begun(_, steps))
            stimuli = (Began(), *stimuli)
        for stimulus in stimuli:
            assert self._run is not None
            transition = apply(self._run, stimulus, at(seconds))
            assert isinstance(transition, Transition), transition
            self._run = transition.run
            await self.store.runs.save(self._run, transition.events)
            self.announcer.changed(self._run, announced=True)
        assert self._run is not None
        return self._run

    async def file_is(self, state: State) -> Shown:
        """Wait until the ledger says so of the run's file."""
        assert self._run is not None
        async with asyncio.timeout(PATIENCE):
            while True:
                messages = await self.store.ledger.of_run(self._run.id)
                for each in messages:
                    if each.kind is Kind.FILE and each.state is state:
                        return each
                await asyncio.sleep(0.05)

    async def card_is(self, state: State) -> Shown:
        """Wait until the ledger says so of the run's card."""
        assert self._run is not None
        async with asyncio.timeout(PATIENCE):
            while True:
                card = await self.store.ledger.get(f"{self._run.id}/card")
                if card is not None and card.state is state:
                    return card
                await asyncio.sleep(0.05)

    async def has_nothing_left_to_do(self) -> None:
        """Wait until everything is shown or given up."""
        async with asyncio.timeout(PATIENCE):
            ledger = self.store.ledger
            while await ledger.unannounced() or await ledger.pending():  # noqa: ASYNC110 - as said
                await asyncio.sleep(0.05)

    async def thread(self) -> list[dict[str, Any]]:
        """Answer the messages below the card, as people see them."""
        async with httpx.AsyncClient(base_url=self.sandbox.url) as client:
            query = {"channel": "shop-prod"}
            cards = (await client.get("/control/slack/messages", params=query)).json()["messages"]
            if not cards:
                return []
            query["thread_ts"] = cards[0]["ts"]
            found = (await client.get("/control/slack/messages", params=query)).json()["messages"]
        return list(found[1:])

    async def channel(self, name: str) -> list[str]:
        """Answer the messages of a channel or a direct conversation, each as text."""
        async with httpx.AsyncClient(base_url=self.sandbox.url) as client:
            query = {"channel": name}
            found = (await client.get("/control/slack/messages", params=query)).json()["messages"]
        return [Transcript({}).text_of(each) for each in found]

    async def says(self, name: str, test: Callable[[list[str]], bool]) -> list[str]:
        """Wait until a channel or a direct conversation reads as it should; answer it."""
        async with asyncio.timeout(PATIENCE):
            while True:
                found = await self.channel(name)
                if test(found):
                    return found
                await asyncio.sleep(0.05)

    async def reads(self, test: Callable[[list[str]], bool]) -> list[str]:
        """Wait until the thread reads as it should; answer it, each message as text."""
        async with asyncio.timeout(PATIENCE):
            while True:
                found = [Transcript({}).text_of(each) for each in await self.thread()]
                if test(found):
                    return found
                await asyncio.sleep(0.05)


def begun(latest: Latest, steps: tuple[Step, ...]) -> tuple[Run, tuple[Event, ...]]:
    """Make the run."""
    run, events = new_run(
        run_id=RunId("run1"),
        number=latest.run_number + 1,
        plan=a_plan(*steps),
        origin=an_origin(),
        now=NOON,
    )
    return run, tuple(events)
