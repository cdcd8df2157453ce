"""What a step says is stored without what is secret, and what it leaves that is secret is stored sealed."""

import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from typing_extensions import override

from bot.bootstrap.secrets import opening
from bot.catalog.model import Input, Output, Step, Target
from bot.clock import SystemClock
from bot.engine.discretion import Discretion
from bot.engine.engine import Engine
from bot.errors import Permanent
from bot.events import Log, RunId
from bot.logs import JsonLines
from bot.run.model import Gate, Progress, Run, RunPhase, StepPhase
from bot.run.sealed import Sealed
from bot.run.transitions import new_run
from bot.schedule.alarms import ClockAlarms
from bot.sealing import Seals
from bot.secrecy import MASK, Secrecy, kept_here
from bot.steps.contract import (
    Capabilities,
    Done,
    Failed,
    Need,
    Notices,
    Outcome,
    StepContext,
    StepType,
    Suspended,
    Waiting,
)
from bot.store.database import open_store
from tests.builders import a_plan, a_run, a_step, an_origin
from tests.engine.test_engine import Watching
from tests.scenarios.clouds import stored

log = logging.getLogger(__name__)

KNOWN = "canary-of-a-setting"
LEFT = "canary-that-is-left"
READ = "canary-that-is-read"


class Talking(StepType):
    """A step type that says everything it knows, in every way in which it can."""

    name = "talking"
    needs: frozenset[Need] = frozenset()
    summary = "Talks."
    schema: Mapping[str, Any] = {}

    def __init__(self) -> None:
        self.given: list[Mapping[str, Any]] = []

    @override
    def check(self, properties: Mapping[str, Any], targets: Sequence[Target]) -> None:
        """Accept everything."""

    @override
    async def run(self, context: StepContext, properties: Mapping[str, Any]) -> Outcome:
        self.given.append(properties)
        context.conceal(READ)
        all_ = f"{KNOWN} {READ} {properties}"
        log.warning("it said %s", all_)
        await context.report([Progress("web", 1, 3, all_)], all_)
        left = {"token": LEFT, "echo": f"it is {KNOWN}", "plain": "nothing"}
        more: dict[str, Any] = {
            "message": all_,
            "details": (all_,),
            "log": Log(name="x.log", text=all_),
        }
        match properties.get("do"):
            case "fail":
                return Failed(retryable=False, outputs=left, **more)
            case "raise":
                raise Permanent(all_)
            case "break":
                raise ZeroDivisionError(all_)
            case "suspend":
                return Suspended(gate=Gate(message=all_))
            case "wait":
                return Waiting(message=all_, after=3600)
        return Done(outputs=left, secrets={**left, "hidden": LEFT}, **more)


class Workshop:
    """An engine that keeps secrets."""

    def __init__(self, folder: Path, seals: Seals) -> None:
        self.folder = folder
        self.store = open_store(
            f"sqlite:///{folder / 'shipmate.db'}", SystemClock(), open_=opening(seals)
        )
        self.secrecy = Secrecy()
        self.secrecy.learn(KNOWN, lasting=True)
        self.talking, self.watching, self.alarms = Talking(), Watching(), ClockAlarms()
        self.engine = Engine(
            runs=self.store.runs,
            types={"talking": self.talking},
            granted=Capabilities(),
            clock=SystemClock(),
            alarms=self.alarms,
            observer=self.watching,
            secrecy=self.secrecy,
            seals=seals,
        )

    async def ends(self, *steps: Step, until: RunPhase = RunPhase.SUCCEEDED) -> Run:
        """Do steps until the run is in a phase."""
        plan, now = a_plan(*steps), SystemClock().now()
        run, _ = await self.store.runs.add(
            "shop",
            "prod",
            lambda _: new_run(
                run_id=RunId("one"), number=1, plan=plan, origin=an_origin(), now=now
            ),
        )
        assert run is not None
        await self.engine.begin(run)
        return await self.watching.until(until)


@asynccontextmanager
async def a_workshop(folder: Path, seals: Seals | None = None) -> AsyncIterator[Workshop]:
    made = Workshop(folder, seals or Seals(file=folder / "key"))
    made.alarms.start(made.engine.wake)
    yield made
    made.alarms.stop()
    await made.engine.stop()
    await made.store.close()


@pytest.fixture
async def workshop(tmp_path: Path) -> AsyncIterator[Workshop]:
    async with a_workshop(tmp_path) as made:
        yield made


def talking(do: str = "", *outputs: Output, name: str = "talk", **more: Any) -> Step:
    return a_step(name, "talking", properties={"do": do}, outputs=outputs, **more)


