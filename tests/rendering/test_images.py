"""Image references as registries define them, and which images an application delivers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.catalog.model import Application, Component
from bot.rendering.images import has_version, is_image, parse_image, with_tag
from bot.rendering.versions import built_components, with_version

DIGEST = "sha256:" + "a1" * 32


@pytest.mark.parametrize(
    ("text", "registry", "repository", "tag", "digest"),
    [
        ("web", "", "web", "", ""),
        ("library/redis:7.4", "", "library/redis", "7.4", ""),
        ("registry.shop.example/web", "registry.shop.example", "web", "", ""),
        ("localhost:5000/a/b_c/d--e:v1", "localhost:5000", "a/b_c/d--e", "v1", ""),
        ("localhost/web", "localhost", "web", "", ""),
        (f"ghcr.io/a/web@{DIGEST}", "ghcr.io", "a/web", "", DIGEST),
        (f"ghcr.io/a/web:v1@{DIGEST}", "ghcr.io", "a/web", "v1", DIGEST),
    ],
)
def test_a_reference_is_read_in_its_parts_and_written_back(
    text: str, registry: str, repository: str, tag: str, digest: str
) -> None:
    image = parse_image(text)
    assert (image.registry, image.repository) == (registry, repository)
    assert (image.tag, image.digest) == (tag, digest)
    assert str(image) == text
    assert has_version(text) == bool(tag or digest)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Web",
        "a b",
        "web:",
        "web:-x",
        "web@sha256:12",
        "/web",
        "a//b",
        "web:v1:v2",
        "é",
        "x" * 999,
    ],
)
def test_what_is_no_reference_is_refused(text: str) -> None:
    assert not is_image(text)
    with pytest.raises(ValueError, match="expected an image"):
        parse_image(text)


def test_a_tag_replaces_the_version() -> None:
    assert with_tag("a.b/web", "v1") == "a.b/web:v1"
    assert with_tag(f"a.b/web:v0@{DIGEST}", "v1") == "a.b/web:v1"
    with pytest.raises(ValueError, match="expected an image"):
        with_tag("a.b/web", "no tag")


def shop(**images: str) -> Application:
    return Application(
        name="shop",
        components=tuple(
            Component(name=name, type="webservice", properties={"image": image, "port": 80})
            for name, image in images.items()
        ),
    )


def images(application: Application) -> dict[str, str]:
    return {each.name: each.properties["image"] for each in application.components}


def test_a_version_becomes_the_tag_of_what_the_application_builds() -> None:
    before = shop(web="r.example:5000/web", queue="redis:7.4", api=f"r.example/api@{DIGEST}")
    assert built_components(before) == ("web",)
    after = with_version(before, "v1", {})
    assert images(after) == {**images(before), "web": "r.example:5000/web:v1"}
    assert after.components[0].properties["port"] == 80
    assert built_components(after) == ()


def test_an_image_that_was_given_wins() -> None:
    before = shop(web="r.example/web", queue="redis:7.4")
    after = with_version(before, "v1", {"web": "x/y:z", "queue": "redis:8"})
    assert images(after) == {"web": "x/y:z", "queue": "redis:8"}


def test_without_a_version_what_is_built_stays_open() -> None:
    assert built_components(with_version(shop(web="r.example/web"), "", {})) == ("web",)


@given(st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}", fullmatch=True))
def test_every_version_comes_back_from_the_image(version: str) -> None:
    after = with_version(shop(web="r.example/a/web"), version, {})
    assert parse_image(images(after)["web"]).tag == version
    assert with_version(after, "other", {}) == after
