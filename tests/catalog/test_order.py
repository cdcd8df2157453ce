"""The order of components: each after those that it depends on, the others together, in the order of the file."""

import pytest

from bot.catalog.model import Component
from bot.catalog.order import circle, waves


def those(**depends_on: str) -> list[Component]:
    return [
        Component(name=name, type="worker", properties={}, depends_on=tuple(others.split()))
        for name, others in depends_on.items()
    ]


@pytest.mark.parametrize(
    ("components", "expected"),
    [
        (those(), []),
        (those(b="", a=""), [["b", "a"]]),
        (
            those(web="migrate", migrate="db", db="", jobs=""),
            [["db", "jobs"], ["migrate"], ["web"]],
        ),
        (those(web="gone", api=""), [["web", "api"]]),
    ],
)
def test_waves(components: list[Component], expected: list[list[str]]) -> None:
    assert waves(components) == expected
    assert circle(components) == []


def test_a_circle_is_named() -> None:
    assert set(circle(those(a="b", b="c", c="a", d=""))) == {"a", "b", "c"}
