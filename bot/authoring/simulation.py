"""Plays a workflow without any effect, on virtual time, by the transitions that run the real ones.

What steps do is said by a script. Only step types that need nothing from outside (`suspend`,
`print-message-in-status`) do their own work, for it has no effect but on the run.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.authoring.script import Asked, Outcome, Script, Verb, stimulus_of
from bot.catalog.model import Application, Environment, Step, Workflow
from bot.events import PersonName, RunId
from bot.run import transitions
from bot.run.context import context_of
from bot.run.model import Gate, Origin, Plan, Progress, Reason, Run
from bot.run.stimuli import (
    Began,
    StepErrored,
    StepFinished,
    StepSuspended,
    StepWaiting,
    Stimulus,
    TimePassed,
)
from bot.run.terms import roles_in, terms_of
from bot.run.timing import next_alarm
from bot.run.transitions import Cancel, Execute, Ignored
from bot.run.values import properties_of
from bot.secrecy import Secrecy, leaves
from bot.steps.contract import Capabilities, Done, PropertyError, StepContext, StepType, Suspended
from bot.workflow.expressions import ExpressionError
from bot.workflow.shape import Shape
from bot.workflow.values import resolve_outputs

START = datetime(2000, 1, 1, tzinfo=UTC)
MOST = 100_000
"""Changes of a run after which nobody waits for its end any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """Where the run is after a change. `at` counts seconds from the start."""

    at: float
    run: dict[str, str]
    steps: dict[str, dict[str, str]]


