"""Whether two images are of one repository: Docker Hub's short names are its long ones, and nothing else is like it."""

import pytest

from bot.rendering.repositories import components_of, same_repository
from tests.operations.company import shop


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("redis", "docker.io/library/redis:7"),
        ("acme/api", "index.docker.io/acme/api:2"),
        ("registry.shop.example/api", "registry.shop.example/api@sha256:" + "a" * 64),
        ("Registry.shop.example:5000/api", "registry.shop.example:5000/api:1"),
    ],
)
def test_one_repository_by_several_names(one: str, other: str) -> None:
    assert same_repository(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("acme/api", "evil/api"),
        ("acme/api", "ghcr.io/acme/api"),
        ("registry.shop.example/api", "registry.shop.example/api-next"),
        ("registry.shop.example/api", "registry.shop.example:5000/api"),
        ("api", "not an image"),
    ],
)
def test_other_repositories(one: str, other: str) -> None:
    assert not same_repository(one, other)


def test_the_components_of_a_repository() -> None:
    assert components_of(shop(), "registry.shop.example/api:9") == ("api",)
    assert components_of(shop(), "redis:8") == ("queue",)
    assert components_of(shop(), "registry.evil.example/api:9") == ()
