"""Valid values to start from: change what a test is about with dataclasses.replace."""

from datetime import UTC, datetime, timedelta

from bot.catalog.model import Application, Component, Environment, Step, Target, Workflow
from bot.events import PersonName, RunId
from bot.run.model import Origin, Plan, Run
from bot.run.transitions import new_run

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    """Answer the moment `seconds` after noon."""
    return NOON + timedelta(seconds=seconds)


def a_step(name: str, type: str = "suspend", **changes: object) -> Step:  # noqa: A002 - as in YAML
    """Make a step of a workflow."""
    return Step(name=name, type=type, **changes)  # type: ignore[arg-type] # the test says what it changes


def an_application(tag: str = "v1.4.2") -> Application:
    """Make `shop` with its three components at `tag`."""
    return Application(
        name="shop",
        components=tuple(
            Component(
                name=name,
                type="webservice" if name != "jobs" else "worker",
                properties={"image": f"registry.shop.example/{name}:{tag}"},
            )
            for name in ("web", "api", "jobs")
        ),
    )


def an_environment(name: str = "prod") -> Environment:
    """Make an environment with the targets hangzhou and frankfurt."""
    return Environment(
        name=name,
        targets=(
            Target(name="hangzhou", cluster="east", namespace=f"shop-{name}"),
            Target(name="frankfurt", cluster="west", namespace=f"shop-{name}"),
        ),
        slack_channel="shop-prod",
        deployers=("developer",),
        approvers=("sre",),
    )


def a_plan(*steps: Step, version: str = "v1.4.2", based_on: int = 0) -> Plan:
    """Make a plan of `steps` for shop in prod."""
    workflow = Workflow(
        name="workflow-prod", application="shop", environment="prod", steps=tuple(steps)
    )
    return Plan(
        application=an_application(version),
        environment=an_environment(),
        workflow=workflow,
        version=version,
        based_on=based_on,
    )


def an_origin(person: str = "dev") -> Origin:
    """Make the origin of a slash command in #shop-prod."""
    return Origin(person=PersonName(person), chat="slack", channel="C01SHOPPROD", via="command")


def a_run(*steps: Step, run_id: str = "run1", number: int = 1, based_on: int = 0) -> Run:
    """Make an accepted run of `steps` that has not begun."""
    run, _ = new_run(
        run_id=RunId(run_id),
        number=number,
        plan=a_plan(*steps, based_on=based_on),
        origin=an_origin(),
        now=NOON,
    )
    return run