@dataclass(slots=True, kw_only=True)
class Played:
    """What became of a run: every change, and the requests that did not fit (each with its reason code)."""

    timeline: list[Moment] = field(default_factory=list)
    refused: list[dict[str, Any]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Answer the end and the way to it as plain values."""
        last = self.timeline[-1]
        return {
            "run": last.run,
            "steps": last.steps,
            "timeline": [
                {"at": each.at, "run": each.run, "steps": each.steps} for each in self.timeline
            ],
            "refused": self.refused,
        }


async def simulate(
    workflow: Workflow,
    script: Script,
    types: Mapping[str, StepType],
    application: Application | None = None,
) -> Played:
    """Play `workflow` to its end, to where nothing more can happen, or to the script's `until`."""
    return await _Simulation(workflow, script, types, application).play()


class _Simulation:
    def __init__(
        self,
        workflow: Workflow,
        script: Script,
        types: Mapping[str, StepType],
        application: Application | None,
    ) -> None:
        self._script = script
        self._types = types
        self._shape = Shape(workflow)
        self._now = START
        self._done: dict[str, int] = {}
        self._run = _new_run(workflow, application)
        self._changes = 0
        self._secrecy = Secrecy()
        self.played = Played()

    async def play(self) -> Played:
        """Play it."""
        requests = sorted(self._script.requests, key=lambda each: each.at)
        self._note()
        await self._tell(Began())
        while self._changes < MOST:
            alarm = next_alarm(self._run)
            asked = requests[0] if requests else None
            at = START + timedelta(seconds=asked.at) if asked else None
            following = min((each for each in (alarm, at) if each is not None), default=None)
            if following is None or self._is_too_late(following):
                break
            self._now = max(self._now, following)
            if alarm is not None and alarm <= self._now:
                await self._tell(TimePassed())
            elif asked is not None:
                requests.pop(0)
                await self._ask(asked)
        return self.played

    def _is_too_late(self, moment: datetime) -> bool:
        until = self._script.until
        return until is not None and moment > START + timedelta(seconds=until)

    async def _ask(self, asked: Asked) -> None:
        attempts = {each.name: each.attempt for each in self._run.steps}
        verb, step = next(iter(asked.verbs.items()))
        if verb in {Verb.APPROVE, Verb.REJECT} and not step:
            step = next((each.name for each in self._run.steps if each.at_gate), "")
            asked = asked.model_copy(update={verb.value: step})
        gate = self._run.step(step)
        # A script knows no people: whoever it lets approve has the roles that are asked.
        roles = roles_in(terms_of(self._run, gate).requirements) if gate else ()
        why = await self._tell(stimulus_of(asked, attempts, roles))
        if why:
            refused = {"at": asked.at, "request": verb.value, "step": step, "why": why}
            self.played.refused.append(refused)

    async def _tell(self, stimulus: Stimulus) -> str:
        """Let something happen, and with it everything that takes no time; say why not, if so."""
        todo: list[Stimulus] = [stimulus]
        refused = ""
        while todo and self._changes < MOST:
            changed = transitions.apply(self._run, todo.pop(0), self._now)
            if isinstance(changed, Ignored):
                refused = refused or changed.why.value
                continue
            self._changes += 1
            self._run = changed.run
            self._note()
            for effect in changed.effects:
                if isinstance(effect, Execute):
                    outcome = await self._execute(effect)
                    todo += [outcome] if outcome is not None else []
                elif isinstance(effect, Cancel):
                    todo = [each for each in todo if getattr(each, "step", "") != effect.step]
        return refused

    async def _execute(self, effect: Execute) -> Stimulus | None:
        """Say what an execution does, if it ends."""
        spec = self._shape.specs[effect.step]
        waits = self._waits_for_approval(spec, effect)
        if waits is not None:
            return waits
        scripted = self._next_outcome(effect.step)
        kind = self._types.get(spec.type)
        if scripted in {None, Outcome.SUCCEED} and kind is not None and not kind.needs:
            return await self._do(spec, effect, kind)
        step, attempt = effect.step, effect.attempt
        match scripted:
            case Outcome.WAIT:
                forever = self._is_last(effect.step)
                return None if forever else StepWaiting(step=step, attempt=attempt)
            case Outcome.FAIL | Outcome.FAIL_FINAL:
                return StepErrored(
                    step=step,
                    attempt=attempt,
                    message="scripted to fail",
                    retryable=scripted is Outcome.FAIL,
                    outputs=self._left(spec),
                )
        return StepFinished(step=step, attempt=attempt, outputs=self._left(spec))

    def _waits_for_approval(self, spec: Step, effect: Execute) -> Stimulus | None:
        """Let a `deploy` that is not automatic ask first, as KubeVela's does."""
        step = self._run.step(effect.step)
        asks = spec.type == "deploy" and spec.properties.get("auto") is False
        if not asks or step is None or step.decision is not None:
            return None
        gate = Gate(message=f'Waiting approval to the deploy step "{spec.name}"', then_runs=True)
        return StepSuspended(step=effect.step, attempt=effect.attempt, gate=gate)

    async def _do(self, spec: Step, effect: Execute, kind: StepType) -> Stimulus:
        context = StepContext(
            run=self._run,
            step=spec.name,
            attempt=effect.attempt,
            key="",
            granted=Capabilities(),
            report=_nobody,
        )
        step, attempt = effect.step, effect.attempt
        try:
            outcome = await kind.run(context, properties_of(self._run, spec))
        except (PropertyError, ExpressionError) as error:
            wrong = isinstance(error, PropertyError)
            reason = Reason.PROCESS_PARAMETER if wrong else Reason.INPUT
            return StepErrored(
                step=step, attempt=attempt, message=str(error), retryable=False, reason=reason
            )
        if isinstance(outcome, Suspended):
            return StepSuspended(step=step, attempt=attempt, gate=outcome.gate)
        said = outcome.message if isinstance(outcome, Done) else ""
        return StepFinished(step=step, attempt=attempt, message=said, outputs=self._left(spec))

    def _next_outcome(self, step: str) -> Outcome | None:
        at = self._done.get(step, 0)
        self._done[step] = at + 1
        scripted = self._script.outcomes.get(step)
        return scripted[min(at, len(scripted) - 1)] if scripted else None

    def _is_last(self, step: str) -> bool:
        return self._done[step] >= len(self._script.outcomes[step])

    def _left(self, spec: Step) -> dict[str, Any]:
        """Answer a step's outputs: what the script says, else what needs no real execution (`context.name`)."""
        given = self._script.outputs.get(spec.name, {})
        context = context_of(self._run, spec.name)
        values, _ = resolve_outputs(spec, given, context, spec.properties)
        left = {name: given.get(name, value) for name, value in values.items()}
        for each in spec.outputs:
            if each.secret:
                self._secrecy.learn(*leaves(left[each.name]))
        return left

    def _note(self) -> None:
        """Write down where the run is, if that has changed."""
        run = self._run
        moment = Moment(
            at=(self._now - START).total_seconds(),
            run={"phase": run.phase.value, "message": run.message},
            steps={
                each.name: {
                    "phase": each.phase.value,
                    "reason": each.reason.value,
                    "message": self._secrecy.clean(each.message),
                }
                for each in run.steps
            },
        )
        last = self.played.timeline[-1] if self.played.timeline else None
        if last is None or (last.run, last.steps) != (moment.run, moment.steps):
            self.played.timeline.append(moment)


def told(played: Played) -> Iterator[str]:
    """Yield a line for each change, as people read it."""
    before: Moment | None = None
    for each in played.timeline:
        when = f"{each.at:8g}s"
        if before is None or before.run != each.run:
            yield f"{when}  run {_said(each.run)}"
        for name, step in each.steps.items():
            if before is not None and before.steps[name] != step:
                yield f"{when}    {name} {_said(step)}"
        before = each
    for refused in played.refused:
        what = f"{refused['request']} {refused['step']}".strip()
        yield f"{refused['at']:8g}s  {what} was refused: {refused['why']}"


def _said(status: Mapping[str, str]) -> str:
    reason = f" ({status['reason']})" if status.get("reason") else ""
    message = f": {status['message']}" if status["message"] else ""
    return f"{status['phase']}{reason}{message}"


async def _nobody(progress: Sequence[Progress], message: str = "") -> None:
    """Nobody looks at the progress of a played step."""


def _new_run(workflow: Workflow, application: Application | None) -> Run:
    name = workflow.application or (application.name if application else workflow.name)
    plan = Plan(
        application=application or Application(name=name or "workflow", components=()),
        environment=Environment(
            name=workflow.environment or "default", targets=(), approvers=("approver",)
        ),
        workflow=workflow,
    )
    origin = Origin(person=PersonName("script"), chat="simulation", channel="", via="simulate")
    run, _ = transitions.new_run(
        run_id=RunId("simulation"), number=1, plan=plan, origin=origin, now=START
    )
    return run
