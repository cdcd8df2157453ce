"""What someone sees at home: what waits for them, what runs, what is where, what they did, what they may do.

What is the same for everyone is looked up once (`survey`) and then seen by each person with their own eyes.
"""

from dataclasses import dataclass

from bot.catalog.model import Catalog, Person
from bot.operations.desk import Desk
from bot.operations.finding import governing
from bot.operations.queries import place, where_may
from bot.operations.results import Place
from bot.policy.decisions import Action, Allowed, may
from bot.run.model import Run, StepRun

LOOK_BACK = 60
"""Runs among which someone's own are looked for."""
MINE = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What is the same for everyone."""

    places: tuple[Place, ...]
    unfinished: tuple[Run, ...]
    """Oldest first."""
    recent: tuple[Run, ...]
    """Newest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """What one person sees."""

    person: Person
    waiting: tuple[tuple[Run, StepRun], ...]
    """The gates that this person may answer and has not answered."""
    under_way: tuple[Run, ...]
    places: tuple[Place, ...]
    mine: tuple[Run, ...]
    may_deploy: tuple[str, ...]
    may_approve: tuple[str, ...]


async def survey(desk: Desk) -> Survey:
    """Look at everything. Raises Temporary when the store is away."""
    catalog = desk.catalog()
    return Survey(
        places=tuple(
            [
                await place(desk, application, environment)
                for environment in catalog.environments
                for application in catalog.applications
            ]
        ),
        unfinished=tuple(await desk.runs.unfinished()),
        recent=tuple(await desk.runs.recent(limit=LOOK_BACK)),
    )


def seen_by(person: Person, catalog: Catalog, found: Survey) -> Overview:
    """Answer what `person` sees of it. Pure."""
    return Overview(
        person=person,
        waiting=tuple(
            (run, step)
            for run in found.unfinished
            for step in run.steps
            if _is_asked(person, catalog, run, step)
        ),
        under_way=found.unfinished,
        places=tuple(each for each in found.places if each.revision or each.run),
        mine=tuple(each for each in found.recent if each.origin.person == person.name)[:MINE],
        may_deploy=where_may(catalog, person, Action.DEPLOY),
        may_approve=where_may(catalog, person, Action.APPROVE),
    )


def _is_asked(person: Person, catalog: Catalog, run: Run, step: StepRun) -> bool:
    if step.gate is None or not step.at_gate or step.gate.until is not None:
        return False
    if any(each.by == person.name for each in step.votes):
        return False
    rules = governing(catalog, run)
    approvers = step.gate.approvers
    return may(catalog, person, Action.APPROVE, rules, step_approvers=approvers) == Allowed()