def taking(*names: str, do: str = "", name: str = "take") -> Step:
    inputs = tuple(Input(from_=each, parameter_key=each) for each in names)
    return a_step(name, "talking", properties={"do": do}, inputs=inputs)


TOKEN = Output(name="token", value_from="token", secret=True)


class Board(Notices):
    """Keeps what is said in the conversation of a run."""

    def __init__(self) -> None:
        self.said: list[str] = []

    @override
    async def post(self, run: Run, key: str, text: str, *, channel: str = "") -> None:
        self.said.append(text)

    @override
    async def became(self, run: Run, key: str) -> str | None:
        return key

    @override
    async def remember(self, run: Run, key: str, refused: str = "") -> None:
        self.said.append(refused)


async def test_what_a_step_says_by_itself_has_no_secret() -> None:
    board, secrecy, step = Board(), Secrecy(), talking()
    secrecy.learn(KNOWN)
    discretion = Discretion(a_run(step), step, secrecy, Seals())
    discretion.conceal(READ)
    notices = discretion.granted(Capabilities(notices=board)).notices
    assert notices is not None
    await notices.post(a_run(step), "key", f"{KNOWN} {READ}")
    await notices.remember(a_run(step), "key", f"refused: {READ}")
    assert board.said == [f"{MASK} {MASK}", f"refused: {MASK}"]
    assert await notices.became(a_run(step), "key") == "key"


@pytest.mark.parametrize(
    ("do", "until"),
    [
        ("", RunPhase.SUCCEEDED),
        ("fail", RunPhase.FAILED),
        ("raise", RunPhase.FAILED),
        ("break", RunPhase.FAILED),
        ("suspend", RunPhase.SUSPENDING),
    ],
)
async def test_nothing_secret_is_stored_or_logged_whatever_becomes_of_a_step(
    workshop: Workshop, do: str, until: RunPhase
) -> None:
    lines = StringIO()
    handler = logging.StreamHandler(lines)
    handler.setFormatter(JsonLines(partial(kept_here, otherwise=workshop.secrecy)))
    logging.getLogger().addHandler(handler)
    run = await workshop.ends(
        talking("", TOKEN),
        a_step("second", "talking", properties={"do": do, "is": "${{ outputs.token }}"}),
        until=until,
    )
    logging.getLogger().removeHandler(handler)

    assert workshop.talking.given[1]["is"] == LEFT
    if do != "break":
        assert MASK in f"{run.steps[1].message}{run.steps[1].gate}"
    assert MASK in lines.getvalue()
    everything = "".join((*stored(workshop.folder), repr(run), lines.getvalue()))
    for each in (KNOWN, LEFT, READ):
        assert each not in everything


async def test_a_step_that_waits_says_nothing_secret_either(workshop: Workshop) -> None:
    run = await workshop.ends(talking("wait"), until=RunPhase.EXECUTING)
    while not run.steps[0].looks:
        run = await workshop.watching.until(RunPhase.EXECUTING)
        workshop.watching.run = None if not run.steps[0].looks else run
    assert run.steps[0].message.startswith(f"{MASK} {MASK}")


async def test_what_is_secret_is_sealed_whoever_says_so(workshop: Workshop) -> None:
    outputs = (
        TOKEN,
        Output(name="hidden", value_from="hidden"),
        Output(name="echo", value_from="echo"),
        Output(name="plain", value_from="plain"),
        Output(name="nothing", value_from="there.is.none", secret=True),
    )
    run = await workshop.ends(talking("", *outputs), taking("token", "hidden", "echo", "plain"))
    left = run.steps[0].outputs
    assert {name for name, each in left.items() if isinstance(each, Sealed)} == {
        "token",
        "hidden",
        "echo",
    }
    assert left["plain"] == "nothing"
    assert left["nothing"] is None
    assert workshop.talking.given[1]["token"] == LEFT
    assert workshop.talking.given[1]["echo"] == f"it is {KNOWN}"


async def test_a_run_that_is_looked_at_is_not_opened(workshop: Workshop) -> None:
    await workshop.ends(talking("", TOKEN))
    shown = await workshop.store.runs.by_number("shop", "prod", 1)
    goes_on = await workshop.store.runs.get(RunId("one"))
    assert shown is not None
    assert goes_on is not None
    assert [each.steps[0].outputs["token"].is_open for each in (shown, goes_on)] == [False, True]


