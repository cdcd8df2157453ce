"""The steps that make what a Terraform module describes, and that give its controller credentials."""

import json
from base64 import b64decode
from dataclasses import replace
from typing import Any

import pytest

from bot.errors import Permanent
from bot.placement.garbage import garbage
from bot.placement.handling import disposal_of
from bot.run.inventory import Key, ref_of
from bot.run.model import Run
from bot.steps.contract import Failed, PropertyError, Waiting
from bot.steps.objects import Spot
from bot.steps.providers import CLOUDS, NAMES, ready, written
from tests.builders import a_run, a_step
from tests.rendering.cloud import a_place, a_shop
from tests.steps.ground import TYPES, Ground, until

CONFIG, PROVIDER = "apply-terraform-config", "apply-terraform-provider"
TERRAFORM = "terraform.core.oam.dev"
HCL = 'variable "size" { type = number }\noutput "HOST" { value = "x" }'
SECRET = "s3cr3t-of-a-setting"


def running(kind: str, run_id: str = "run1", **step: Any) -> Run:
    run = a_run(a_step("Make it", kind, **step), run_id=run_id)
    return replace(run, plan=replace(run.plan, application=a_shop(), environment=a_place()))


async def test_a_module_is_made_and_its_secret_is_where_it_was_asked_for(ground: Ground) -> None:
    properties = {
        "source": {"hcl": HCL},
        "variable": {"size": 3},
        "writeConnectionSecretToRef": {"name": "conn"},
        "providerRef": {"name": "default"},
        "region": "cn-beijing",
        "jobEnv": {"TF_LOG": "info"},
        "deleteResource": False,
    }
    outcome = await ground.done(CONFIG, properties, run=running(CONFIG), step="Make it")

    name = "shop-make-it-prod"
    assert outcome.outputs == {"name": name, "namespace": "default", "secret": "conn"}
    made = await ground.there(f"{TERRAFORM}/v1beta2", "Configuration", name, namespace="default")
    assert made["spec"] == {
        "hcl": HCL,
        "variable": {"size": 3},
        "providerRef": {"name": "default", "namespace": "default"},
        "customRegion": "cn-beijing",
        "JobEnv": {"TF_LOG": "info"},
        "writeConnectionSecretToRef": {"name": "conn", "namespace": "default"},
        "deleteResource": False,
    }
    secret = await ground.there("v1", "Secret", "conn", namespace="default")
    assert b64decode(secret["data"]["HOST"]) == b"x"
    assert set(await ground.accounted()) == {
        Key("east", TERRAFORM, "Configuration", "default", name)
    }


async def test_it_fails_in_terraforms_words(ground: Ground) -> None:
    ground.sandbox.faults.add("cluster/east", "terraform-fail", None, message="quota exceeded")
    given = {"source": {"remote": "https://git.shop.example/modules.git", "path": "rds"}}
    failed = await ground.failed(CONFIG, given, run=running(CONFIG), step="Make it")
    said = "shop-make-it-prod: ApplyFailed: Error: quota exceeded (in east)"
    assert failed.message == said


async def test_when_the_step_goes_what_it_made_is_garbage_that_is_left(ground: Ground) -> None:
    given = {"source": {"hcl": HCL}, "variable": {"size": 3}}
    await ground.done(CONFIG, given, run=running(CONFIG), step="Make it")

    later = a_run(a_step("other"), run_id="run2")
    later = replace(later, plan=replace(later.plan, environment=a_place()))
    items = await ground.store.inventory.items("shop", "prod")
    (gone,) = garbage(later, items)
    assert gone.ref.title == "Configuration shop-make-it-prod"
    assert "never destroyed unless" in disposal_of(later.plan.application, gone.manifest).kept


