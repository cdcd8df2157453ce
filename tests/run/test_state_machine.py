"""Whatever happens to a run, in whatever order, its state stays one that makes sense."""

from datetime import datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.catalog.model import Step
from bot.events import ApprovalDecided, PersonName, RunStarted
from bot.run import transitions
from bot.run.model import Gate, OnTimeout, Reason, Run, RunPhase, StepPhase
from bot.run.stimuli import (
    Approved,
    Began,
    Rejected,
    RetryAsked,
    StepErrored,
    StepFinished,
    StepProgressed,
    StepSuspended,
    Stimulus,
    StopAsked,
    TimePassed,
)
from bot.run.transitions import Execute, Ignored
from tests.builders import NOON, a_run, a_step

PEOPLE = st.sampled_from(["sre", "sre2"]).map(PersonName)

steps_of_a_workflow = st.lists(
    st.builds(
        lambda if_, timeout, retries: (if_, timeout, retries),
        st.sampled_from(["", "", "", "always"]),
        st.sampled_from([None, None, 5.0, 60.0]),
        st.integers(0, 2),
    ),
    min_size=1,
    max_size=5,
).map(
    lambda rows: [
        a_step(f"s{index}", if_=if_, timeout=timeout, retries=retries)
        for index, (if_, timeout, retries) in enumerate(rows)
    ]
)

gates = st.builds(
    Gate,
    message=st.just("go?"),
    until=st.none() | st.integers(1, 90).map(lambda seconds: NOON + timedelta(seconds=seconds)),
    on_timeout=st.sampled_from(OnTimeout),
    on_reject=st.sampled_from([RunPhase.TERMINATED, RunPhase.FAILED]),
)


class RunLife(RuleBasedStateMachine):
    """One run, and everything that may come its way, also late and also twice."""

    run: Run
    now: datetime

    @initialize(steps=steps_of_a_workflow)
    def accept(self, steps: list[Step]) -> None:
        self.run = a_run(*steps, based_on=6)
        self.now = NOON
        self.events = [RunStarted(at=NOON).kind]
        self.executed: list[tuple[str, int]] = []
        self.decisions: list[tuple[str, int]] = []
        self.feed(Began())

    def feed(self, stimulus: Stimulus) -> None:
        before = self.run
        changed = transitions.apply(before, stimulus, self.now)
        if isinstance(changed, Ignored):
            assert changed.run is before
            return
        assert changed.run.version == before.version + 1
        assert changed.run.events == before.events + len(changed.events)
        assert (changed.revision is None) == (changed.run.phase is not RunPhase.SUCCEEDED)
        self.check_what_ended_stays(before, changed.run, stimulus)
        for effect in changed.effects:
            if isinstance(effect, Execute):
                assert (effect.step, effect.attempt) not in self.executed
                self.executed.append((effect.step, effect.attempt))
        for event in changed.events:
            if isinstance(event, ApprovalDecided):
                assert (event.step, event.attempt) not in self.decisions
                self.decisions.append((event.step, event.attempt))
        self.run = changed.run

    def check_what_ended_stays(self, before: Run, after: Run, stimulus: Stimulus) -> None:
        if isinstance(stimulus, RetryAsked):
            return
        assert not before.phase.ended
        for old, new in zip(before.steps, after.steps, strict=True):
            if old.phase.ended:
                assert new == old

    def current(self) -> tuple[str, int]:
        running = next(
            (step for step in self.run.steps if not step.phase.ended), self.run.steps[-1]
        )
        return running.name, running.attempt

    @rule(late=st.integers(0, 1))
    def finish(self, late: int) -> None:
        step, attempt = self.current()
        self.feed(StepFinished(step=step, attempt=attempt - late, outputs={"n": 1}))

    @rule(retryable=st.booleans(), late=st.integers(0, 1))
    def error(self, retryable: bool, late: int) -> None:  # noqa: FBT001 - hypothesis passes it
        step, attempt = self.current()
        self.feed(StepErrored(step=step, attempt=attempt - late, message="no", retryable=retryable))

    @rule(gate=gates)
    def suspend(self, gate: Gate) -> None:
        step, attempt = self.current()
        self.feed(StepSuspended(step=step, attempt=attempt, gate=gate))

    @rule()
    def progress(self) -> None:
        step, attempt = self.current()
        self.feed(StepProgressed(step=step, attempt=attempt, progress=(), message="on its way"))

    @rule(by=PEOPLE, late=st.integers(0, 1))
    def approve(self, by: PersonName, late: int) -> None:
        step, attempt = self.current()
        self.feed(Approved(step=step, attempt=attempt - late, by=by))

    @rule(by=PEOPLE)
    def reject(self, by: PersonName) -> None:
        step, attempt = self.current()
        self.feed(Rejected(step=step, attempt=attempt, by=by, reason="not today"))

    @rule(seconds=st.integers(1, 120))
    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)
        self.feed(TimePassed())

    @precondition(lambda self: len(self.executed) > 2)
    @rule(by=PEOPLE)
    def stop(self, by: PersonName) -> None:
        self.feed(StopAsked(by=by, reason="enough"))

    @rule(by=PEOPLE)
    def retry(self, by: PersonName) -> None:
        self.feed(RetryAsked(by=by))

    @invariant()
    def it_has_ended_when_all_its_steps_have(self) -> None:
        assert self.run.phase.ended == all(step.phase.ended for step in self.run.steps)
        assert self.run.phase.ended == (self.run.ended is not None)

    @invariant()
    def one_step_at_a_time_is_under_way(self) -> None:
        busy = [
            step
            for step in self.run.steps
            if not step.phase.ended and step.phase is not StepPhase.PENDING
        ]
        assert len(busy) <= 1
        suspended = bool(busy) and busy[0].phase is StepPhase.SUSPENDING
        assert (self.run.phase is RunPhase.SUSPENDING) == suspended

    @invariant()
    def its_end_says_what_its_steps_say(self) -> None:
        failed = [step for step in self.run.steps if step.phase is StepPhase.FAILED]
        if self.run.phase is RunPhase.SUCCEEDED:
            assert not failed
            assert self.run.revision == 7
        else:
            assert self.run.revision is None
        if self.run.phase is RunPhase.TERMINATED:
            assert all(step.reason is Reason.TERMINATE for step in failed)
            assert self.run.ended_by is not None

    @invariant()
    def what_waits_for_the_clock_is_woken(self) -> None:
        alarm = transitions.next_alarm(self.run)
        retrying = any(step.phase is StepPhase.RUNNING and step.wake_at for step in self.run.steps)
        assert not retrying or alarm is not None
        assert not (self.run.phase.ended and alarm is not None)

    @invariant()
    def a_new_process_knows_what_to_start(self) -> None:
        running = [
            (step.name, step.attempt)
            for step in self.run.steps
            if step.phase is StepPhase.RUNNING and step.wake_at is None
        ]
        found = [
            (effect.step, effect.attempt)
            for effect in transitions.effects_of(self.run)
            if isinstance(effect, Execute)
        ]
        assert found == running


TestRunLife = RunLife.TestCase
TestRunLife.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
