"""A card of any run has room in a message, and loses neither its outcome, nor what waits, nor its buttons."""

import json
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.catalog.model import Step
from bot.chat.message import Actions, Button
from bot.chat.presenters import card
from bot.chat.presenters.folding import MOST_STEPS
from bot.chat.presenters.words import gates, short_title
from bot.chat.slack import render
from bot.command.grammar import parse
from bot.command.requests import Misunderstood, Retry, Skip
from bot.events import PersonName
from bot.run.model import (
    Decision,
    Gate,
    OnTimeout,
    Progress,
    Reason,
    Run,
    RunPhase,
    StepPhase,
    StepRun,
)
from tests.builders import a_run, a_step, at
from tests.chat.story import CATALOG, IDS, SCENES
from tests.chat.test_limits import LONG, problems

said = st.sampled_from(["", "no", LONG])
names = st.sampled_from(["s", "步骤", "x" * 90])
decisions = st.builds(
    Decision, approved=st.booleans(), by=st.just(PersonName("sre")), at=st.just(at(9)), reason=said
)
gate = st.builds(
    Gate,
    message=said,
    approvers=st.sampled_from([(), ("developer", "sre", "admin")]),
    until=st.none() | st.just(at(90)),
    on_timeout=st.sampled_from(OnTimeout),
    quorum=st.integers(1, 3),
)
steps = st.builds(
    StepRun,
    name=names,
    group=st.booleans(),
    phase=st.sampled_from(StepPhase),
    reason=st.sampled_from([Reason.NONE, Reason.EXECUTE, Reason.TERMINATE, Reason.ACTION]),
    message=said,
    attempt=st.integers(1, 3),
    failures=st.integers(0, 9),
    first_started=st.none() | st.just(at(1)),
    started=st.none() | st.just(at(2)),
    ended=st.none() | st.just(at(70)),
    wake_at=st.none() | st.just(at(80)),
    deadline=st.none() | st.just(at(99)),
    progress=st.lists(
        st.builds(Progress, st.sampled_from(["web", "x" * 250]), st.just(1), st.just(2), said),
        max_size=9,
    ).map(tuple),
    details=st.lists(said, max_size=3).map(tuple),
    gate=st.none() | gate,
    decision=st.none() | decisions,
)


@st.composite
def runs(draw: st.DrawFn) -> Run:
    """Make a run of up to eighty steps, in groups that may be in groups."""
    drawn = draw(st.lists(steps, min_size=1, max_size=8))
    many = draw(st.sampled_from([1, 1, 3, 10]))
    title = draw(st.sampled_from(["", "Deploy", LONG]))
    made: list[StepRun] = []
    for number, each in enumerate(drawn * many):
        parent = draw(st.sampled_from(["", made[-1].name if made and made[-1].group else ""]))
        made.append(replace(each, name=f"{each.name}-{number}", parent=parent))
    specs = tuple(
        Step(name=each.name, type="suspend", alias=title and f"{title} {each.name}")
        for each in made
    )
    run = a_run(a_step("one"), based_on=draw(st.integers(0, 3)))
    workflow = replace(run.plan.workflow, steps=specs)
    component = run.plan.application.components[0]
    parts = tuple(
        replace(component, name=f"part-{number}") for number in range(draw(st.integers(1, 40)))
    )
    plan = replace(
        run.plan,
        workflow=workflow,
        application=replace(run.plan.application, components=parts),
        version=draw(st.sampled_from(["", "v1", "v" * 128])),
        note=draw(st.sampled_from(["", LONG[:500]])),
    )
    return replace(
        run,
        plan=plan,
        steps=tuple(made),
        phase=draw(st.sampled_from(RunPhase)),
        message=draw(said),
        ended=draw(st.none() | st.just(at(100))),
        ended_by=draw(st.none() | st.just(PersonName("dev"))),
        suspended_by=draw(st.none() | st.just(PersonName("dev"))),
        revision=draw(st.none() | st.just(4)),
    )


@settings(max_examples=60, deadline=None)
@given(runs())
def test_a_card_of_any_run_keeps_what_matters_within_slacks_limits(run: Run) -> None:
    message = card.card(run, CATALOG)

    text, blocks = render.text_and_blocks(message, IDS)

    assert problems(blocks) == []
    assert len(text) < 4000
    assert len(blocks) == len(message.blocks), "nothing of the card is left out"
    shown = json.dumps(blocks, ensure_ascii=False)
    for each in gates(run)[:MOST_STEPS]:
        assert json.dumps(short_title(run, each), ensure_ascii=False)[1:-1] in shown
    offered = buttons(run)
    assert len(offered) <= 25
    assert len({each.action for each in offered}) == len(offered)
    for one in offered:
        assert not isinstance(parse(one.command), Misunderstood), one.command


def buttons(run: Run) -> list[Button]:
    """Answer the buttons of a card."""
    blocks = card.card(run, CATALOG).blocks
    return [one for each in blocks if isinstance(each, Actions) for one in each.buttons]


def test_of_several_that_failed_each_can_be_retried_or_skipped() -> None:
    failed = SCENES["failed"].run
    two = tuple(replace(failed.steps[0], name=name) for name in ("hangzhou", "frankfurt"))
    run = replace(failed, steps=two)

    offered = {each.label: parse(each.command) for each in buttons(run)}

    assert [each for each in offered if "Retry" in each] == [
        "Retry from Deploy to hangzhou",
        "Retry from Deploy to frankfurt",
    ]
    retry, skip = offered["Retry from Deploy to frankfurt"], offered["Skip Deploy to frankfurt"]
    assert isinstance(retry, Retry)
    assert isinstance(skip, Skip)
    assert (retry.step, skip.step) == ("frankfurt", "frankfurt")


def test_a_gate_is_never_offered_to_be_skipped() -> None:
    for name in ("rejected", "nobody answered", "stopped", "waiting for an approval"):
        assert "Skip" not in {each.label for each in buttons(SCENES[name].run)}, name


def test_many_gates_at_once_are_counted_and_answered_in_the_thread() -> None:
    waiting = SCENES["waiting for an approval"].run
    step = next(each for each in waiting.steps if each.at_gate)
    many = tuple(replace(step, name=f"gate-{number}") for number in range(9))

    message = card.card(replace(waiting, steps=many), CATALOG)
    text, blocks = render.text_and_blocks(message, IDS)

    assert "and at 6 more steps" in text
    assert "3 more wait: answer in the thread" in json.dumps(blocks)
    assert [each.label for each in buttons(replace(waiting, steps=many))].count("Stop") == 1
