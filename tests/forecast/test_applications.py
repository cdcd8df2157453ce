"""What changes between two applications, as a person reads it before a rollback."""

from typing import Any

from bot.catalog.model import Application, Component, Trait
from bot.forecast.applications import changes


def app(properties: dict[str, Any] | None = None, *traits: Trait, name: str = "web") -> Application:
    found = {"image": "web:v1"} if properties is None else properties
    component = Component(name=name, type="webservice", properties=found, traits=traits)
    return Application(name="shop", components=(component,))


def test_nothing_changes_between_the_same() -> None:
    assert changes(app(), app()) == ()


def test_a_field_is_told_with_what_it_was_and_becomes() -> None:
    before, after = app({"image": "web:v1", "port": 80}), app({"image": "web:v2", "cpu": 0.5})
    assert changes(before, after) == (
        ("web", "image", "web:v1", "web:v2"),
        ("web", "cpu", "", "0.5"),
        ("web", "port", "80", ""),
    )


def test_a_component_is_added_or_removed_as_a_whole() -> None:
    assert changes(app(name="old"), app(name="new")) == (
        ("new", "component", "", "webservice web:v1"),
        ("old", "component", "webservice web:v1", ""),
    )


def test_a_variable_put_in_front_is_one_change() -> None:
    a, b = {"name": "A", "value": "1"}, {"name": "B", "value": "2"}
    assert changes(app({"env": [a]}), app({"env": [b, a]})) == (
        ("web", "env[B].name", "", "B"),
        ("web", "env[B].value", "", "2"),
    )


def test_items_without_names_are_compared_by_place() -> None:
    probe = {"httpHeaders": [{"x": "1"}, {"x": "2"}]}
    other = {"httpHeaders": [{"x": "1"}, {"x": "3"}]}
    assert changes(app({"probe": probe}), app({"probe": other})) == (
        ("web", "probe.httpHeaders[1].x", "2", "3"),
    )


def test_traits_are_compared() -> None:
    three, four = (Trait(type="scaler", properties={"replicas": n}) for n in (3, 4))
    assert changes(app(None, three), app(None, four)) == (
        ("web", "traits.scaler.replicas", "3", "4"),
    )
    assert changes(app(), app(None, Trait(type="scaler"))) == (("web", "traits.scaler", "", "yes"),)


def test_a_value_that_looks_like_a_secret_is_not_told() -> None:
    before, after = (app({"env": [{"name": "DB_PASSWORD", "value": each}]}) for each in "ab")
    assert changes(before, after) == (("web", "env[DB_PASSWORD].value", "•••", "•••"),)
