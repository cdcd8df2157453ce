"""Whether what was said at a gate still holds under the rules of today. Pure."""

from collections.abc import Iterator

from bot.catalog.model import Catalog, Environment
from bot.events import PersonName
from bot.run.model import Gate, Run, StepRun, Terms
from bot.run.stimuli import VotesVoided
from bot.run.terms import roles_in, rules_for, terms_of


def voided(catalog: Catalog, run: Run, step: StepRun, *, locked: str) -> VotesVoided | None:
    """Say what has to happen to an open gate whose rules are no longer those of `catalog`; None: all holds.

    `locked` says by what the environment is locked, if it is.
    """
    if not step.at_gate:
        return None
    environment = catalog.environments.get(run.environment, run.plan.environment)
    rules = rules_for(step.gate or Gate(), environment.ruled(run.application), locked)
    lost = tuple(_lost(catalog, step, rules, environment))
    if terms_of(run, step).same_rules(rules) and not lost:
        return None
    return VotesVoided(
        step=step.name,
        attempt=step.attempt,
        environment=environment,
        locked=locked,
        lost=lost,
    )


def _lost(
    catalog: Catalog, step: StepRun, rules: Terms, environment: Environment
) -> Iterator[PersonName]:
    """Name those who have said yes and have the role no more by which it counted, or are machines that count no more."""
    if not catalog.complete:
        return  # who is in a group is not known yet
    asked = set(roles_in(rules.requirements))
    for vote in step.votes:
        person = catalog.people.get(vote.by)
        counted = asked & set(vote.roles)
        silent = person is not None and person.machine and not environment.machine_approval
        if person is None or silent or not counted or not counted <= set(person.roles):
            yield vote.by
