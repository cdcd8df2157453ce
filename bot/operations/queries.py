"""What people may look at: read-only answers, the same for everyone whom the catalog knows."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from bot.catalog.model import Application, Catalog, Environment, Person
from bot.operations.desk import Desk, Visitor
from bot.operations.finding import Destination, application_called, enter, environment_called
from bot.operations.results import (
    ApplicationList,
    EnvironmentList,
    Identity,
    Place,
    RevisionList,
    Right,
    RunList,
    StatusList,
)
from bot.policy.decisions import Action, Allowed, may, roles_for
from bot.policy.holds import Hold, beginning, holds
from bot.policy.refusals import Refusal


async def revisions(
    desk: Desk, visitor: Visitor, *, application: str, environment: str
) -> RevisionList | Refusal:
    """List the revisions of an (application, environment), newest first."""
    place = _look(desk, visitor, application, environment)
    if isinstance(place, Refusal):
        return place
    return RevisionList(
        application=place.application,
        environment=place.environment,
        revisions=tuple(await desk.runs.revisions(application, environment)),
    )


async def runs(
    desk: Desk, visitor: Visitor, *, application: str, environment: str
) -> RunList | Refusal:
    """List the newest runs of an (application, environment)."""
    place = _look(desk, visitor, application, environment)
    if isinstance(place, Refusal):
        return place
    return RunList(
        application=application,
        environment=environment,
        runs=tuple(await desk.runs.recent(application, environment)),
    )


async def status(desk: Desk, *, application: str, environment: str) -> StatusList | Refusal:
    """Say what is where: everywhere, or in what is named."""
    catalog = desk.catalog()
    applications: list[Application] = list(catalog.applications.values())
    environments: list[Environment] = list(catalog.environments.values())
    if application:
        found = application_called(catalog, application)
        if isinstance(found, Refusal):
            return found
        applications = [found]
    if environment:
        there = environment_called(catalog, environment)
        if isinstance(there, Refusal):
            return there
        environments = [there]
    places = [
        await place(desk, each.name, there.name) for each in applications for there in environments
    ]
    here = {(each.name, there.name) for each in applications for there in environments}
    unsigned = await desk.runs.unsigned()
    now = desk.clock.now()
    return StatusList(
        places=tuple(places),
        unsigned=tuple(each for each in unsigned if (each.application, each.environment) in here),
        holds=await holds_of(desk, environments, application, now),
        at=now,
    )


def apps(desk: Desk) -> ApplicationList:
    """List the applications."""
    return ApplicationList(applications=tuple(desk.catalog().applications.values()))


async def envs(desk: Desk) -> EnvironmentList:
    """List the environments with the names of those who may deploy and approve there, and what holds them."""
    catalog = desk.catalog()
    now = desk.clock.now()
    return EnvironmentList(
        environments=tuple(
            (
                each,
                tuple(person.name for person in catalog.with_role(each.deployers)),
                tuple(person.name for person in catalog.with_role(each.approvers)),
            )
            for each in catalog.environments.values()
        ),
        rules=tuple(
            (each.name, name, *_ruled(catalog, each, name))
            for each in catalog.environments.values()
            for name in _with_rules(each)
        ),
        holds=await holds_of(desk, catalog.environments.values(), "", now),
        at=now,
    )


def whoami(desk: Desk, visitor: Visitor) -> Identity:
    """Say who the visitor is and where they may deploy and approve."""
    return Identity(
        person=visitor.person,
        rights=tuple(_rights(desk.catalog(), visitor)),
    )


async def place(desk: Desk, application: str, environment: str) -> Place:
    """Say what is in one (application, environment)."""
    newest = await desk.runs.recent(application, environment, limit=1, begun=True)
    latest = await desk.runs.latest(application, environment)
    return Place(
        application=application,
        environment=environment,
        revision=latest.revision,
        run=newest[0] if newest else None,
        line=latest.line,
    )


def _look(
    desk: Desk, visitor: Visitor, application: str, environment: str
) -> Destination | Refusal:
    return enter(
        desk.catalog(),
        visitor.person,
        Action.VIEW,
        application=application,
        environment=environment,
    )


def where_may(catalog: Catalog, person: Person, action: Action) -> tuple[str, ...]:
    """Name the environments in which someone may do something."""
    return tuple(
        each.name
        for each in catalog.environments.values()
        if may(catalog, person, action, each) == Allowed()
    )


def _rights(catalog: Catalog, visitor: Visitor) -> Iterator[Right]:
    """Yield what the visitor may do in each environment, and what is otherwise for an application that has a rule."""
    for each in catalog.environments.values():
        general = _actions(catalog, visitor, each, "")
        if general:
            yield Right(environment=each.name, actions=general)
        for name in _with_rules(each):
            own = _actions(catalog, visitor, each, name)
            if own != general:
                yield Right(environment=each.name, application=name, actions=own)


def _with_rules(environment: Environment) -> tuple[str, ...]:
    """Name the applications that have a rule of their own."""
    names = (name for rule in environment.permissions for name in rule.applications)
    return tuple(dict.fromkeys(names))


def _ruled(
    catalog: Catalog, environment: Environment, application: str
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Name the people who deploy an application and who approve it."""
    deploying, approving = (
        catalog.with_role(roles_for(action, environment, application=application))
        for action in (Action.DEPLOY, Action.APPROVE)
    )
    return tuple(each.name for each in deploying), tuple(each.name for each in approving)


def _actions(
    catalog: Catalog, visitor: Visitor, environment: Environment, application: str
) -> tuple[Action, ...]:
    return tuple(
        action
        for action in Action
        if action is not Action.VIEW
        and may(catalog, visitor.person, action, environment, application=application) == Allowed()
    )


async def holds_of(
    desk: Desk, environments: Iterable[Environment], application: str, now: datetime
) -> tuple[Hold, ...]:
    """List what holds environments at a moment, or soon after; with an application what holds that one."""
    locks = await desk.locks.there_are()
    return tuple(
        hold
        for each in environments
        for hold in (*holds(each, application, locks, now), *beginning(each, now))
    )
