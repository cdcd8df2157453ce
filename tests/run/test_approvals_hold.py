"""Nothing that people, the clock or a crash can do takes a run past its gate without its quorum, or an emergency.

Random rules and people; votes with what is shown now, what was shown before and nothing, late and repeated;
withdrawals, other rules, emergencies, pauses, retries, restarts, skips and new processes at any moment.
"""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.catalog.approving import Requirement
from bot.catalog.model import Environment
from bot.events import ApprovalsVoided, PersonName
from bot.run import transitions
from bot.run.model import Gate, Run, StepPhase, StepRun
from bot.run.stimuli import (
    Approved,
    Began,
    GlassBroken,
    Rejected,
    RestartAsked,
    ResumeAsked,
    RetryAsked,
    ReviewSigned,
    SkipAsked,
    StepFinished,
    StepSuspended,
    Stimulus,
    StopAsked,
    SuspendAsked,
    TimePassed,
    VotesVoided,
    VoteWithdrawn,
)
from bot.run.terms import terms_of
from bot.run.transitions import Ignored
from bot.store import codec
from tests.builders import NOON, a_run, a_step, an_environment
from tests.run.test_quorum import enough, rules, some_roles

PEOPLE = tuple(PersonName(name) for name in ("dev", "ann", "bob", "cy"))
"""`dev` asked for the run."""
people = st.sampled_from(PEOPLE)
environments = st.builds(
    lambda approvals, own: replace(
        an_environment(), approvals=tuple(approvals), self_approval=own, approvers=("sre",)
    ),
    rules.filter(lambda approvals: sum(each.count for each in approvals) != 1),
    st.booleans(),
)
SHOWN = st.sampled_from([0, 0, 0, 0, 1, 2])
"""How many digests ago: mostly what is shown now."""
LATE = st.sampled_from([0, 0, 0, 0, 1])
SELDOM = st.sampled_from([False] * 7 + [True])
"""Of what ends the wait, so that most runs wait for long."""