async def test_what_was_sealed_can_be_asked_for_by_an_if(workshop: Workshop) -> None:
    asks = (Input(from_="token"),)
    run = await workshop.ends(
        talking("", TOKEN),
        talking(name="yes", if_='inputs.token.startsWith("canary")', inputs=asks),
        talking(name="no", if_='inputs.token == ""', inputs=asks),
    )
    assert [each.phase for each in run.steps][1:] == [StepPhase.SUCCEEDED, StepPhase.SKIPPED]


async def test_without_a_key_nothing_is_done_that_is_to_leave_a_secret(tmp_path: Path) -> None:
    async with a_workshop(tmp_path, Seals()) as workshop:
        run = await workshop.ends(talking("", TOKEN), until=RunPhase.FAILED)
    assert "set SHIPMATE_STORE_KEY to 32 random bytes in base64" in run.message
    assert workshop.talking.given == []


async def test_without_a_key_a_failure_says_what_failed(tmp_path: Path) -> None:
    async with a_workshop(tmp_path, Seals()) as workshop:
        run = await workshop.ends(
            talking("fail", Output(name="echo", value_from="echo")), until=RunPhase.FAILED
        )
    assert run.message.startswith(MASK)
    assert run.steps[0].outputs == {}


async def test_with_another_key_a_run_goes_on_where_it_needs_no_secret(tmp_path: Path) -> None:
    held = talking("suspend", name="held")
    async with a_workshop(tmp_path) as first:
        await first.ends(
            talking("", TOKEN),
            held,
            until=RunPhase.SUSPENDING,
        )
    (tmp_path / "key").unlink()
    async with a_workshop(tmp_path) as second:
        (run,) = await second.store.runs.unfinished()
        with pytest.raises(Exception, match="there is no key to open it: set SHIPMATE_STORE_KEY"):
            run.steps[0].outputs["token"].reveal()
        # What is not open is stored as it was.
        await second.store.runs.save(replace(run, version=run.version + 1), [])
        again = await second.store.runs.get(run.id)
    assert again is not None
    assert again.steps[0].outputs["token"].token == run.steps[0].outputs["token"].token


SEALED = Sealed.opened(
    "token",
    {
        "db": {"password": "canary-of-the-db", "username": "postgres"},
        "names": ["orders", "canary-of-a-list"],
        "place": "shop-prod",
    },
)


@pytest.mark.parametrize(
    ("taken", "betrayed"),
    [
        ("outputs.cloud.db.password", {"canary-of-the-db"}),
        ('outputs["cloud"].db["password"]', {"canary-of-the-db"}),
        ("outputs['cloud']['names'][1]", {"canary-of-a-list"}),
        ("outputs.cloud.names[0] + outputs.cloud.db.password", {"orders", "canary-of-the-db"}),
        ("outputs.cloud.db.password.lowerAscii()", {"canary-of-the-db"}),
        ("outputs.cloud.db[inputs.which]", {"canary-of-the-db", "postgres"}),
        ("outputs.cloud", {"canary-of-the-db", "postgres", "orders", "canary-of-a-list"}),
        ("outputs.other", set()),
    ],
)
def test_only_what_is_taken_of_a_sealed_output_may_not_be_written_in_the_clear(
    taken: str, betrayed: set[str]
) -> None:
    properties = {"all": [{"is": f"${{{{ {taken} }}}}"}]}
    assert betrayed_by(a_step("take", "talking", properties=properties)) == betrayed


@pytest.mark.parametrize(
    ("from_", "betrayed"),
    [
        ("cloud.db.password", {"canary-of-the-db"}),
        ("cloud.names[1]", {"canary-of-a-list"}),
        ("cloud", {"canary-of-the-db", "postgres", "orders", "canary-of-a-list"}),
    ],
)
def test_the_same_counts_for_what_an_input_takes(from_: str, betrayed: set[str]) -> None:
    assert betrayed_by(taking(from_)) == betrayed


def betrayed_by(step: Step) -> set[str]:
    """Answer which values an object may not have in the clear that a step delivers."""
    run = a_run(a_step("left", "talking"), step)
    steps = (replace(run.steps[0], outputs={"cloud": SEALED}), *run.steps[1:])
    secrecy = Secrecy()
    secrecy.spare({"shop-prod"})
    discretion = Discretion(replace(run, steps=steps), step, secrecy, Seals())
    values = ("canary-of-the-db", "postgres", "orders", "canary-of-a-list", "shop-prod")
    return {
        each
        for each in values
        if discretion.betrays({"kind": "ConfigMap", "data": {"is": f"a {each}"}})
    }
