"""Steps that make objects of their own: a Deployment, a Service to somewhere else, variables of a database's Secret."""

from base64 import b64encode
from dataclasses import replace

import pytest
from pydantic import TypeAdapter

from bot.catalog.model import Policy
from bot.errors import Permanent
from bot.rendering.parameters import Environment as Variables
from bot.steps.contract import Waiting
from bot.steps.kinds.generate_jdbc_connection import KEYS
from tests.builders import a_run, a_step
from tests.steps.ground import NAMESPACE, Ground

CACHE = {"image": "registry.shop.example/cache:v1", "target": "hangzhou"}
SECRETS = f"/api/v1/namespaces/{NAMESPACE}/secrets"


async def test_an_image_runs_in_a_deployment_that_is_named_as_the_step(ground: Ground) -> None:
    outcome = await ground.done(
        "apply-deployment", {**CACHE, "replicas": 2, "cmd": ["serve", "--fast"]}, step="cache"
    )

    there = await ground.there("apps/v1", "Deployment", "cache")
    labels = {"workflow.oam.dev/step-name": "shop-cache"}
    assert there["spec"]["selector"]["matchLabels"] == labels
    assert there["spec"]["template"]["metadata"]["labels"] == labels
    (container,) = there["spec"]["template"]["spec"]["containers"]
    assert (container["name"], container["image"]) == ("cache", CACHE["image"])
    assert container["command"] == ["serve", "--fast"]
    assert outcome.outputs["output"]["value"]["status"]["readyReplicas"] == 2
    assert len(await ground.accounted()) == 1


async def test_a_name_that_is_too_long_for_a_label_is_cut(ground: Ground) -> None:
    step = "a-name-that-is-so-long-that-a-label-cannot-have-it-beside-shop"

    await ground.done("apply-deployment", CACHE, step=step)

    await ground.there("apps/v1", "Deployment", step)


async def test_a_deployment_that_does_not_get_ready_fails_the_step(ground: Ground) -> None:
    ground.sandbox.faults.add("cluster/east", "image", None, image="registry.shop.example/cache")

    failed = await ground.failed("apply-deployment", CACHE, step="cache")

    assert "cannot be pulled" in failed.message


async def test_a_service_leads_to_an_address_elsewhere(ground: Ground) -> None:
    west = Policy(name="west", type="topology", properties={"clusters": ["west"]})
    run = a_run(a_step("work", "export-service"))
    application = replace(run.plan.application, policies=(west,))
    run = replace(run, plan=replace(run.plan, application=application))

    outcome = await ground.done(
        "export-service",
        {"name": "db", "ip": "10.20.0.7", "port": 5432, "targetPort": 6432, "topology": "west"},
        run=run,
    )

    service = await ground.there("v1", "Service", "db", cluster="west")
    (port,) = service["spec"]["ports"]
    assert (port["port"], port["targetPort"]) == (5432, 6432)
    assert "selector" not in service["spec"]
    endpoints = await ground.there("v1", "Endpoints", "db", cluster="west")
    assert endpoints["subsets"] == [
        {"addresses": [{"ip": "10.20.0.7"}], "ports": [{"port": 6432, "protocol": "TCP"}]}
    ]
    assert outcome.outputs["value"]["kind"] == "Service"
    assert await ground.live("v1", "Service", "db", cluster="east") is None
    assert len(await ground.accounted()) == 2


async def test_a_service_is_named_as_the_application_unless_it_has_a_name(ground: Ground) -> None:
    await ground.done("export-service", {"ip": "10.20.0.7", "port": 80, "targetPort": 8080})

    for cluster in ("east", "west"):
        await ground.there("v1", "Service", "shop", cluster=cluster)


async def a_secret(ground: Ground, *keys: str) -> None:
    made = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
    await ground.somebody.applies("/api/v1/namespaces", made)
    data = {each: b64encode(f"value of {each}".encode()).decode() for each in keys}
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "db-conn"}, "data": data}
    await ground.somebody.applies(SECRETS, secret)


async def test_variables_refer_to_the_secret_and_hold_no_value_of_it(ground: Ground) -> None:
    properties = {"name": "db-conn", "target": "hangzhou"}
    waiting = await ground.work("generate-jdbc-connection", properties)
    assert isinstance(waiting, Waiting)
    assert waiting.message == "Secret db-conn is not there yet (hangzhou)"

    await a_secret(ground, *KEYS)
    outcome = await ground.done("generate-jdbc-connection", properties)

    env = outcome.outputs["env"]
    assert TypeAdapter(Variables).validate_python(env)  # as a component takes them
    by_name = {each["name"]: each for each in env}
    url = "jdbc://$(DB_HOST):$(DB_PORT)/$(DB_NAME)?characterEncoding=utf8&useSSL=false"
    assert by_name["url"]["value"] == url
    assert by_name["password"]["valueFrom"]["secretKeyRef"] == {
        "name": "db-conn",
        "key": "DB_PASSWORD",
    }
    # A variable can only speak of those before it.
    assert [each["name"] for each in env].index("url") == 3
    assert "value of" not in repr(outcome)


async def test_a_secret_without_the_keys_is_named_with_what_is_missing(ground: Ground) -> None:
    await a_secret(ground, "DB_HOST", "DB_PORT", "DB_NAME", "DB_USER")

    with pytest.raises(Permanent, match=r"Secret db-conn \(hangzhou\) has no DB_PASSWORD"):
        await ground.work("generate-jdbc-connection", {"name": "db-conn", "target": "hangzhou"})