class Gatekeeping(RuleBasedStateMachine):
    """One run with a gate, and its own account of who has said yes to what."""

    run: Run

    @initialize(
        environment=environments,
        quorum=st.integers(2, 3),
        then_runs=st.booleans(),
        roles=st.lists(some_roles.filter(bool), min_size=len(PEOPLE), max_size=len(PEOPLE)),
    )
    def accept(
        self,
        environment: Environment,
        quorum: int,
        then_runs: bool,  # noqa: FBT001 - hypothesis passes it
        roles: list[tuple[str, ...]],
    ) -> None:
        fresh = a_run(a_step("gate"), a_step("after", "webhook"))
        self.run = replace(fresh, plan=replace(fresh.plan, environment=environment))
        self.gate = Gate(quorum=quorum, then_runs=then_runs)
        self.roles = dict(zip(PEOPLE, roles, strict=True))
        self.now = NOON
        self.digests = [""]
        self.yes: dict[PersonName, tuple[str, ...]] = {}
        self.feed(Began())
        self.open()

    @property
    def step(self) -> StepRun:
        found = self.run.step("gate")
        assert found is not None
        return found

    def feed(self, stimulus: Stimulus) -> bool:
        """Let something happen; say whether it did. Whenever the gate opens, its quorum has to be there."""
        before = self.step
        terms = terms_of(self.run, before)
        changed = transitions.apply(self.run, stimulus, self.now)
        if isinstance(changed, Ignored):
            return False
        self.run = changed.run
        decided = self.step.decision
        if decided is not None and decided.approved and before.decision is None:
            emergency = isinstance(stimulus, GlassBroken)
            assert decided.emergency is emergency
            if isinstance(stimulus, Approved):
                self.yes[stimulus.by] = stimulus.roles
            assert emergency or enough(terms.requirements, list(self.yes.values()))
            assert emergency or terms.self_approval or "dev" not in self.yes
        return True

    @precondition(lambda self: self.step.executing and self.step.decision is None)
    @rule()
    def open(self) -> None:
        if self.step.executing and self.step.decision is None:
            self.feed(StepSuspended(step="gate", attempt=self.step.attempt, gate=self.gate))
            self.yes = {}
            self.digests.append(terms_of(self.run, self.step).digest)

    @rule(by=people, late=LATE, shown=SHOWN, twice=st.booleans())
    def approve(self, by: PersonName, late: int, shown: int, twice: bool) -> None:  # noqa: FBT001 - hypothesis passes it
        old = self.step
        terms = terms_of(self.run, old)
        digest = self.digests[-1 - shown % len(self.digests)]
        vote = Approved(
            step="gate",
            attempt=old.attempt - late,
            by=by,
            roles=self.roles[by],
            terms=digest,
        )
        asked = {role for each in terms.requirements for role in each.roles}
        counts = (
            old.at_gate
            and not late
            and digest in {"", terms.digest}
            and (terms.self_approval or by != "dev")
            and bool(asked & set(self.roles[by]))
            and by not in self.yes
        )
        assert self.feed(vote) is counts
        if counts and self.step.at_gate:
            self.yes[by] = self.roles[by]
        if twice and counts:
            assert not self.feed(vote)

    @rule(by=people)
    def withdraw(self, by: PersonName) -> None:
        there = self.step.at_gate and by in self.yes
        asked = VoteWithdrawn(step="gate", attempt=self.step.attempt, by=by)
        assert self.feed(asked) is there
        if there:
            del self.yes[by]

    @rule(environment=environments, locked=st.sampled_from(["", "", "a fair"]))
    def other_rules(self, environment: Environment, locked: str) -> None:
        old = terms_of(self.run, self.step)
        asked = VotesVoided(
            step="gate", attempt=self.step.attempt, environment=environment, locked=locked
        )
        if self.feed(asked):
            new = terms_of(self.run, self.step)
            assert (new.requirements, new.self_approval, new.locked) != (
                old.requirements,
                old.self_approval,
                old.locked,
            )
            assert new.digest != old.digest
            assert self.step.votes == ()
            self.yes = {}
            self.digests.append(new.digest)
            assert not self.feed(asked), "it is void once"

    @rule(by=people)
    def may_no_more(self, by: PersonName) -> None:
        step = self.step
        environment = self.run.plan.environment
        asked = VotesVoided(step="gate", attempt=step.attempt, environment=environment, lost=(by,))
        old = terms_of(self.run, step)
        if self.feed(asked):
            same = terms_of(self.run, self.step) == old
            self.yes = {each: roles for each, roles in self.yes.items() if same and each != by}
            self.digests.append(terms_of(self.run, self.step).digest)

    @rule(by=people, really=SELDOM)
    def emergency(self, by: PersonName, really: bool) -> None:  # noqa: FBT001 - hypothesis passes it
        if really:
            broken = GlassBroken(step="gate", attempt=self.step.attempt, by=by, reason="fire")
            before = len(self.run.reviews)
            if self.feed(broken):
                assert len(self.run.reviews) == before + 1

    @rule(by=people)
    def sign(self, by: PersonName) -> None:
        before = self.run.open_reviews
        for each in before[:1]:
            signed = self.feed(ReviewSigned(step=each.step, attempt=each.attempt, by=by))
            assert signed is (by != each.by)
            assert len(self.run.open_reviews) == len(before) - signed

    @rule(by=people, shown=SHOWN, really=SELDOM)
    def reject(self, by: PersonName, shown: int, really: bool) -> None:  # noqa: FBT001 - hypothesis passes it
        digest = self.digests[-1 - shown % len(self.digests)]
        if really:
            no = Rejected(step="gate", attempt=self.step.attempt, by=by, reason="no", terms=digest)
            self.feed(no)

    @rule(
        asked=st.sampled_from(
            [
                SuspendAsked(by=PEOPLE[1]),
                ResumeAsked(by=PEOPLE[1], gates=False),
                RetryAsked(by=PEOPLE[1]),
                RetryAsked(by=PEOPLE[1], step="after"),
                RestartAsked(by=PEOPLE[1]),
                SkipAsked(by=PEOPLE[1], step="gate", reason="hurry"),
                StopAsked(by=PEOPLE[1]),
            ]
        ),
        really=SELDOM,
    )
    def ask(self, asked: Stimulus, really: bool) -> None:  # noqa: FBT001 - hypothesis passes it
        if really:
            self.feed(asked)

    @rule(seconds=st.integers(1, 90))
    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)
        self.feed(TimePassed())

    @rule()
    def finish(self) -> None:
        for each in self.run.steps:
            if each.executing and (each.name != "gate" or each.decision is not None):
                self.feed(StepFinished(step=each.name, attempt=each.attempt))
                return

    @rule()
    def crash(self) -> None:
        plan = codec.write(codec.PLAN, self.run.plan)
        again = codec.read_run(plan, codec.write_state(self.run))
        assert again == self.run
        self.run = again

    @invariant()
    def nothing_has_begun_behind_a_closed_gate(self) -> None:
        after = self.run.step("after")
        assert after is not None
        decision = self.step.decision
        opened = decision is not None and decision.approved
        assert opened or after.phase in {StepPhase.PENDING, StepPhase.SKIPPED}

    @invariant()
    def the_votes_that_stand_there_are_those_that_were_given(self) -> None:
        if self.step.at_gate:
            assert {each.by: each.roles for each in self.step.votes} == self.yes


