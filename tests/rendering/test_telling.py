"""How a person reads the values of a field: short, alike values apart, and never a secret."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rendering.alignment import ABSENT, Part, Path, leaves
from bot.rendering.redaction import HIDDEN
from bot.rendering.telling import Told, told

IMAGE = "registry.shop.example/web"
ONE, TWO = (f"sha256:{each * 64}" for each in "ab")
LINE = "all work and no play makes a dull line of settings that is much too long for a phone, "


def at(*names: str) -> Path:
    """Make a path; a name in brackets is an item by its name."""
    return tuple(
        Part(each.strip("[]"), item=True, keys=("name",)) if each.startswith("[") else Part(each)
        for each in names
    )


@pytest.mark.parametrize(
    ("path", "before", "after", "shown"),
    [
        (at("replicas"), 3, 5, ("3", "5")),
        (at("replicas"), ABSENT, 5, ("", "5")),
        (at("paused"), True, ABSENT, ("true", "")),
        (at("image"), f"{IMAGE}:v1", f"{IMAGE}:v2", ("v1", "v2")),
        (at("image"), f"{IMAGE}:v1", "other/web:v1", (f"{IMAGE}:v1", "other/web:v1")),
        (at("image"), f"{IMAGE}:v1@{ONE}", f"{IMAGE}:v2", ("v1", "v2")),
        (
            at("image"),
            f"{IMAGE}:v1@{ONE}",
            f"{IMAGE}:v1@{TWO}",
            ("v1@sha256:aaaaaaaaaaaa…", "v1@sha256:bbbbbbbbbbbb…"),
        ),
        (at("image"), f"{IMAGE}:v1", f"{IMAGE}:v1@{TWO}", ("v1", "v1@sha256:bbbbbbbbbbbb…")),
        (at("args"), ["--fast"], ["--log", "a b"], ("--fast", "--log 'a b'")),
        (at("env", "[LEVEL]"), ABSENT, {"name": "LEVEL", "value": "info"}, ("", "info")),
        (
            at("env", "[DB]"),
            ABSENT,
            {"name": "DB", "valueFrom": {"secretKeyRef": {"name": "db", "key": "url"}}},
            ("", "from Secret db, url"),
        ),
        (at("containers", "[p]"), ABSENT, {"name": "p", "image": "envoy:1"}, ("", "envoy:1")),
        (at("data", "a.txt"), ABSENT, "one\ntwo\n", ("", "2 lines")),
        (at("limits"), {"cpu": "1"}, {"cpu": "2"}, ('{"cpu": "1"}', '{"cpu": "2"}')),
    ],
)
def test_a_value_is_told_as_people_say_it(
    path: Path, before: Any, after: Any, shown: tuple[str, str]
) -> None:
    assert told(path, before, after) == Told(before=shown[0], after=shown[1])


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        (at("env", "[DB_PASSWORD]", "value"), "swordfish1", "swordfish2"),
        (at("env", "[DB_PASSWORD]"), ABSENT, {"name": "DB_PASSWORD", "value": "swordfish1"}),
        (at("data", "api-key"), "swordfish1", "swordfish2"),
        (at("annotations", "example.com/token"), "swordfish1", ABSENT),
        (at("args"), ["--password", "swordfish1"], ["--password", "swordfish2"]),
        (at("command"), ["sh", "-c", "login --token swordfish1"], ["sh"]),
        (at("env", "[URL]", "value"), "http://dev:swordfish1@db/", "http://dev:swordfish2@db/"),
        (at("spec", "secret"), "swordfish1", "swordfish2"),
        (at("spec", "credentials"), {"value": "swordfish1"}, {"value": "swordfish2"}),
        (at("data", "app.yaml"), "a: 1\npassword: swordfish1\n", "a: 2\npassword: swordfish2\n"),
        (at("data", "key.pem"), "x\n-----BEGIN PRIVATE KEY-----\nswordfish1\n", "x\n"),
        (at("spec", "template"), {"kind": "Secret", "data": {"user": "swordfish1"}}, ABSENT),
    ],
)
def test_a_secret_is_not_told(path: Path, before: Any, after: Any) -> None:
    found = told(path, before, after)
    assert "swordfish" not in f"{found}"
    assert HIDDEN in f"{found}" or found.excerpt


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (at("volumes", "[tls]", "secret", "secretName"), "web-tls"),
        (at("env", "[PASSWORD]", "valueFrom", "secretKeyRef", "name"), "db"),
        (at("imagePullSecrets", "[registry]", "name"), "registry"),
        (at("containers", "[token-service]", "image"), "token:v1"),
        (at("automountServiceAccountToken"), False),
    ],
)
def test_what_only_names_a_secret_is_told(path: Path, value: Any) -> None:
    assert HIDDEN not in told(path, ABSENT, value).after


def test_of_a_file_the_lines_are_told_that_differ() -> None:
    before = "".join(f"line {each}\n" for each in range(40))
    after = before.replace("line 7\n", "line seven\n").replace("line 30\n", "")
    found = told(at("data", "file"), before, after)
    assert found.excerpt == (
        " line 6",
        "-line 7",
        "+line seven",
        " line 8",
        "…",
        " line 29",
        "-line 30",
        " line 31",
    )


def test_of_a_line_that_is_long_the_place_is_told_where_it_differs() -> None:
    found = told(at("data", "line"), f"{LINE}one, {LINE}", f"{LINE}two, {LINE}")
    assert "one, " in found.before
    assert "two, " in found.after
    assert max(len(found.before), len(found.after)) <= 100


def test_a_huge_value_is_not_looked_into() -> None:
    found = told(at("binaryData", "blob"), "a" * 400_000, "a" * 410_000)
    assert (found.before, found.after) == ("400,000 characters", "410,000 characters")


scalars = st.none() | st.booleans() | st.integers() | st.text(max_size=12)
values = st.recursive(
    scalars,
    lambda below: (
        st.lists(below, max_size=4)
        | st.dictionaries(
            st.sampled_from(["name", "image", "port", "data", "x"]), below, max_size=4
        )
    ),
    max_leaves=12,
)
documents = st.dictionaries(st.sampled_from(["spec", "data", "rules"]), values, max_size=3)


@given(documents, documents)
def test_whatever_an_object_is_made_of_it_can_be_compared(before: Any, after: Any) -> None:
    found = list(leaves((before, after), lambda _, pair: ABSENT in pair))
    differing = [each for each in found if each.values[0] != each.values[1]]
    assert (before == after) <= (not differing)
    for each in found:
        for version, value in zip((before, after), each.values, strict=True):
            here = version
            for part in each.path:
                here = ABSENT if here is ABSENT else part.of(here)
            assert here is value or here == value
        told(each.path, *each.values)
