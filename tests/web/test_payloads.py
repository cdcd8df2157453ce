"""Payloads: each registry's form is read, and whatever else comes is refused with its place, never with a crash."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.catalog.machines import Trigger, TriggerAction, TriggerType
from bot.rendering.images import parse_image
from bot.run.code import Code
from bot.web.bodies import parse_json
from bot.web.payloads import (
    LONGEST_MESSAGE,
    Asked,
    Passed,
    PayloadError,
    Push,
    read_payload,
)
from bot.web.problems import Problem
from tests.web.payloads import ACR, CUSTOM, DOCKER_HUB, HARBOR, JFROG, REPOSITORY

EXAMPLES = {
    TriggerType.CUSTOM: CUSTOM,
    TriggerType.DOCKER_HUB: DOCKER_HUB,
    TriggerType.HARBOR: HARBOR,
    TriggerType.ACR: ACR,
    TriggerType.JFROG: JFROG,
}


def a_trigger(type_: TriggerType, registry: str = "") -> Trigger:
    return Trigger(
        name="shop-ci", application="shop", environment="prod", type=type_, registry=registry
    )


def changed(given_: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    made = copy.deepcopy(given_)
    *before, last = path.split(".")
    here = made
    for each in before:
        here = here[each]
    here[last] = value
    return made


@pytest.mark.parametrize(
    ("type_", "registry", "headers", "image"),
    [
        (TriggerType.DOCKER_HUB, "", {}, "docker.io/acme/api:2.4.1"),
        (TriggerType.HARBOR, "", {}, f"{REPOSITORY}:2.4.1"),
        (TriggerType.ACR, "", {}, "registry.cn-hangzhou.aliyuncs.com/shop/api:2.4.1"),
        (TriggerType.ACR, "acr.shop.example", {}, "acr.shop.example/shop/api:2.4.1"),
        (TriggerType.JFROG, "", {}, "docker-local/shop/api:2.4.1"),
        (
            TriggerType.JFROG,
            "",
            {"x-jfrogurl": "https://jfrog.shop.example/"},
            "jfrog.shop.example/docker-local/shop/api:2.4.1",
        ),
    ],
)
def test_a_registry_pushes_an_image(
    type_: TriggerType, registry: str, headers: dict[str, str], image: str
) -> None:
    found = read_payload(a_trigger(type_, registry), EXAMPLES[type_], headers)
    assert found == Push(image=image)


def test_a_short_path_of_jfrog_says_nothing_of_the_name() -> None:
    short = changed(JFROG, "data.path", "api/manifest.json")
    found = read_payload(a_trigger(TriggerType.JFROG), short, {})
    assert found == Push(image="docker-local/api:2.4.1")


def test_a_ci_system_says_what_it_has_built_and_whose_commit_it_is() -> None:
    assert read_payload(a_trigger(TriggerType.CUSTOM), CUSTOM, {}) == Asked(
        action=TriggerAction.EXECUTE,
        images={"api": f"{REPOSITORY}:2.4.1"},
        commit="4be1c0a9d27f",
        code=Code(branch="main", author="li", message="Fix the basket"),
    )


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, Asked(action=TriggerAction.EXECUTE)),
        (
            {"action": "approve", "step": "review"},
            Asked(action=TriggerAction.APPROVE, step="review"),
        ),
        ({"action": "terminate"}, Asked(action=TriggerAction.TERMINATE)),
        ({"action": "rollback"}, Asked(action=TriggerAction.ROLLBACK)),
    ],
)
def test_actions(body: dict[str, Any], expected: Asked) -> None:
    assert read_payload(a_trigger(TriggerType.CUSTOM), body, {}) == expected


@pytest.mark.parametrize(
    ("type_", "body", "why"),
    [
        (
            TriggerType.DOCKER_HUB,
            changed(DOCKER_HUB, "repository.status", "Inactive"),
            "the repository is not active",
        ),
        (TriggerType.HARBOR, changed(HARBOR, "type", "DELETE_ARTIFACT"), "no push"),
        (TriggerType.JFROG, {"domain": "artifact", "event_type": "deployed"}, "no push"),
        (TriggerType.JFROG, changed(JFROG, "event_type", "deleted"), "no push"),
    ],
)
def test_what_tells_of_no_push_is_passed_over(
    type_: TriggerType, body: dict[str, Any], why: str
) -> None:
    found = read_payload(a_trigger(type_), body, {})
    assert isinstance(found, Passed)
    assert why in found.why


@pytest.mark.parametrize(
    ("type_", "body", "said"),
    [
        (TriggerType.CUSTOM, [], "valid dictionary"),
        (TriggerType.CUSTOM, {"action": "explode"}, "action: Input should be"),
        (TriggerType.CUSTOM, {"upgarde": {}}, "upgarde: Extra inputs are not permitted"),
        (
            TriggerType.CUSTOM,
            {"upgrade": {"api": {"image": "api:1", "replicas": 9}}},
            "upgrade.api.replicas: only image can be upgraded",
        ),
        (TriggerType.CUSTOM, {"upgrade": {"api": {"image": "api"}}}, "expected a tag"),
        (TriggerType.CUSTOM, {"upgrade": {"api": {"image": "A B"}}}, "expected an image"),
        (TriggerType.CUSTOM, {"step": "review"}, "step: it belongs to the action approve"),
        (
            TriggerType.CUSTOM,
            {"action": "rollback", "upgrade": {"api": {"image": "api:1"}}},
            "upgrade: it belongs to the action execute",
        ),
        (TriggerType.CUSTOM, {"codeInfo": {"commit": "main"}}, "codeInfo.commit: a commit has"),
        (TriggerType.DOCKER_HUB, changed(DOCKER_HUB, "push_data.tag", ""), "push_data.tag"),
        (TriggerType.HARBOR, changed(HARBOR, "event_data.resources", []), "at least one"),
        (TriggerType.ACR, changed(ACR, "repository.region", ""), "repository.region"),
        (TriggerType.ACR, changed(ACR, "repository.region", "x.evil.example/"), "region"),
        (TriggerType.JFROG, {"domain": "docker", "event_type": "pushed"}, "data: it is required"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(type_: TriggerType, body: Any, said: str) -> None:
    with pytest.raises(PayloadError, match=said.replace(".", r"\.")):
        read_payload(a_trigger(type_), body, {})


def test_what_was_sent_is_not_repeated() -> None:
    with pytest.raises(PayloadError) as error:
        read_payload(a_trigger(TriggerType.CUSTOM), {"action": "s3cret-in-the-wrong-place"}, {})
    assert "s3cret" not in str(error.value)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30),
    lambda below: (
        st.lists(below, max_size=4) | st.dictionaries(st.text(max_size=12), below, max_size=4)
    ),
    max_leaves=12,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """List every place in a value."""
    found = [path] if path else []
    if isinstance(value, dict):
        for key, each in value.items():
            found += places(each, (*path, key))
    elif isinstance(value, list):
        for at, each in enumerate(value):
            found += places(each, (*path, at))
    return found


def put(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    made = copy.deepcopy(value)
    here = made
    for each in path[:-1]:
        here = here[each]
    here[path[-1]] = new
    return made


def holds(type_: TriggerType, body: Any, headers: dict[str, str]) -> None:
    """Check what must be so of any payload: it is read or refused, and what is read can be trusted in its form."""
    try:
        found = read_payload(a_trigger(type_), body, headers)
    except PayloadError as error:
        assert str(error)  # noqa: PT017 - whether it is raised is up to what was drawn
        return
    images = [found.image] if isinstance(found, Push) else []
    if isinstance(found, Asked):
        images = list(found.images.values())
        for text in (
            (found.code.branch, found.code.author, found.code.message) if found.code else ()
        ):
            assert len(text) <= LONGEST_MESSAGE
            assert text.isprintable()
    assert all(parse_image(each).complete for each in images)


@given(type_=st.sampled_from(TriggerType), body=json_values)
def test_any_json_is_read_or_refused(type_: TriggerType, body: Any) -> None:
    holds(type_, body, {})


@given(
    data=st.data(), type_=st.sampled_from(TriggerType), new=json_values, host=st.text(max_size=20)
)
def test_any_change_of_a_right_payload_is_read_or_refused(
    data: st.DataObject, type_: TriggerType, new: Any, host: str
) -> None:
    place = data.draw(st.sampled_from(places(EXAMPLES[type_])))
    holds(type_, put(EXAMPLES[type_], place, new), {"x-jfrogurl": host})


@given(
    st.binary(max_size=200)
    | st.text(alphabet='{}[]",:0eE+-.nulltrfas', max_size=200).map(str.encode)
)
def test_any_bytes_are_json_or_refused(raw: bytes) -> None:
    try:
        found = parse_json(raw)
    except Problem as problem:
        assert problem.status == 400  # noqa: PT017 - as above
    else:
        json.dumps(found, allow_nan=False)


@pytest.mark.parametrize(
    "raw", [b"[" * 100_000, b'{"a":' * 40 + b"1" + b"}" * 40, b"NaN", b"1e400 x"]
)
def test_what_is_nested_without_end_is_refused(raw: bytes) -> None:
    with pytest.raises(Problem):
        parse_json(raw)
