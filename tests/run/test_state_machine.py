"""Whatever happens to a run, in whatever order, its state stays one that makes sense.

Random workflows (both modes, groups, dependencies, conditions), random outcomes, requests from outside, late and
repeated ones, and crashes at any moment.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bot.catalog.model import Mode, Step, Workflow
from bot.events import ApprovalDecided, Event, PersonName
from bot.run import transitions
from bot.run.model import Gate, OnTimeout, Reason, Run, RunPhase, StepPhase, StepRun
from bot.run.stimuli import (
    Approved,
    Began,
    Rejected,
    RestartAsked,
    ResumeAsked,
    RetryAsked,
    SkipAsked,
    StepErrored,
    StepFinished,
    StepProgressed,
    StepSuspended,
    StepWaiting,
    Stimulus,
    StopAsked,
    SuspendAsked,
    TimePassed,
)
from bot.run.timing import next_alarm
from bot.run.transitions import Execute, Ignored
from bot.store import codec
from bot.workflow.checks import problems
from bot.workflow.shape import Shape
from tests.builders import NOON, a_run, a_step
from tests.run.replay import Replay

PEOPLE = st.sampled_from(["sre", "sre2"]).map(PersonName)
CONDITIONS = st.sampled_from(
    ["", "", "", "always", "status.s0.failed", "status.s0.succeeded", "status.s9.x || true", "1"]
)
AFRESH = RetryAsked | RestartAsked | SkipAsked
"""What brings steps back that were over."""


@st.composite
def steps(draw: st.DrawFn, name: str, before: list[str], *, group: bool = False) -> Step:
    """Draw a step that may depend on those `before` it."""
    made = a_step(
        name,
        draw(st.sampled_from(["suspend", "webhook", "webhook"])),
        if_=draw(CONDITIONS).replace("s9.x || true", "s0.failed || true"),
        timeout=draw(st.sampled_from([None, None, 5.0, 60.0])),
        retries=draw(st.integers(0, 2)),
        depends_on=tuple(draw(st.lists(st.sampled_from(before), unique=True, max_size=2)))
        if before
        else (),
    )
    if not group:
        return made
    below: list[Step] = []
    for at in range(draw(st.integers(0, 3))):
        known = [*before, *(each.name for each in below)]
        below.append(draw(steps(f"{name}-{at}", known)))
    mode = draw(st.sampled_from([None, *Mode]))
    return replace(made, type="step-group", mode=mode, sub_steps=tuple(below))


@st.composite
def workflows(draw: st.DrawFn) -> Workflow:
    """Draw a workflow of at most five steps on its outer level."""
    made: list[Step] = []
    for at in range(draw(st.integers(1, 5))):
        known = [below.name for each in made for below in (each, *each.sub_steps)]
        made.append(draw(steps(f"s{at}", known, group=draw(st.booleans()))))
    return Workflow(
        name="w",
        application="shop",
        environment="prod",
        steps=tuple(made),
        mode=draw(st.sampled_from(Mode)),
        sub_mode=draw(st.sampled_from(Mode)),
        timeout=draw(st.sampled_from([None, None, None, 200.0])),
    )


gates = st.builds(
    Gate,
    message=st.just("go?"),
    until=st.none() | st.integers(1, 90).map(lambda seconds: NOON + timedelta(seconds=seconds)),
    on_timeout=st.sampled_from(OnTimeout),
    on_reject=st.sampled_from([RunPhase.TERMINATED, RunPhase.FAILED]),
    quorum=st.sampled_from([1, 1, 2]),
    then_runs=st.booleans(),
)


class RunLife(RuleBasedStateMachine):
    """One run, and everything that may come its way, also late and also twice."""

    run: Run
    now: datetime

    @initialize(workflow=workflows())
    def accept(self, workflow: Workflow) -> None:
        assert list(problems(workflow)) == []
        fresh = a_run(*workflow.steps, based_on=6)
        self.run = replace(fresh, plan=replace(fresh.plan, workflow=workflow))
        self.shape = Shape(workflow)
        self.now = NOON
        self.replay = Replay(self.run)
        self.keys: dict[tuple[str, int], set[int]] = {}
        self.decisions: set[tuple[str, int]] = set()
        self.revisions: list[int] = []
        self.feed(Began())

    def feed(self, stimulus: Stimulus) -> None:
        before = self.run
        changed = transitions.apply(before, stimulus, self.now)
        if isinstance(changed, Ignored):
            assert changed.run is before
            return
        after = changed.run
        assert after.version == before.version + 1
        assert after.events == before.events + len(changed.events)
        self.check_what_is_over_stays(before, after, stimulus)
        self.check_no_gate_is_skipped(before, after)
        for step in self.begun(before, after):
            self.check_its_turn_had_come(step, stimulus)
        for effect in changed.effects:
            if isinstance(effect, Execute):
                self.check_the_key(after, effect)
        self.check_answers(changed.events)
        self.replay.take(changed.events)
        if changed.revision is not None:
            assert changed.revision.number not in self.revisions
            self.revisions.append(changed.revision.number)
        assert (changed.revision is not None) == (
            after.phase is RunPhase.SUCCEEDED and before.phase is not RunPhase.SUCCEEDED
        ) or isinstance(stimulus, RestartAsked)
        self.run = after

    def check_what_is_over_stays(self, before: Run, after: Run, stimulus: Stimulus) -> None:
        if isinstance(stimulus, AFRESH):
            return
        assert not before.phase.ended, "a terminal phase never changes by itself"
        for old, new in zip(before.steps, after.steps, strict=True):
            if old.over:
                assert new.phase is old.phase
                assert new.outputs == old.outputs

    def check_no_gate_is_skipped(self, before: Run, after: Run) -> None:
        for old, new in zip(before.steps, after.steps, strict=True):
            if new.skipped_by is None or old.skipped_by is not None:
                continue
            gate = self.shape.specs[new.name].is_gate or old.gate is not None
            opened = old.decision is not None and old.decision.approved
            # One that opened by itself, when its time was over, was passed before its group was skipped.
            assert not gate or opened or old.phase is StepPhase.SUCCEEDED

    def begun(self, before: Run, after: Run) -> Iterator[StepRun]:
        for old, new in zip(before.steps, after.steps, strict=True):
            if old.attempt == 0 and new.attempt == 1:
                yield new

    def check_its_turn_had_come(self, step: StepRun, stimulus: Stimulus) -> None:
        """No step before its dependencies, and none past a gate that nobody opened."""
        now = transitions.apply(self.run, stimulus, self.now).run
        over = {each.name for each in now.steps if each.over}
        assert self.shape.waits_for(step.name) <= over
        assert now.suspended_by is None, step
        level = self.shape.group_of[step.name]
        if self.shape.in_order(level):
            assert {each.name for each in self.shape.before(step.name)} <= over
        if level:
            assert self.shape.waits_for(level) <= over

    def check_the_key(self, run: Run, effect: Execute) -> None:
        """One key a round: the same attempts never belong to two rounds."""
        step = run.step(effect.step)
        assert step is not None
        assert step.attempt == effect.attempt
        rounds = self.keys.setdefault((effect.step, effect.attempt), set())
        rounds.add(step.round)
        assert len(rounds) == 1

    def check_answers(self, events: tuple[Event, ...]) -> None:
        for event in events:
            if isinstance(event, ApprovalDecided):
                assert (event.step, event.attempt) not in self.decisions
                self.decisions.add((event.step, event.attempt))

    def a_step(self, pick: int) -> tuple[str, int]:
        """Choose a step, those that are under way before all others."""
        busy = [each for each in self.run.steps if each.phase is StepPhase.RUNNING]
        open_ = [each for each in self.run.steps if each.phase is StepPhase.SUSPENDING]
        chosen = (busy + open_ + list(self.run.steps))[pick % (len(self.run.steps) + len(busy))]
        return chosen.name, chosen.attempt

    @rule(pick=st.integers(0, 9), late=st.integers(0, 1))
    def finish(self, pick: int, late: int) -> None:
        step, attempt = self.a_step(pick)
        self.feed(StepFinished(step=step, attempt=attempt - late, outputs={"n": 1}))

    @rule(pick=st.integers(0, 9), retryable=st.booleans(), late=st.integers(0, 1))
    def error(self, pick: int, retryable: bool, late: int) -> None:  # noqa: FBT001 - hypothesis passes it
        step, attempt = self.a_step(pick)
        self.feed(StepErrored(step=step, attempt=attempt - late, message="no", retryable=retryable))

    @rule(pick=st.integers(0, 9))
    def look_in_vain(self, pick: int) -> None:
        step, attempt = self.a_step(pick)
        self.feed(StepWaiting(step=step, attempt=attempt, message="not yet"))

    @rule(pick=st.integers(0, 9), gate=gates)
    def suspend(self, pick: int, gate: Gate) -> None:
        step, attempt = self.a_step(pick)
        self.feed(StepSuspended(step=step, attempt=attempt, gate=gate))

    @rule(pick=st.integers(0, 9))
    def progress(self, pick: int) -> None:
        step, attempt = self.a_step(pick)
        self.feed(StepProgressed(step=step, attempt=attempt, progress=(), message="on its way"))

    @rule(pick=st.integers(0, 9), by=PEOPLE, late=st.integers(0, 1))
    def approve(self, pick: int, by: PersonName, late: int) -> None:
        step, attempt = self.a_step(pick)
        self.feed(Approved(step=step, attempt=attempt - late, by=by, roles=("sre",)))

    @rule(pick=st.integers(0, 9), by=PEOPLE)
    def reject(self, pick: int, by: PersonName) -> None:
        step, attempt = self.a_step(pick)
        self.feed(Rejected(step=step, attempt=attempt, by=by, reason="not today"))

    @rule(seconds=st.integers(1, 120))
    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)
        self.feed(TimePassed())

    @rule(pick=st.integers(0, 9), by=PEOPLE, one=st.sampled_from([False, False, False, True]))
    def stop(self, pick: int, by: PersonName, one: bool) -> None:  # noqa: FBT001 - hypothesis passes it
        step = self.a_step(pick)[0] if one else ""
        if one or pick == 0:
            self.feed(StopAsked(by=by, reason="enough", step=step))

    @rule(pick=st.integers(0, 9), by=PEOPLE, one=st.booleans())
    def pause(self, pick: int, by: PersonName, one: bool) -> None:  # noqa: FBT001 - hypothesis passes it
        self.feed(SuspendAsked(by=by, step=self.a_step(pick)[0] if one else ""))

    @rule(pick=st.integers(0, 9), by=PEOPLE, one=st.booleans(), doors=st.booleans())
    def resume(self, pick: int, by: PersonName, one: bool, doors: bool) -> None:  # noqa: FBT001 - hypothesis passes it
        self.feed(ResumeAsked(by=by, step=self.a_step(pick)[0] if one else "", gates=doors))

    @rule(pick=st.integers(0, 9), by=PEOPLE, one=st.booleans())
    def retry(self, pick: int, by: PersonName, one: bool) -> None:  # noqa: FBT001 - hypothesis passes it
        self.feed(RetryAsked(by=by, step=self.a_step(pick)[0] if one else ""))

    @rule(pick=st.integers(0, 9), by=PEOPLE)
    def skip(self, pick: int, by: PersonName) -> None:
        self.feed(SkipAsked(by=by, step=self.a_step(pick)[0], reason="not needed"))

    @rule(pick=st.integers(0, 4), by=PEOPLE)
    def restart(self, pick: int, by: PersonName) -> None:
        if pick == 0:
            self.feed(RestartAsked(by=by))

    @rule()
    def crash(self) -> None:
        """A new process knows what the store knows, and nothing else."""
        plan = codec.write(codec.PLAN, self.run.plan)
        again = codec.read_run(plan, codec.write_state(self.run))
        assert again == self.run
        self.run = again

    @invariant()
    def it_has_ended_when_all_its_steps_are_over(self) -> None:
        top = [each for each in self.run.steps if not each.parent]
        assert self.run.phase.ended == all(each.over for each in top)
        assert self.run.phase.ended == (self.run.ended is not None)
        assert all(each.over for each in self.run.steps) or not self.run.phase.ended

    @invariant()
    def a_group_is_where_its_steps_are(self) -> None:
        for group in (each for each in self.run.steps if each.group):
            below = [each for each in self.run.steps if each.parent == group.name]
            if group.over:
                assert all(each.over for each in below)
            elif group.phase is not StepPhase.PENDING:
                waits = any(each.phase is StepPhase.SUSPENDING for each in below)
                assert (group.phase is StepPhase.SUSPENDING) == waits
                assert below
                assert not all(each.over for each in below)

    @invariant()
    def it_is_suspended_when_something_is(self) -> None:
        waits = any(each.phase is StepPhase.SUSPENDING for each in self.run.steps)
        held = waits or self.run.suspended_by is not None
        if not self.run.phase.ended:
            assert (self.run.phase is RunPhase.SUSPENDING) == held

    @invariant()
    def its_end_says_what_its_steps_say(self) -> None:
        failed = [
            each for each in self.run.steps if each.phase is StepPhase.FAILED and not each.parent
        ]
        if self.run.phase is RunPhase.SUCCEEDED:
            assert not failed
            assert self.run.revision == self.revisions[-1]
        if self.run.phase is RunPhase.TERMINATED:
            assert all(each.reason is Reason.TERMINATE for each in failed)
            assert self.run.ended_by is not None
        if self.run.phase is RunPhase.FAILED:
            assert any(each.reason is not Reason.TERMINATE for each in failed)

    @invariant()
    def it_has_ended_or_waits_for_something_named(self) -> None:
        """A coroutine, the clock, or a person: nothing else can hold a run."""
        executing = any(each.executing for each in self.run.steps)
        gate = any(each.at_gate for each in self.run.steps)
        alarm = next_alarm(self.run) is not None
        paused = self.run.suspended_by is not None
        assert self.run.phase.ended or executing or gate or alarm or paused
        assert not (self.run.phase.ended and (executing or gate or alarm))

    @invariant()
    def a_new_process_knows_what_to_start(self) -> None:
        running = [(each.name, each.attempt) for each in self.run.steps if each.executing]
        found = [
            (effect.step, effect.attempt)
            for effect in transitions.effects_of(self.run)
            if isinstance(effect, Execute)
        ]
        assert found == running

    @invariant()
    def its_events_tell_where_it_is(self) -> None:
        assert self.replay.phases() == {each.name: each.phase for each in self.run.steps}
        assert self.replay.run_phase == self.run.phase


TestRunLife = RunLife.TestCase
TestRunLife.settings = settings(max_examples=250, stateful_step_count=40, deadline=None)