@pytest.mark.parametrize(
    ("kind", "properties", "path", "said"),
    [
        (CONFIG, {"source": {}}, ("source",), "expected hcl (the module itself), or remote"),
        (
            CONFIG,
            {"source": {"hcl": HCL}, "variable": {"siz": 1}},
            ("variable", "siz"),
            "there is no variable siz; did you mean size? (known: size)",
        ),
        (
            CONFIG,
            {"source": {"hcl": HCL}, "variable": {"size": "big"}},
            ("variable", "size"),
            "expected a number, found 'big'",
        ),
        (CONFIG, {"source": {"hcl": "a = {"}}, ("source", "hcl"), "it is no Terraform module"),
        (CONFIG, {"variable": {}}, ("source",), "it is required"),
        (PROVIDER, {"type": "alibba"}, ("type",), "expected a cloud (alibaba, aws, azure"),
        (
            PROVIDER,
            {"type": "aws", "accessKey": "a", "region": "b"},
            ("secretKey",),
            "it is required",
        ),
        (
            PROVIDER,
            {"type": "ec", "apiKey": {"fromSeting": "A"}},
            ("apiKey", "fromSeting"),
            "there is no property fromSeting; did you mean fromSetting?",
        ),
    ],
)
def test_a_mistake_is_told_when_the_file_is_read(
    kind: str, properties: dict[str, Any], path: tuple[str, ...], said: str
) -> None:
    with pytest.raises(PropertyError) as error:
        TYPES[kind].check(properties, ())
    assert error.value.path == path
    assert str(error.value).startswith(said)


async def test_a_provider_becomes_ready_and_its_credentials_are_on_the_cluster_alone(
    ground: Ground,
) -> None:
    properties = {
        "type": "alibaba",
        "accessKey": "LTAI-of-the-shop",
        "secretKey": {"fromSetting": "DB_PASSWORD"},
        "region": "cn-hangzhou",
    }
    run = running(PROVIDER)
    outcome = await ground.done(PROVIDER, properties, run=run, step="Make it")

    assert outcome.outputs == {"name": "alibaba-provider", "namespace": "default"}
    provider = await ground.there(
        f"{TERRAFORM}/v1beta1", "Provider", "alibaba-provider", namespace="default"
    )
    ref = provider["spec"]["credentials"]["secretRef"]
    secret = await ground.there("v1", "Secret", ref["name"], namespace=ref["namespace"])
    assert json.loads(b64decode(secret["data"][ref["key"]])) == {
        "accessKeyID": "LTAI-of-the-shop",
        "accessKeySecret": SECRET,
    }
    account = await ground.accounted()
    assert len(account) == 2
    assert SECRET not in str(account)
    kept = [disposal_of(a_shop(), each).kept for each in account.values()]
    assert all("never destroyed unless" in each for each in kept)

    dev = replace(run, plan=replace(run.plan, environment=replace(a_place(), name="dev")))
    await ground.done(PROVIDER, properties, run=dev, step="Make it")


async def test_a_provider_that_is_not_ready_is_waited_for_and_then_told(ground: Ground) -> None:
    ref = {"namespace": "default", "name": "nowhere", "key": "credentials"}
    provider = {
        "apiVersion": f"{TERRAFORM}/v1beta1",
        "kind": "Provider",
        "metadata": {"name": "ec-provider", "namespace": "default"},
        "spec": {"provider": "ec", "credentials": {"source": "Secret", "secretRef": ref}},
    }
    await ground.clusters.apply("east", [provider])
    spot = Spot(cluster="east", namespace="default")

    first = await ready(ground.context(PROVIDER, run=running(PROVIDER)), spot, provider)
    assert first == Waiting(message="the Provider ec-provider is not ready")

    async def judged() -> bool:
        (live,) = await ground.clusters.live("east", [ref_of(provider)])
        return bool((live or {}).get("status"))

    await until(judged)
    last = await ready(ground.context(PROVIDER, run=running(PROVIDER), looks=8), spot, provider)
    assert isinstance(last, Failed)
    assert last.message == "the Provider ec-provider is not ready; are its credentials right?"


async def test_a_setting_that_is_missing_is_said_by_its_name(ground: Ground) -> None:
    properties = {"type": "ec", "apiKey": {"secretRef": {"name": "ec-creds", "key": "token"}}}
    with pytest.raises(Permanent, match="SHIPMATE_SECRET_EC_CREDS_TOKEN is not set"):
        await ground.work(PROVIDER, properties, run=running(PROVIDER), step="Make it")


@pytest.mark.parametrize("kind", CLOUDS)
def test_every_field_of_a_cloud_is_handed_to_the_controller(kind: str) -> None:
    model = CLOUDS[kind]
    fields = {
        name: each for name, each in model.model_fields.items() if name not in {"type", "name"}
    }
    given = {each.alias or name: f"the {name}" for name, each in fields.items()}
    cloud = model.model_validate({"type": kind, **given})
    found = json.loads(written(kind, cloud, lambda _: None))
    assert found == {name: f"the {field}" for field, name in NAMES[kind].items()}
    assert set(fields) - set(NAMES[kind]) <= {"region"}
