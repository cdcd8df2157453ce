"""What someone sees at home: what waits for them, what runs, what is where, what they did, what they may do.

What is the same for everyone is looked up once (`survey`) and then seen by each person with their own eyes.
"""

from dataclasses import dataclass
from datetime import datetime

from bot.catalog.model import Catalog, Person
from bot.operations.desk import Desk
from bot.operations.queries import holds_of, place, where_may
from bot.operations.results import Place
from bot.policy.decisions import Action
from bot.policy.holds import Hold
from bot.run.model import Run, StepRun
from bot.run.terms import roles_in, still_needed, terms_of

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
    unsigned: tuple[Run, ...] = ()
    """With something done in an emergency that nobody has signed."""
    holds: tuple[Hold, ...] = ()
    """The locks and freezes that there are at the moment `at`, or soon after."""
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """What one person sees. `unsigned`, `holds` and `at` are everyone's."""

    person: Person
    waiting: tuple[tuple[Run, StepRun], ...]
    """The gates that this person may answer and has not answered."""
    under_way: tuple[Run, ...]
    places: tuple[Place, ...]
    mine: tuple[Run, ...]
    may_deploy: tuple[str, ...]
    may_approve: tuple[str, ...]
    unsigned: tuple[Run, ...] = ()
    holds: tuple[Hold, ...] = ()
    at: datetime | None = None


async def survey(desk: Desk) -> Survey:
    """Look at everything. Raises Temporary when the store is away."""
    catalog, now = desk.catalog(), desk.clock.now()
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
        unsigned=tuple(await desk.runs.unsigned()),
        holds=await holds_of(desk, catalog.environments.values(), "", now),
        at=now,
    )


def seen_by(person: Person, catalog: Catalog, found: Survey) -> Overview:
    """Answer what `person` sees of it. Pure."""
    return Overview(
        person=person,
        waiting=tuple(
            (run, step)
            for run in found.unfinished
            for step in run.steps
            if _is_asked(person, run, step)
        ),
        under_way=found.unfinished,
        places=tuple(each for each in found.places if each.revision or each.run),
        mine=tuple(each for each in found.recent if each.origin.person == person.name)[:MINE],
        may_deploy=where_may(catalog, person, Action.DEPLOY),
        may_approve=where_may(catalog, person, Action.APPROVE),
        unsigned=found.unsigned,
        holds=found.holds,
        at=found.at,
    )


def _is_asked(person: Person, run: Run, step: StepRun) -> bool:
    """Say whether a gate needs the yes of a person, who may say it and has not."""
    if step.gate is None or not step.at_gate or step.gate.until is not None:
        return False
    own = person.name in run.owners and not terms_of(run, step).self_approval
    if own or any(each.by == person.name for each in step.votes):
        return False
    return bool(set(roles_in(still_needed(run, step))) & set(person.roles))
