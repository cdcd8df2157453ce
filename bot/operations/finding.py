"""Finds what a request names, or refuses with the names that come near.

Names are looked up before permission is asked, so that a typing mistake is never answered with a lecture
on roles; everyone whom the catalog knows may know all names.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Final

from bot.catalog.model import Application, Catalog, Environment, Person, Workflow
from bot.events import RunId
from bot.operations.desk import Desk
from bot.policy.decisions import Action, may
from bot.policy.refusals import Code, Refusal
from bot.retention import Keep
from bot.run.again import Behind
from bot.run.model import Revision, Run
from bot.workflow.generated import generated_workflow, with_cleaning, with_components

_OURS: Final = re.compile(r"[0-9a-f]{32}")
"""How ids of runs look. Nobody types one: it comes from a button, or from a program, to which it was given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where something is to be delivered, and by which steps."""

    application: Application
    environment: Environment
    workflow: Workflow


def enter(
    catalog: Catalog, person: Person, action: Action, *, application: str, environment: str
) -> Destination | Refusal:
    """Find an (application, environment) in which `person` may do `action`."""
    found = application_called(catalog, application)
    if isinstance(found, Refusal):
        return found
    place = environment_called(catalog, environment)
    if isinstance(place, Refusal):
        return place
    answer = may(catalog, person, action, place, application=found.name)
    if isinstance(answer, Refusal):
        return answer
    workflow = catalog.workflow(found.name, place.name) or generated_workflow(found, place)
    complete = with_cleaning(with_components(workflow, found))
    return Destination(application=found, environment=place, workflow=complete)


def application_called(catalog: Catalog, name: str) -> Application | Refusal:
    """Find an application by its name."""
    found = catalog.applications.get(name)
    return found or unknown(Code.UNKNOWN_APPLICATION, name, catalog.applications)


def environment_called(catalog: Catalog, name: str) -> Environment | Refusal:
    """Find an environment by its name."""
    found = catalog.environments.get(name)
    return found or unknown(Code.UNKNOWN_ENVIRONMENT, name, catalog.environments)


def unknown(code: Code, name: str, known: Iterable[str]) -> Refusal:
    """Refuse a name that is not among `known`, with those that come near."""
    names = list(known)
    nearest = get_close_matches(name.lower(), names, n=3)
    return Refusal(
        code=code,
        facts={"name": name, "nearest": ", ".join(nearest), "known": ", ".join(names)},
    )


def author_called(catalog: Catalog, text: str) -> str:
    """Answer the name in workflows/ of whoever a CI system calls the author, by name or address; or what it calls them."""
    for each in catalog.people.values():
        if text and text.casefold() in {each.name.casefold(), each.email.casefold()}:
            return each.name
    return text


async def find_run(
    desk: Desk, *, run_id: str, application: str, environment: str, number: int
) -> Run | Refusal:
    """Find a run by its id, if one is given, or else as `application/environment#number`."""
    if run_id:
        found = await desk.runs.get(RunId(run_id))
    else:
        found = await desk.runs.by_number(application, environment, number)
    if found is not None:
        return found
    if not run_id:
        catalog = desk.catalog()
        for named in (
            application_called(catalog, application),
            environment_called(catalog, environment),
        ):
            if isinstance(named, Refusal):
                return named
        latest = await desk.runs.latest(application, environment)
        if 0 < number < latest.run_number:
            # Numbers are counted without a gap: this one was given.
            return not_kept(
                Code.RUN_NOT_KEPT, f"{application}/{environment}#{number}", desk.keep.runs
            )
    elif _OURS.fullmatch(run_id):
        gone = not_kept(Code.RUN_NOT_KEPT, "", desk.keep.runs)
        return replace(gone, facts={**gone.facts, "id": run_id})
    name = f"run:{run_id}" if run_id else f"{application}/{environment}#{number}"
    return Refusal(code=Code.UNKNOWN_RUN, facts={"name": name})


def not_kept(code: Code, name: str, rule: Keep) -> Refusal:
    """Refuse what was there and was removed since, with the rule by which such things are kept now."""
    days = "" if rule.age is None else str(rule.age.days)
    count = "" if rule.newest is None else str(rule.newest)
    return Refusal(code=code, facts={"name": name, "days": days, "count": count})


def no_revision(desk: Desk, number: int, newest: Revision) -> Refusal:
    """Refuse a number that no revision has, or has no more: they are counted without a gap."""
    name = f"v{number}"
    if 0 < number < newest.number:
        return not_kept(Code.REVISION_NOT_KEPT, name, desk.keep.revisions)
    return Refusal(code=Code.UNKNOWN_REVISION, facts={"name": name, "newest": newest.name})


def governing(catalog: Catalog, run: Run) -> Environment:
    """Answer the environment whose rules hold for `run`: today's, or its own when it is there no more."""
    return catalog.environments.get(run.environment, run.plan.environment)


def about(refusal: Refusal, run: Run) -> Refusal:
    """Answer a refusal that says which run it is about, for the audit log."""
    return replace(refusal, facts={**refusal.facts, "run": run.name})


def done_before(run: Run, request: str) -> Behind | None:
    """Answer what this very request has done to a run, when a process died before it could say so."""
    return next((each for each in run.behind if request and each.request == request), None)
