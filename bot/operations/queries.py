"""What people may look at: read-only answers, the same for everyone whom the catalog knows."""

from bot.catalog.model import Application, Environment
from bot.operations.desk import Desk, Visitor
from bot.operations.finding import Destination, application_called, enter, environment_called
from bot.operations.results import (
    ApplicationList,
    EnvironmentList,
    Identity,
    Place,
    RevisionList,
    RunList,
    StatusList,
)
from bot.policy.decisions import Action, Allowed, may
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
        await _place(desk, each.name, there.name) for each in applications for there in environments
    ]
    return StatusList(places=tuple(places))


def apps(desk: Desk) -> ApplicationList:
    """List the applications."""
    return ApplicationList(applications=tuple(desk.catalog().applications.values()))


def envs(desk: Desk) -> EnvironmentList:
    """List the environments with the names of those who may deploy and approve there."""
    catalog = desk.catalog()
    return EnvironmentList(
        environments=tuple(
            (
                each,
                tuple(person.name for person in catalog.with_role(each.deployers)),
                tuple(person.name for person in catalog.with_role(each.approvers)),
            )
            for each in catalog.environments.values()
        )
    )


def whoami(desk: Desk, visitor: Visitor) -> Identity:
    """Say who the visitor is and where they may deploy and approve."""
    return Identity(
        person=visitor.person,
        may_deploy=_where(desk, visitor, Action.DEPLOY),
        may_approve=_where(desk, visitor, Action.APPROVE),
    )


async def _place(desk: Desk, application: str, environment: str) -> Place:
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


def _where(desk: Desk, visitor: Visitor, action: Action) -> tuple[str, ...]:
    catalog = desk.catalog()
    return tuple(
        each.name
        for each in catalog.environments.values()
        if may(catalog, visitor.person, action, each) == Allowed()
    )
