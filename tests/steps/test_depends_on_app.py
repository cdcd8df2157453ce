"""The step `depends-on-app`: another application of Shipmate's or of KubeVela's, waited for and never in a circle."""

from dataclasses import replace
from typing import Any

import pytest

from bot.bootstrap.equipment import step_types
from bot.catalog.model import Step
from bot.events import PersonName, RunId
from bot.run.model import Plan, Revision, Run, RunPhase, StepPhase, StepRun
from bot.run.ports import Latest
from bot.run.transitions import new_run
from bot.steps.contract import Failed, Waiting
from tests.builders import NOON, a_plan, a_run, a_step, an_environment, an_origin, at
from tests.steps.ground import Ground

USERS = {"name": "users", "namespace": "default"}


def waits_for(name: str, step: str = "wait", environment: str = "") -> Step:
    given = {"name": name, "namespace": "default", "environment": environment}
    return a_step(step, "depends-on-app", properties=given)


def a_plan_of(application: str, *steps: Step, environment: str = "prod") -> Plan:
    plan = a_plan(*(steps or (a_step("approval"),)))
    return replace(
        plan,
        application=replace(plan.application, name=application),
        environment=an_environment(environment),
    )


async def a_run_of(
    ground: Ground, application: str, *steps: Step, environment: str = "prod", seconds: float = 0
) -> Run:
    """Add a run that has begun with its first step."""

    def make(latest: Latest) -> tuple[Run, Any]:
        return new_run(
            run_id=RunId(f"{application}-{environment}-{latest.run_number + 1}"),
            number=latest.run_number + 1,
            plan=a_plan_of(application, *steps, environment=environment),
            origin=an_origin(),
            now=at(seconds),
        )

    run, _ = await ground.store.runs.add(application, environment, make)
    assert run is not None
    first = StepRun(name=run.steps[0].name, phase=StepPhase.RUNNING, attempt=1, started=NOON)
    begun = replace(
        run,
        phase=RunPhase.EXECUTING,
        steps=(first, *run.steps[1:]),
        version=run.version + 1,
    )
    await ground.store.runs.save(begun, [])
    return begun


async def ends(ground: Ground, run: Run, *, raises: int | None = None) -> None:
    phase = RunPhase.FAILED if raises is None else RunPhase.SUCCEEDED
    over = replace(run, phase=phase, ended=at(60), version=run.version + 1)
    revision = raises and Revision(
        number=raises,
        run=run.id,
        run_number=run.number,
        plan=run.plan,
        by=PersonName("dev"),
        at=at(60),
        duration=60.0,
    )
    await ground.store.runs.save(over, [], revision=revision or None)


async def said(ground: Ground, **properties: str) -> str:
    """Look once; answer what is waited for."""
    outcome = await ground.work("depends-on-app", {**USERS, **properties})
    assert isinstance(outcome, Waiting), outcome
    return outcome.message


async def test_an_application_of_shipmates_is_waited_for_until_it_is_delivered(
    ground: Ground,
) -> None:
    run = await a_run_of(ground, "users")
    assert await said(ground) == "users/prod#1 is under way"

    await ends(ground, run)
    assert await said(ground) == "users is not delivered to prod yet: users/prod#1 failed"

    again = await a_run_of(ground, "users")
    await ends(ground, again, raises=1)
    outcome = await ground.done("depends-on-app", USERS)
    assert outcome.message == "users v1 is in prod"


async def test_a_delivery_that_is_under_way_is_waited_for_although_one_is_in_force(
    ground: Ground,
) -> None:
    await ends(ground, await a_run_of(ground, "users"), raises=1)
    later = await a_run_of(ground, "users", seconds=90)
    assert await said(ground) == "users/prod#2 is under way"

    await ends(ground, later)
    await ground.done("depends-on-app", USERS)


async def test_another_environment_can_be_meant(ground: Ground) -> None:
    await ends(ground, await a_run_of(ground, "users", environment="staging"), raises=1)

    assert "never delivered to prod" in await said(ground)
    outcome = await ground.done("depends-on-app", {**USERS, "environment": "staging"})
    assert outcome.message == "users v1 is in staging"


async def test_what_nobody_knows_is_waited_for_and_said(ground: Ground) -> None:
    assert await said(ground) == (
        "users was never delivered to prod, and there is no Application default/users of"
        " KubeVela's on east, west"
    )


