"""What a form offers to choose from, and what in a filled-in one names nothing: a look into store and catalog."""

from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import Final

from bot.catalog.model import Catalog
from bot.chat.language import _, one_after_the_other
from bot.chat.presenters.forms import Offered
from bot.chat.presenters.lists import either
from bot.command.requests import Misunderstood, Request, RunName
from bot.events import RunId
from bot.run.model import Run, RunPhase, StepPhase, StepRun
from bot.run.ports import Runs
from bot.wording import N_

MOST_RUNS = 50
"""Runs that are looked through, the newest first."""

FITS: Final[Mapping[str, Callable[[Run], bool]]] = {
    "approve": lambda run: any(each.at_gate for each in run.steps),
    "reject": lambda run: any(each.at_gate for each in run.steps),
    "stop": lambda run: not run.phase.ended,
    "pause": lambda run: not run.phase.ended and run.suspended_by is None,
    "resume": lambda run: run.phase is RunPhase.SUSPENDING,
    "retry": lambda run: any(_can_be_retried(run, each) for each in run.steps),
    "restart": lambda run: run.phase.ended,
    "skip": lambda run: any(_can_be_skipped(run, each) for each in run.steps),
}
"""Which runs a verb can be about as they are; any other verb: all."""

NOTHING: Final = {
    "application": N_("There is no application {name}."),
    "environment": N_("There is no environment {name}."),
    "step": N_("There is no step {name}."),
}
"""What is said of a name that is nobody's, by the field that has it."""

REVIVES = frozenset({"retry", "restart", "skip"})
"""Verbs that bring an ended run to life, which goes for the newest of its place only."""


class Offers:
    """Looks for what there is."""

    def __init__(self, runs: Runs, catalog: Callable[[], Catalog]) -> None:
        self._runs = runs
        self._catalog = catalog

    async def of(self, problem: Misunderstood) -> Offered:
        """Answer what there is to choose from for a command that is not complete. Raises Temporary."""
        named = problem.given.get("run")
        if isinstance(named, RunName):
            run = await self._find(named)
            steps = _steps(problem.verb, run) if run is not None else ()
            return Offered(run=run, steps=steps)
        if "run" not in problem.missing:
            return Offered()
        return Offered(runs=fitting(problem.verb, await self._runs.recent(limit=MOST_RUNS)))

    async def names_of_nothing(self, request: Request) -> dict[str, str]:
        """Answer which names of a request are nobody's, by field, with those that come near. Raises Temporary."""
        catalog = self._catalog()
        found: dict[str, str] = {}
        for name, there in (
            ("application", catalog.applications),
            ("environment", catalog.environments),
        ):
            given = str(getattr(request, name, ""))
            if given and given not in there:
                found[name] = _nothing(name, given, there)
        named = getattr(request, "run", None)
        if not isinstance(named, RunName):
            return found
        run = await self._find(named)
        if run is None:
            return {**found, "run": _("There is no such run.")}
        step = str(getattr(request, "step", ""))
        if step and run.step(step) is None:
            found["step"] = _nothing("step", step, [each.name for each in run.steps])
        return found

    async def _find(self, name: RunName) -> Run | None:
        if name.id:
            return await self._runs.get(RunId(name.id))
        return await self._runs.by_number(name.application, name.environment, name.number)


def fitting(verb: str, runs: Iterable[Run]) -> tuple[Run, ...]:
    """Answer the runs that a verb can be about, of those that are given newest first."""
    fits = FITS.get(verb)
    found: list[Run] = []
    seen: set[tuple[str, str]] = set()
    for each in runs:
        place = (each.application, each.environment)
        overtaken = verb in REVIVES and place in seen
        seen.add(place)
        if (fits is None or fits(each)) and not overtaken:
            found.append(each)
    return tuple(found)


def _steps(verb: str, run: Run) -> tuple[StepRun, ...]:
    can_be = {"retry": _can_be_retried, "skip": _can_be_skipped}.get(verb)
    return tuple(each for each in run.steps if can_be is None or can_be(run, each))


def _can_be_retried(run: Run, step: StepRun) -> bool:
    return run.phase is not RunPhase.SUCCEEDED and step.phase is StepPhase.FAILED


def _can_be_skipped(run: Run, step: StepRun) -> bool:
    over = step.phase in {StepPhase.SUCCEEDED, StepPhase.SKIPPED} or step.gate is not None
    ended = run.phase.ended and step.phase is not StepPhase.FAILED
    return run.phase is not RunPhase.SUCCEEDED and not over and not ended


def _nothing(what: str, name: str, there: Iterable[str]) -> str:
    near = get_close_matches(name.lower(), list(there), n=3)
    meant = _("Did you mean {names}?", names=either(near)) if near else ""
    return one_after_the_other(_(NOTHING[what], name=name), meant)
