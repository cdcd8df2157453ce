"""What good files become, and that the files that ship are good."""

from pathlib import Path

import bot
from bot.bootstrap.equipment import read_catalog
from bot.catalog.model import Input, Output
from tests.catalog.folders import GOOD, problems, write

SHIPPED = Path(bot.__file__).parent.parent / "workflows"


def test_the_files_that_ship_are_right() -> None:
    assert problems(SHIPPED) == []


def test_the_files_that_ship_are_the_company_that_the_sandbox_plays() -> None:
    catalog = read_catalog(SHIPPED)
    assert [each.name for each in catalog.applications["shop"].components] == ["web", "api", "jobs"]
    assert set(catalog.environments) == {"dev", "staging", "prod"}
    prod = catalog.environments["prod"]
    assert [(each.name, each.cluster) for each in prod.targets] == [
        ("hangzhou", "east"),
        ("frankfurt", "west"),
    ]
    assert set(catalog.people) == {"dev", "dev2", "sre", "sre2", "admin", "guest"}
    assert catalog.people["guest"].roles == ()
    assert set(catalog.workflows) == {
        ("shop", "prod"),
        *(("orders", each) for each in catalog.environments),
    }


def test_production_deploys_tells_asks_deploys_calls_and_tells() -> None:
    workflow = read_catalog(SHIPPED).workflow("shop", "prod")
    assert workflow is not None
    assert [each.type for each in workflow.steps] == [
        "deploy2env",
        "notification",
        "suspend",
        "deploy2env",
        "webhook",
        "notification",
    ]
    gate = workflow.steps[2]
    assert gate.timeout == 24 * 3600
    assert gate.properties["approvers"] == ["sre"]


def test_each_file_that_ships_begins_with_what_it_is_for() -> None:
    for file in SHIPPED.rglob("*.yaml"):
        assert file.read_text().startswith("# "), file


def test_a_step_without_a_name_is_called_by_its_place(tmp_path: Path) -> None:
    text = GOOD["workflow.yaml"].replace("  - name: approval\n    type", "  - type")
    catalog = read_catalog(write(tmp_path, {**GOOD, "workflow.yaml": text}))
    assert [each.name for each in catalog.workflows["shop", "prod"].steps] == ["hangzhou", "step-1"]


def test_the_keys_of_a_step_arrive(tmp_path: Path) -> None:
    text = GOOD["workflow.yaml"].replace(
        "    timeout: 24h\n",
        "    timeout: 1h30m\n    if: always\n    retries: 2\n    meta: {alias: Ask}\n"
        "    inputs: [{from: context.version, parameterKey: message}]\n"
        "    outputs: [{name: who, valueFrom: output.by}, {name: key, valueFrom: output.key, secret: true}]\n",
    )
    step = (
        read_catalog(write(tmp_path, {**GOOD, "workflow.yaml": text}))
        .workflows["shop", "prod"]
        .steps[1]
    )
    assert (step.timeout, step.if_, step.retries, step.title) == (5400.0, "always", 2, "Ask")
    assert step.inputs == (Input(from_="context.version", parameter_key="message"),)
    assert step.outputs == (
        Output(name="who", value_from="output.by"),
        Output(name="key", value_from="output.key", secret=True),
    )


def test_an_environments_channel_is_kept_without_its_sign(tmp_path: Path) -> None:
    text = (
        GOOD["environment.yaml"]
        + "  slack: {channel: '#shop-prod'}\n  dingtalk: {group: cidProd==}\n"
    )
    catalog = read_catalog(write(tmp_path, {**GOOD, "environment.yaml": text}))
    assert catalog.environments["prod"].slack_channel == "shop-prod"
    assert catalog.environments["prod"].dingtalk_group == "cidProd=="


def test_an_environment_says_what_becomes_of_a_second_deployment(tmp_path: Path) -> None:
    assert read_catalog(write(tmp_path, GOOD)).environments["prod"].concurrency == "queue"
    text = GOOD["environment.yaml"] + "  concurrency: replace\n"
    catalog = read_catalog(write(tmp_path, {**GOOD, "environment.yaml": text}))
    assert catalog.environments["prod"].concurrency == "replace"