async def an_application(ground: Ground, status: str, cluster: str) -> None:
    """Let KubeVela be installed on a cluster, with an application in a state."""
    definition = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "applications.core.oam.dev"},
        "spec": {
            "group": "core.oam.dev",
            "scope": "Namespaced",
            "names": {"kind": "Application", "plural": "applications", "singular": "application"},
            "versions": [
                {
                    "name": "v1beta1",
                    "served": True,
                    "storage": True,
                    "schema": {
                        "openAPIV3Schema": {
                            "type": "object",
                            "x-kubernetes-preserve-unknown-fields": True,
                        }
                    },
                }
            ],
        },
    }
    await ground.clusters.apply(cluster, [definition])
    made = {
        "apiVersion": "core.oam.dev/v1beta1",
        "kind": "Application",
        "metadata": {"name": "users"},
        "status": {"status": status} if status else {},
    }
    path = "/apis/core.oam.dev/v1beta1/namespaces/default/applications"
    await ground.somebody.applies(path, made, cluster)


async def test_an_application_of_kubevelas_is_waited_for_until_it_runs(ground: Ground) -> None:
    await an_application(ground, "", "west")
    assert await said(ground) == "KubeVela's application users on west is not started"
    await an_application(ground, "runningWorkflow", "west")
    assert await said(ground) == "KubeVela's application users on west is runningWorkflow"

    await an_application(ground, "running", "west")
    outcome = await ground.done("depends-on-app", USERS)
    assert outcome.message == "KubeVela's application users on west is running"


async def test_kubevelas_applications_are_on_the_control_cluster_where_there_is_one(
    ground: Ground,
) -> None:
    await an_application(ground, "running", "west")
    run = a_run(a_step("work", "depends-on-app"))
    environment = replace(run.plan.environment, control_cluster="east")
    run = replace(run, plan=replace(run.plan, environment=environment))

    outcome = await ground.work("depends-on-app", USERS, run=run)

    assert isinstance(outcome, Waiting)
    assert outcome.message.endswith("of KubeVela's on east")


async def test_a_cluster_that_is_away_is_no_failure(ground: Ground) -> None:
    ground.sandbox.faults.add("cluster/east", "down", None)

    assert "east" in await said(ground)


async def in_a_circle(ground: Ground, run: Run) -> Any:
    (spec,) = run.plan.workflow.steps
    kind = ground.context("depends-on-app", run=run, step=spec.name)
    return await step_types({})["depends-on-app"].run(kind, spec.properties)


async def test_the_newest_of_those_that_wait_for_each_other_gives_way(ground: Ground) -> None:
    older = await a_run_of(ground, "users", waits_for("shop", "wait-for-shop"), seconds=1)
    newer = await a_run_of(ground, "shop", waits_for("users", "wait-for-users"), seconds=2)

    waits = await in_a_circle(ground, older)
    fails = await in_a_circle(ground, newer)

    assert isinstance(waits, Waiting)
    assert "shop/prod#1 waits for users (step wait-for-users)" in waits.message
    assert isinstance(fails, Failed)
    assert not fails.retryable
    assert fails.message == (
        "they wait for each other: shop/prod#1 waits for users; users/prod#1 waits for shop"
        " (step wait-for-shop). Skip one of these steps"
    )


async def test_a_circle_may_be_long(ground: Ground) -> None:
    await a_run_of(ground, "a", waits_for("b"), seconds=1)
    await a_run_of(ground, "b", waits_for("c"), seconds=2)
    newest = await a_run_of(ground, "c", waits_for("a"), seconds=3)

    failed = await in_a_circle(ground, newest)

    assert isinstance(failed, Failed)
    assert "a/prod#1 waits for b (step wait); b/prod#1 waits for c (step wait)" in failed.message


async def test_who_waits_for_one_that_waits_for_somebody_else_is_in_no_circle(
    ground: Ground,
) -> None:
    await a_run_of(ground, "users", waits_for("mail"), seconds=1)
    await a_run_of(ground, "mail", waits_for("shop", environment="staging"), seconds=2)
    newest = await a_run_of(ground, "shop", waits_for("users"), seconds=3)

    outcome = await in_a_circle(ground, newest)

    assert isinstance(outcome, Waiting)
    assert outcome.message == "users/prod#1 is under way"


@pytest.mark.parametrize("environment", ["", "prod"])
async def test_nobody_waits_for_itself(environment: str) -> None:
    given = {"name": "shop", "environment": environment}
    plan = a_plan()

    found = step_types({}).check_in("depends-on-app", given, plan.application, plan.environment)

    assert found == [(("name",), "shop cannot wait for itself")]
    elsewhere = {"name": "shop", "environment": "staging"}
    assert not step_types({}).check_in(
        "depends-on-app", elsewhere, plan.application, plan.environment
    )
