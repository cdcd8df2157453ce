"""Checks what each step of each workflow would deliver to each environment, once all names are known to exist.

A step of a workflow's own file is complained about at its place. Steps that nobody wrote down, or that an application
brings for all environments, are complained about at the application: what is wrong there is its components, or policies.
"""

from collections.abc import Iterator, Sequence

from bot.catalog import building
from bot.catalog.checks import Checks
from bot.catalog.complaints import Complaint, complain
from bot.catalog.documents import Document, Path_
from bot.catalog.model import Application, Catalog, Environment, Step
from bot.catalog.policies import OVERRIDE
from bot.catalog.reading import Reading
from bot.catalog.schema import ApplicationFile, PolicyFile
from bot.catalog.sources import Source
from bot.catalog.topologies import reached

HINT = "did you mean"
CONTROL = "say `control: true` in a Cluster"


def check_deliveries(
    catalog: Catalog, sources: Sequence[Source], reading: Reading, checks: Checks
) -> Iterator[Complaint]:
    """Complain about what could not be delivered."""
    bound = {
        (each.metadata.labels.get(building.APP), each.metadata.labels.get(building.ENV)): each
        for each in sources
        if each.application is None
    }
    own = {each.application.metadata.name: each for each in sources if each.application is not None}
    documents = {each.metadata.name: document for document, each in reading.of(ApplicationFile)}
    for application in catalog.applications.values():
        said: set[str] = set()
        yield from _homeless(catalog, documents[application.name], application)
        yield from _idle_overrides(reading, documents[application.name], application, checks)
        if application.name in own:
            places = [
                each
                for each in catalog.environments.values()
                if (application.name, each.name) not in bound
            ]
            yield from _nowhere(own[application.name], application, places, checks)
        for environment in catalog.environments.values():
            source = bound.get((application.name, environment.name))
            if source is not None:
                found = _of_source(source, application, environment, checks)
            else:
                kept = catalog.workflow(application.name, environment.name)
                steps = (
                    [sub for each in kept.steps for sub in (each, *each.sub_steps)] if kept else []
                )
                document = documents[application.name]
                found = _of_application(document, application, environment, steps, checks)
            for each in found:
                if each.text not in said:  # the same workflow may serve several environments
                    said.add(each.text)
                    yield each


def _homeless(
    catalog: Catalog, document: Document, application: Application
) -> Iterator[Complaint]:
    """Complain about cloud resources where no environment has a control cluster to create them."""
    if any(each.control_cluster for each in catalog.environments.values()):
        return
    for at, each in enumerate(application.components):
        if each.is_cloud:
            said = f"{each.name} is a cloud resource, and there is no control cluster, where one is created: {CONTROL}"
            yield complain(document, ("spec", "components", at, "type"), said)


def _idle_overrides(
    reading: Reading, document: Document, application: Application, checks: Checks
) -> Iterator[Complaint]:
    """Complain about overrides of the application alone that name components which it does not have.

    One that holds for several applications may name what only some of them have.
    """
    alone = {
        file.metadata.name: document
        for document, file in reading.of(PolicyFile)
        if file.metadata.labels.get(building.APP) == application.name
    }
    mine = [each.name for each in application.policies if not each.environment]
    for policy, (path, said) in checks.overrides(application):
        if policy.name in alone:
            yield complain(alone[policy.name], path, said)
        elif not policy.environment and not _is_alone(reading, policy.name):
            yield complain(document, ("spec", "policies", mine.index(policy.name), *path), said)


def _is_alone(reading: Reading, name: str) -> bool:
    return any(file.metadata.name == name for _, file in reading.of(PolicyFile))


def _nowhere(
    source: Source, application: Application, environments: Sequence[Environment], checks: Checks
) -> Iterator[Complaint]:
    """Complain about steps of an application's own workflow that fit no environment: what they name is misspelt."""
    for path, step in _placed(source):
        found = {
            each.name: [one for one in checks.delivery(step, application, each) if one[0]]
            for each in environments
        }
        if found and all(found.values()):
            # Where there is a name that is nearly it, that is the place that is meant.
            name = next(
                (key for key, each in found.items() if HINT in each[0][1]), next(iter(found))
            )
            below, said = found[name][0]
            where = "" if len(found) == 1 else f"it fits no environment; in {name}: "
            yield complain(source.document, (*path, "properties", *below), f"{where}{said}")


def _of_source(
    source: Source, application: Application, environment: Environment, checks: Checks
) -> Iterator[Complaint]:
    for path, step in _placed(source):
        yield from _of_step(source.document, path, step, application, environment, checks)


def _placed(source: Source) -> Iterator[tuple[Path_, Step]]:
    """Yield the steps and sub-steps of a workflow, each with its place."""
    for at, step in enumerate(building.steps_of(source.steps)):
        path: Path_ = (*source.path, at)
        yield path, step
        for below, sub in enumerate(step.sub_steps):
            yield (*path, "subSteps", below), sub


def _of_step(
    document: Document,
    path: Path_,
    step: Step,
    application: Application,
    environment: Environment,
    checks: Checks,
) -> Iterator[Complaint]:
    for below, said in checks.delivery(step, application, environment):
        place = (*path, "properties", *below) if below else path
        yield complain(document, place, said)


def _of_application(
    document: Document,
    application: Application,
    environment: Environment,
    steps: Sequence[Step],
    checks: Checks,
) -> Iterator[Complaint]:
    """Complain about the components as an environment gets them that has no workflow of its own.

    That the workflow of the application does not fit one of them is no mistake: not every application goes everywhere.
    """
    for step in steps or _generated(application, environment):
        for path, said in checks.delivery(step, application, environment):
            if not path:
                yield complain(document, ("spec", "components"), said)


def _generated(application: Application, environment: Environment) -> Iterator[Step]:
    """Yield a step for the cloud resources and one for each target, with the overrides that are bound to no environment."""
    overrides = [
        each.name for each in application.policies if each.type == OVERRIDE and not each.environment
    ]
    if environment.control_cluster and application.has_cloud(environment.name):
        given = {"env": environment.name, "policies": overrides}
        yield Step(name="cloud-resources", type="deploy-cloud-resource", properties=given)
    for target in reached(application, environment):
        given = {"policies": overrides, "targets": [target.name]}
        yield Step(name=target.name, type="deploy", properties=given)
