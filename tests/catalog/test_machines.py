"""Triggers and service accounts in files: who asks is a machine with roles, and every name is looked up."""

from pathlib import Path

import pytest

from bot.bootstrap.equipment import read_catalog
from bot.catalog.machines import TriggerAction, TriggerType
from tests.catalog.folders import GOOD, problems, write

TRIGGER = """\
apiVersion: shipmate.dev/v1
kind: Trigger
metadata:
  name: shop-ci
spec:
  application: shop
  environment: prod
  type: custom
  components: [web]
  actions: [execute, approve]
  roles: [sre]
---
apiVersion: shipmate.dev/v1
kind: ServiceAccount
metadata:
  name: nightly
spec:
  roles: [sre]
"""


def test_a_trigger_is_a_machine_with_roles(tmp_path: Path) -> None:
    write(tmp_path, {**GOOD, "ci.yaml": TRIGGER})
    catalog = read_catalog(tmp_path)
    trigger = catalog.triggers["shop-ci"]
    assert (trigger.application, trigger.environment) == ("shop", "prod")
    assert trigger.actions == (TriggerAction.EXECUTE, TriggerAction.APPROVE)
    assert set(catalog.triggers) == {"shop-ci"}
    for name in ("shop-ci", "nightly"):
        person = catalog.people[name]
        assert (person.machine, person.notify, person.roles) == (True, False, ("sre",))
    assert [each.name for each in catalog.with_role(("sre",))] == ["ann"]


def test_kubevelas_spelling_is_taken(tmp_path: Path) -> None:
    text = TRIGGER.replace("type: custom", "type: dockerhub").replace(
        "  actions: [execute, approve]\n", ""
    )
    write(tmp_path, {**GOOD, "ci.yaml": text})
    assert read_catalog(tmp_path).triggers["shop-ci"].type is TriggerType.DOCKER_HUB


@pytest.mark.parametrize(
    ("good", "bad", "said"),
    [
        (
            "application: shop",
            "application: shopp",
            "there is no application shopp; did you mean shop?",
        ),
        (
            "environment: prod",
            "environment: prd",
            "there is no environment prd; did you mean prod?",
        ),
        (
            "components: [web]",
            "components: [wep]",
            "shop has no component wep with an image; did you mean web?",
        ),
        ("roles: [sre]", "roles: [sree]", "there is no role sree; did you mean sre?"),
        (
            "type: custom",
            "type: harbor",
            "a registry only pushes: with type harbor leave actions out",
        ),
        ("type: custom", "type: custom\n  registry: a.example", "registry is for type acr"),
        ("type: custom", "type: gitlab", "expected 'custom', 'dockerHub'"),
        ("[execute, approve]", "[deploy]", "expected 'execute', 'approve'"),
        ("[execute, approve]", "[]", "expected at least one"),
        ("name: shop-ci", "name: ann", "ann is already in"),
        ("name: nightly", "name: shop-ci", "shop-ci is already in"),
    ],
)
def test_a_mistake_is_told(tmp_path: Path, good: str, bad: str, said: str) -> None:
    write(tmp_path, {**GOOD, "ci.yaml": TRIGGER.replace(good, bad, 1)})
    assert any(said in each for each in problems(tmp_path)), problems(tmp_path)
