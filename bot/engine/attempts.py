"""Runs the coroutines of steps: one task an attempt, whose outcome becomes a stimulus of its run.

This is one of the few places that catch everything: whatever a step type does wrong ends its step, with a
line for the person and a traceback for us, and never the process.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence

from bot.catalog.model import Step
from bot.engine.discretion import Discretion
from bot.errors import Permanent, Temporary
from bot.events import RunId
from bot.logs import about
from bot.run.model import Progress, Reason, Run
from bot.run.stimuli import (
    StepErrored,
    StepFinished,
    StepProgressed,
    StepSuspended,
    StepWaiting,
    Stimulus,
)
from bot.run.values import outputs_of, properties_of
from bot.sealing import Seals
from bot.secrecy import Secrecy, keeping
from bot.steps.contract import (
    Capabilities,
    Done,
    Failed,
    PropertyError,
    Report,
    StepContext,
    StepType,
    Suspended,
    Waiting,
)
from bot.traces import span
from bot.workflow.expressions import ExpressionError
from bot.workflow.shape import Shape

log = logging.getLogger(__name__)

Tell = Callable[[RunId, Stimulus], Awaitable[object]]


class Attempts:
    """The attempts under way in this process."""

    def __init__(
        self,
        *,
        types: Mapping[str, StepType],
        granted: Capabilities,
        tell: Tell,
        secrecy: Secrecy,
        seals: Seals,
    ) -> None:
        self._secrecy = secrecy
        self._seals = seals
        self._types = types
        self._granted = granted
        self._tell = tell
        self._tasks: dict[tuple[RunId, str], asyncio.Task[None]] = {}

    def start(self, run: Run, step: str, attempt: int) -> None:
        """Start the coroutine of an attempt; it reports by itself."""
        self.cancel(run.id, step)
        task = asyncio.create_task(self._attempt(run, step, attempt), name=f"{run.name} {step}")
        self._tasks[run.id, step] = task
        task.add_done_callback(lambda ended: self._forget((run.id, step), ended))

    def does(self, run: RunId, step: str) -> bool:
        """Say whether an attempt of a step is under way here."""
        return (run, step) in self._tasks

    def cancel(self, run: RunId, step: str) -> None:
        """End an attempt that is no longer wanted: what it still says would be ignored anyway."""
        task = self._tasks.pop((run, step), None)
        if task is not None and task is not asyncio.current_task():
            task.cancel()

    async def stop(self) -> None:
        """End all attempts and wait until they have."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _forget(self, key: tuple[RunId, str], ended: asyncio.Task[None]) -> None:
        if self._tasks.get(key) is ended:
            del self._tasks[key]
        if not ended.cancelled() and ended.exception() is not None:
            log.error("step %s is stuck", ended.get_name(), exc_info=ended.exception())

    async def _attempt(self, run: Run, step: str, attempt: int) -> None:
        spec = Shape(run.plan.workflow).specs[step]
        discretion = Discretion(run, spec, self._secrecy, self._seals)
        with about(run=run.name, step=step), keeping(discretion.secrecy):
            with span(
                f"step {spec.type}",
                within=run.origin.trace,
                run=run.name,
                step=step,
                attempt=str(attempt),
            ):
                stimulus = await self._outcome(run, spec, attempt, discretion)
            stimulus = discretion.cleaned(stimulus)
            try:
                await self._tell(run.id, stimulus)
            except Exception:  # the named boundary, as in _outcome
                # Nobody would move the run any more, and it would look alive for ever.
                log.exception("what step %s did could not be stored", spec.name)
                said = "Shipmate could not store what this step did; its log has the details"
                await self._tell(run.id, _errored(spec, attempt, said))

    async def _outcome(
        self, run: Run, spec: Step, attempt: int, discretion: Discretion
    ) -> Stimulus:
        """Do the attempt and say what came of it."""
        try:
            return await self._do(run, spec, attempt, discretion)
        except ExpressionError as error:
            return _errored(spec, attempt, f"an expression failed: {error}", reason=Reason.INPUT)
        except PropertyError as error:
            said = f"properties.{'.'.join(str(each) for each in error.path)}: {error}"
            return _errored(spec, attempt, said, reason=Reason.PROCESS_PARAMETER)
        except Temporary as error:
            return _errored(spec, attempt, str(error), retryable=True)
        except Permanent as error:
            return _errored(spec, attempt, str(error))
        except Exception:  # the named boundary: what breaks ends its step, not the process
            log.exception("step %s of type %s broke", spec.name, spec.type)
            said = f"Shipmate made a mistake in a step of type {spec.type}; its log has the details"
            return _errored(spec, attempt, said)

    async def _do(self, run: Run, spec: Step, attempt: int, discretion: Discretion) -> Stimulus:
        kind = self._types.get(spec.type)
        if kind is None:
            return _errored(spec, attempt, f"this Shipmate has no step type {spec.type}")
        discretion.check()
        context = StepContext(
            run=run,
            step=spec.name,
            attempt=attempt,
            key=_key(run, spec.name),
            granted=discretion.granted(self._granted.only(kind.needs)),
            report=self._reporter(run.id, spec.name, attempt, discretion),
            conceal=discretion.conceal,
            clean=discretion.secrecy.clean,
            betrays=discretion.betrays,
        )
        properties = properties_of(run, spec)
        outcome = await kind.run(context, properties)
        match outcome:
            case Done():
                shown, missing = outputs_of(run, spec, outcome.outputs, properties)
                whole = shown
                if outcome.secrets:
                    whole, missing = outputs_of(run, spec, outcome.secrets, properties)
                return StepFinished(
                    step=spec.name,
                    attempt=attempt,
                    message=outcome.message or missing,
                    outputs=discretion.outputs(shown, whole),
                    details=outcome.details,
                    log=outcome.log,
                    restart=outcome.restart,
                )
            case Failed():
                outputs, _ = outputs_of(run, spec, outcome.outputs, properties)
                return StepErrored(
                    step=spec.name,
                    attempt=attempt,
                    message=outcome.message,
                    retryable=outcome.retryable,
                    details=outcome.details,
                    log=outcome.log,
                    outputs=discretion.outputs_of_failure(outputs),
                )
            case Waiting():
                return StepWaiting(
                    step=spec.name, attempt=attempt, message=outcome.message, after=outcome.after
                )
            case Suspended():
                return StepSuspended(step=spec.name, attempt=attempt, gate=outcome.gate)

    def _reporter(self, run: RunId, step: str, attempt: int, discretion: Discretion) -> Report:
        async def report(progress: Sequence[Progress], message: str = "") -> None:
            await self._tell(
                run,
                StepProgressed(
                    step=step,
                    attempt=attempt,
                    progress=discretion.progress(progress),
                    message=discretion.secrecy.clean(message),
                ),
            )

        return report


def _key(run: Run, step: str) -> str:
    """Answer the idempotency key of a step's effects: the same for all attempts of one round."""
    state = run.step(step)
    return f"{run.id}/{step}/{state.round if state else 1}"


def _errored(
    spec: Step,
    attempt: int,
    message: str,
    *,
    retryable: bool = False,
    reason: Reason = Reason.ACTION,
) -> StepErrored:
    return StepErrored(
        step=spec.name, attempt=attempt, message=message, retryable=retryable, reason=reason
    )
