"""What a run would deliver, before it runs: cloud resources too, and what cannot be known yet by its name."""

from dataclasses import replace
from typing import Any

import pytest

from bot.bootstrap.equipment import step_types
from bot.catalog.model import CLEAN_UP, Component, Input, Step
from bot.events import RunId
from bot.forecast.lasting import Lasting, Remains, cloud_that_differs
from bot.forecast.outlook import MAKING, Outlook, outlook
from bot.placement.placements import DELIVERING
from bot.rendering.repeating import Kept
from bot.run.model import Plan
from bot.run.transitions import new_run
from bot.steps.contract import Need
from tests.builders import NOON, a_plan, a_step, an_origin
from tests.rendering.cloud import a_database, a_place, a_shop

CLOUD = "deploy-cloud-resource"


def look(*steps: Step, components: tuple[Component, ...] = (), kept: Kept | None = None) -> Outlook:
    """Look ahead at a run of shop in prod, with these components and a web service."""
    plan: Plan = replace(
        a_plan(*steps), application=a_shop(*components), environment=a_place(control="control")
    )
    run, _ = new_run(run_id=RunId("plan"), number=1, plan=plan, origin=an_origin(), now=NOON)
    return outlook(run, kept or {})


def deploy(name: str, env: str = "hangzhou", **changes: Any) -> Step:
    return a_step(name, "deploy2env", properties={"env": env}, **changes)


def said(found: Outlook) -> list[tuple[str, str]]:
    return [(each.what, each.why) for each in found.unseen]


def test_every_step_type_that_accounts_for_objects_is_looked_at_or_named() -> None:
    accounting = {name for name, each in step_types({}).items() if Need.INVENTORY in each.needs} - {
        CLEAN_UP
    }
    assert accounting == {*DELIVERING, *MAKING}


def test_a_cloud_resource_goes_to_the_control_cluster_once_for_each_env() -> None:
    found = look(
        a_step("east", CLOUD, properties={"env": "hangzhou"}),
        a_step("west", CLOUD, properties={"env": "frankfurt"}),
        components=(a_database(),),
    )
    assert list(found.parcels) == [
        ("", "orders-db", "hangzhou"),
        ("", "orders-db", "frankfurt"),
    ]
    assert {each.place for each in found.parcels.values()} == {"control"}
    assert [each["kind"] for one in found.parcels.values() for each in one.manifests] == [
        "Configuration",
        "Configuration",
    ]


def test_what_several_steps_deliver_is_what_the_last_one_does() -> None:
    found = look(deploy("first"), deploy("again"))
    assert list(found.parcels) == [("hangzhou", "web", "")]


@pytest.mark.parametrize(
    ("condition", "delivers"),
    [
        ("always", True),
        ("context.env == 'prod'", True),
        ("context.env == 'dev'", False),
        ("parameter.env == 'hangzhou'", True),
    ],
)
def test_a_condition_that_can_be_known_is_known(condition: str, *, delivers: bool) -> None:
    found = look(deploy("here", if_=condition))
    assert bool(found.parcels) is delivers
    assert found.unseen == []


def test_a_group_that_may_not_run_is_named_and_its_steps_are_not_looked_at() -> None:
    group = a_step(
        "rescue", "step-group", if_="status.here.failed", sub_steps=(deploy("there", "frankfurt"),)
    )
    found = look(deploy("here"), group)
    assert list(found.parcels) == [("hangzhou", "web", "")]
    assert said(found) == [("rescue", "it runs only if status.here.failed")]


def test_properties_are_filled_in_where_they_can_be() -> None:
    found = look(
        a_step(
            "known",
            "deploy2env",
            properties={"env": "${{ context.env == 'prod' ? 'hangzhou' : 'x' }}"},
        ),
        a_step("later", "deploy2env", properties={"env": "${{ outputs.where }}"}),
        deploy("given", inputs=(Input(from_="where", parameter_key="env"),)),
    )
    assert list(found.parcels) == [("hangzhou", "web", "")]
    assert said(found) == [
        ("later", "what it delivers is known only when it runs"),
        ("given", "what it delivers is known only when it runs"),
    ]


def test_a_component_that_takes_a_value_from_another_is_named_unless_it_was_kept() -> None:
    taker = Component(
        name="api",
        type="webservice",
        properties={"image": "api:v1"},
        inputs=(Input(from_="db-host", parameter_key="env[0].value"),),
    )
    found = look(deploy("here"), components=(taker,))
    assert ("hangzhou", "api", "") not in found.parcels
    assert said(found)[0][0] == "api in hangzhou"
    manifest = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "api"}}
    found = look(deploy("here"), components=(taker,), kept={("hangzhou", "api"): [manifest]})
    assert found.parcels["hangzhou", "api", ""].manifests == (manifest,)
    assert found.unseen == []


def test_what_cannot_be_rendered_or_placed_would_fail() -> None:
    wrong = Component(name="api", type="webservice", properties={"image": 5})
    found = look(deploy("here"), deploy("nowhere", "hangzhuo"), components=(wrong,))
    assert [(each.what, each.fails) for each in found.unseen] == [
        ("api in hangzhou", True),
        ("nowhere", True),
    ]


def test_a_secret_that_was_kept_without_its_values_is_rendered_as_the_files_say_now() -> None:
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "db"}, "data": {"a": ""}}
    found = look(deploy("here"), kept={("hangzhou", "web"): [secret]})
    (unseen,) = found.unseen
    assert unseen.fails
    assert "its values are not kept" in unseen.why


def test_cloud_resources_are_told_by_their_names_and_what_differs() -> None:
    before = a_shop(a_database("orders-db", size="large"), a_database("bucket"))
    after = a_shop(a_database("orders-db", size="small"), a_database("queue"))
    assert list(cloud_that_differs(before, after, a_place())) == [
        Lasting(how=Remains.CLOUD_CHANGED, what=("orders-db (size)",)),
        Lasting(how=Remains.CLOUD_MADE, what=("queue",)),
        Lasting(how=Remains.CLOUD_LEFT, what=("bucket",)),
    ]
