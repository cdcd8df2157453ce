"""Which cloud resources a rollback touches, by the names of what differs and never by a value."""

from dataclasses import replace
from typing import Any

from bot.catalog.model import Component, Policy, Target
from bot.rendering.clouds import CloudChange, Turn, cloud_changes
from bot.rendering.comparison import changes
from bot.rendering.forecast import Versions, changes_of
from bot.rendering.objects import Manifest
from bot.rendering.redaction import HIDDEN
from bot.rendering.render import render
from tests.rendering.cloud import DEFINITION, REMOTE, a_database, a_place, a_shop


def between(before: Component | None, after: Component | None) -> tuple[CloudChange, ...]:
    old, new = (a_shop(*([each] if each else [])) for each in (before, after))
    return cloud_changes(old, new, a_place())


def own(**properties: Any) -> Component:
    return Component(name="orders-db", type="terraform", properties=properties, terraform={})


def test_what_is_the_same_is_not_told() -> None:
    assert between(a_database(), a_database()) == ()
    worker = Component(name="jobs", type="worker", properties={"image": "a"})
    other = replace(worker, properties={"image": "b"})
    assert cloud_changes(a_shop(worker), a_shop(other), a_place()) == ()


def test_variables_that_change_are_told_by_their_names() -> None:
    before = a_database(size="small", password="s3cret-one", providerRef={"name": "a"})
    after = a_database(password="s3cret-two", customRegion="cn-beijing")
    (change,) = between(before, after)
    assert change == CloudChange(
        "orders-db", Turn.CHANGED, ("providerRef", "password", "customRegion", "size")
    )
    assert "s3cret" not in str(change)


def test_another_module_is_told() -> None:
    git = replace(a_database(), terraform=REMOTE)
    (change,) = between(a_database(), git)
    assert change.turn is Turn.CHANGED
    assert "module" in change.differs
    pinned = replace(git, properties={**git.properties, "gitRef": {"tag": "v1"}})
    assert between(git, pinned) == (CloudChange("orders-db", Turn.CHANGED, ("module",)),)
    text = replace(a_database(), terraform={**DEFINITION, "configuration": "# other"})
    assert between(a_database(), text) == (CloudChange("orders-db", Turn.CHANGED, ("module",)),)


def test_of_the_type_terraform_the_variables_are_told_one_by_one() -> None:
    before = own(hcl="#", variable={"size": "a", "tags": {"b": 1, "a": 2}})
    after = own(hcl="#", variable={"size": "b", "tags": {"a": 2, "b": 1}})
    assert between(before, after) == (CloudChange("orders-db", Turn.CHANGED, ("size",)),)
    assert between(before, replace(before, properties={**before.properties, "hcl": "##"})) == (
        CloudChange("orders-db", Turn.CHANGED, ("module",)),
    )


def test_one_that_was_not_there_is_left_and_one_that_is_gone_is_made_anew() -> None:
    assert between(a_database(), None) == (CloudChange("orders-db", Turn.LEFT),)
    assert between(None, a_database()) == (CloudChange("orders-db", Turn.MADE),)


def test_overrides_of_the_environment_count() -> None:
    large = Policy(
        name="large",
        type="override",
        environment="prod",
        properties={"components": [{"name": "orders-db", "properties": {"size": "large"}}]},
    )
    bound = a_shop(a_database(), policies=(large,))
    assert cloud_changes(a_shop(a_database()), bound, a_place()) == (
        CloudChange("orders-db", Turn.CHANGED, ("size",)),
    )
    elsewhere = a_shop(a_database(), policies=(replace(large, environment="dev"),))
    assert cloud_changes(a_shop(a_database()), elsewhere, a_place()) == ()


SENSITIVE = """
variable "size" { type = string }
variable "seed" {
  type      = string
  sensitive = true
}
"""


def seeded(seed: str, size: str) -> tuple[Component, Component]:
    """Make a database of each way to say a module, with a value that only the module knows to be a secret."""
    definition = {"type": "hcl", "configuration": SENSITIVE}
    typed = Component(
        name="typed",
        type="mine",
        terraform=definition,
        properties={"seed": seed, "size": size},
    )
    inline = own(hcl=SENSITIVE, variable={"seed": seed, "size": size})
    return typed, inline


def test_what_the_module_calls_sensitive_is_not_told_in_a_difference() -> None:
    before, after = (a_shop(*seeded(each, each)) for each in ("first", "second"))
    assert set(changes(before, after)) == {
        ("typed", "seed", HIDDEN, HIDDEN),
        ("typed", "size", "first", "second"),
        ("orders-db", "variable.seed", HIDDEN, HIDDEN),
        ("orders-db", "variable.size", "first", "second"),
    }


def test_nor_in_the_forecast_of_its_configuration() -> None:
    made: list[Manifest] = []
    for seed in ("first", "second"):
        _, component = seeded(seed, seed)
        placed = replace(component, env="prod")
        target = Target(name="", cluster="east", namespace="default")
        made += render(a_shop(placed), placed, a_place(), target)
    versions = Versions(sent=made[0], wanted=made[1], live=made[0], becomes=made[1])
    found, _, _ = changes_of(versions)
    told = {each.field: (each.before, each.after) for each in found}
    assert told == {"variable.seed": (HIDDEN, HIDDEN), "variable.size": ("first", "second")}
