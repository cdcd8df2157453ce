"""Runs in every state that a card can show, each made by what happened to it.

`python -m tests.chat.story` writes what a person reads in all of them: the golden file, to be read before it
is committed.
"""

import sys
from dataclasses import dataclass, replace
from datetime import datetime
from textwrap import indent

from bot.catalog.model import Mode, Step
from bot.chat.language import speaking
from bot.chat.message import Message
from bot.chat.presenters import card, thread
from bot.chat.slack import render
from bot.demo.transcript import Transcript
from bot.events import ApprovalRequested, Event, Log, PersonName
from bot.run.line import Standing
from bot.run.model import Gate, OnTimeout, Progress, Reason, Run, RunPhase
from bot.run.stimuli import (
    Approved,
    Began,
    Declined,
    GaveWay,
    Rejected,
    RetryAsked,
    SkipAsked,
    StepErrored,
    StepFinished,
    StepProgressed,
    StepSuspended,
    Stimulus,
    StopAsked,
    SuspendAsked,
    TimePassed,
)
from bot.run.transitions import Transition, apply
from bot.run.waiting import Refused, Wish
from tests.builders import a_run, a_step, at
from tests.operations.company import company

CATALOG = company()
STEPS = (
    a_step("hangzhou", "deploy2env", alias="Deploy to hangzhou"),
    a_step("approval", "suspend", alias="Approval for frankfurt"),
    a_step("frankfurt", "deploy2env", alias="Deploy to frankfurt"),
)
IDS = {"sre": "U03SRE", "sre2": "U04SRE2"}
FAILURE = (
    "0/3 pods are ready",
    "web-5d9: ImagePullBackOff: registry.shop.example/web:v9 not found",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A run and everything that has happened in it."""

    run: Run
    events: tuple[Event, ...] = ()
    standing: Standing | None = None
    """Where a run stands that waits."""


def in_line(
    place: int,
    *happened: tuple[float, Stimulus],
    after: Run | None = None,
    hold: str = "",
    at_: datetime | None = None,
    promoted: str = "",
    back: int | None = None,
) -> Scene:
    """Let a deployment of dev2 stand in the line; then play what happened."""
    wish = Wish(version="v1.5.0", promoted_from="staging" if promoted else "", revision=7)
    standing = Standing(place=place, after=after, hold=hold)
    run = a_run(*STEPS, run_id="run2", number=2, based_on=6)
    plan = replace(run.plan, version="v1.5.0", promoted=promoted, rollback_to=back)
    origin = replace(run.origin, person=PersonName("dev2"))
    run = replace(run, plan=plan, origin=origin, wish=wish, at=at_)
    scene = Scene(run=run, standing=standing if not happened else None)
    for second, stimulus in happened:
        transition = apply(scene.run, stimulus, at(second))
        assert isinstance(transition, Transition), (stimulus, transition)
        scene = Scene(run=transition.run, events=scene.events + transition.events)
    return scene


def story(
    *happened: tuple[float, Stimulus],
    steps: tuple[Step, ...] = STEPS,
    mode: Mode = Mode.STEP_BY_STEP,
) -> Scene:
    """Play what happened, each at its second, on a new run."""
    run = a_run(*steps, based_on=6)
    workflow = replace(run.plan.workflow, mode=mode)
    scene = Scene(run=replace(run, plan=replace(run.plan, workflow=workflow)))
    for second, stimulus in happened:
        transition = apply(scene.run, stimulus, at(second))
        assert isinstance(transition, Transition), (stimulus, transition)
        scene = Scene(run=transition.run, events=scene.events + transition.events)
    return scene


def progressing(step: str, ready: int, note: str = "") -> StepProgressed:
    parts = (Progress("web", ready, 3, note), Progress("api", 2, 2))
    return StepProgressed(step=step, attempt=1, progress=parts)


def failing(
    step: str, *, retryable: bool, message: str = "web: image cannot be pulled"
) -> StepErrored:
    return StepErrored(
        step=step,
        attempt=1,
        message=message,
        retryable=retryable,
        reason=Reason.ACTION,
        details=FAILURE,
    )


DONE = StepFinished(step="hangzhou", attempt=1)
GATE = StepSuspended(
    step="approval", attempt=1, gate=Gate(message="Is hangzhou healthy? Look at the dashboard.")
)
YES = Approved(
    step="approval",
    attempt=1,
    by=PersonName("sre"),
    roles=("sre",),
    reason="looks good",
    via="slack button",
)
NO = Rejected(
    step="approval",
    attempt=1,
    by=PersonName("sre"),
    reason="errors in checkout",
    via="slack button",
)
WAITING = ((1.0, Began()), (42.0, DONE), (42.0, GATE))
SUCCEEDED = (*WAITING, (330.0, YES), (395.0, StepFinished(step="frankfurt", attempt=1)))
WORDS = StepFinished(
    step="hangzhou",
    attempt=1,
    details=("migrate | 0041_orders: done", "migrate | 2 of 2 applied, nothing left"),
    log=Log(name="migrate.log", text="0040_prices: done\n0041_orders: done\n"),
)
FAILED = ((1.0, Began()), (95.0, failing("hangzhou", retryable=False)))

SCENES: dict[str, Scene] = {
    "just accepted": story(),
    "rolling out": story((1.0, Began()), (12.0, progressing("hangzhou", 2, "ImagePullBackOff"))),
    "rolling out many parts": story(
        (1.0, Began()),
        (
            12.0,
            StepProgressed(
                step="hangzhou",
                attempt=1,
                progress=tuple(
                    Progress(f"part-{at}", at % 3, 2, "ContainerCreating" if at % 3 == 0 else "")
                    for at in range(30)
                ),
            ),
        ),
    ),
    "to be tried again": story(
        (1.0, Began()), (9.0, failing("hangzhou", retryable=True, message="east is unreachable"))
    ),
    "waiting for an approval": story(*WAITING),
    "a step that has something to say": story((1.0, Began()), (42.0, WORDS)),
    "waiting for some time": story(
        *WAITING[:2], (42.0, StepSuspended(step="approval", attempt=1, gate=Gate(until=at(642))))
    ),
    "approved": story(*WAITING, (330.0, YES)),
    "succeeded": story(*SUCCEEDED),
    "failed": story(*FAILED),
    "retried": story(*FAILED, (300.0, RetryAsked(by=PersonName("dev")))),
    "rejected": story(*WAITING, (330.0, NO)),
    "stopped": story(*WAITING, (60.0, StopAsked(by=PersonName("dev"), reason="wrong version"))),
    "paused": story(
        (1.0, Began()),
        (42.0, DONE),
        (42.0, SuspendAsked(by=PersonName("admin"), reason="the database is down")),
    ),
    "a step skipped": story(
        *FAILED,
        (300.0, SkipAsked(by=PersonName("dev"), step="hangzhou", reason="it has no users")),
    ),
    "side by side": story(
        (1.0, Began()),
        (2.0, replace(GATE, step="legal", gate=Gate(message="May we sell this?"))),
        (3.0, replace(GATE, step="security", gate=Gate(message="Is it safe?", quorum=2))),
        (9.0, progressing("east", 2, "ContainerCreating")),
        (20.0, replace(YES, step="security")),
        steps=(
            a_step(
                "regions",
                "step-group",
                alias="Both regions",
                sub_steps=(a_step("east", "deploy2env"), a_step("west", "deploy2env")),
            ),
            a_step("legal", alias="Legal"),
            a_step("security", alias="Security"),
            a_step("tell", "notification", depends_on=("legal", "security", "regions")),
        ),
        mode=Mode.DAG,
    ),
    "two had to say yes": story(
        *WAITING[:2],
        (42.0, replace(GATE, gate=Gate(message="Is it safe?", quorum=2))),
        (60.0, YES),
        (95.0, replace(YES, by=PersonName("sre2"), reason="")),
    ),
    "nobody answered, and it goes on": story(
        *WAITING[:2],
        (42.0, replace(GATE, gate=Gate(message="Well?", on_timeout=OnTimeout.CONTINUE))),
        (3642.0, TimePassed()),
        steps=(STEPS[0], replace(STEPS[1], timeout=3600.0), STEPS[2]),
    ),
    "nobody answered, which is a no": story(
        *WAITING[:2],
        (42.0, replace(GATE, gate=Gate(message="Well?", on_timeout=OnTimeout.REJECT))),
        (3642.0, TimePassed()),
        steps=(STEPS[0], replace(STEPS[1], timeout=3600.0), STEPS[2]),
    ),
    "waiting until somebody is too late": story(
        *WAITING[:2],
        (42.0, replace(GATE, gate=Gate(message="Well?", on_timeout=OnTimeout.REJECT))),
        steps=(STEPS[0], replace(STEPS[1], timeout=3600.0), STEPS[2]),
    ),
    "several failed": story(
        (1.0, Began()),
        (95.0, failing("hangzhou", retryable=False)),
        (99.0, failing("frankfurt", retryable=False, message="api: OOMKilled")),
        steps=(STEPS[0], STEPS[2]),
        mode=Mode.DAG,
    ),
    "nobody answered": story(
        *WAITING[:2],
        (42.0, GATE),
        (3642.0, TimePassed()),
        steps=(STEPS[0], replace(STEPS[1], timeout=3600.0), STEPS[2]),
    ),
    "next in line": in_line(1, after=a_run(*STEPS)),
    "a rollback next in line": in_line(
        1, after=replace(a_run(*STEPS), phase=RunPhase.EXECUTING), back=5
    ),
    "third in line, promoted": in_line(3, after=a_run(*STEPS, number=9), promoted="staging v7"),
    "held": in_line(1, hold="prod is locked by sre: load test"),
    "planned": in_line(0, at_=at(7200)),
    "replaced in line": in_line(
        1, (60.0, GaveWay(by=PersonName("dev"), reason="replaced by shop/prod#3 of dev"))
    ),
    "stopped in line": in_line(1, (60.0, StopAsked(by=PersonName("dev2"), reason="not today"))),
    "its turn came too late": in_line(
        1,
        (
            60.0,
            Declined(
                refused=Refused(
                    code="not_allowed",
                    facts={"action": "deploy", "environment": "prod", "roles": "developer"},
                    who=("dev",),
                )
            ),
        ),
        promoted="staging v7",
    ),
}


def messages(scene: Scene) -> list[Message]:
    """Answer the card and what stands in its thread, as the announcer would have it."""
    shown = [card.card(scene.run, CATALOG, scene.standing)]
    for event in scene.events:
        if isinstance(event, ApprovalRequested):
            step = scene.run.step(event.step)
            assert step is not None
            shown.append(thread.approval(scene.run, step, event.attempt, CATALOG))
        elif thread.is_told(event):
            shown.append(thread.told(scene.run, event))
    return shown


def read(message: Message) -> str:
    """Answer what a person reads: the notification in brackets, then the message with its buttons."""
    text, blocks = render.text_and_blocks(message, IDS)
    names = {user: name for name, user in IDS.items()}
    return f"({text})\n{Transcript(names).text_of({'text': text, 'blocks': blocks})}\n"


def pages() -> str:
    """Write everything down."""
    parts: list[str] = []
    for name, scene in SCENES.items():
        parts.append(f"──── {name} ────\n")
        for at_, message in enumerate(messages(scene)):
            text = read(message)
            parts.append(text if at_ == 0 else indent(text, "    "))
    return "\n".join(parts)


if __name__ == "__main__":
    with speaking("".join(sys.argv[1:])):
        sys.stdout.write(pages())