TestGatekeeping = Gatekeeping.TestCase
TestGatekeeping.settings = settings(max_examples=80, stateful_step_count=30, deadline=None)


def test_what_became_void_is_told_with_what_changed() -> None:
    run = a_run(a_step("gate"), a_step("after", "webhook"))
    for stimulus in (
        Began(),
        StepSuspended(step="gate", attempt=1, gate=Gate(quorum=2)),
        Approved(step="gate", attempt=1, by=PersonName("ann"), roles=("sre",)),
    ):
        run = transitions.apply(run, stimulus, NOON).run
    rule_of_two = Requirement(roles=("lead",), count=2)
    stricter = replace(an_environment(), approvals=(rule_of_two,), self_approval=False)

    changed = transitions.apply(
        run, VotesVoided(step="gate", attempt=1, environment=stricter, locked="a fair"), NOON
    )

    assert isinstance(changed, transitions.Transition)
    assert changed.events == (
        ApprovalsVoided(
            at=NOON,
            step="gate",
            attempt=1,
            people=(PersonName("ann"),),
            was=((2, ("sre",)),),
            now=((2, ("lead",)),),
            self_approval=False,
            locked="a fair",
        ),
    )


@settings(max_examples=150, deadline=None)
@given(
    requirements=rules.filter(lambda each: sum(one.count for one in each) > 0),
    voters=st.lists(some_roles.filter(bool), min_size=1, max_size=5),
)
def test_a_gate_opens_with_the_yes_that_completes_it_and_not_before(
    requirements: list[Requirement], voters: list[tuple[str, ...]]
) -> None:
    run = a_run(a_step("gate"), a_step("after", "webhook"))
    gate = Gate(approvals=tuple(requirements))
    for stimulus in (Began(), StepSuspended(step="gate", attempt=1, gate=gate)):
        run = transitions.apply(run, stimulus, NOON).run
    asked = {role for each in requirements for role in each.roles}
    given_: list[tuple[str, ...]] = []
    for at, roles in enumerate(voters):
        yes = Approved(step="gate", attempt=1, by=PersonName(f"p{at}"), roles=roles)
        run = transitions.apply(run, yes, NOON).run
        if asked & set(roles):
            given_.append(roles)
        step = run.step("gate")
        assert step is not None
        assert (step.decision is not None) is enough(requirements, given_)
        if step.decision is not None:
            return
