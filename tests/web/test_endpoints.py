"""Requests and calls are two spellings of one thing, whatever people have put into them."""

from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.command.requests import Approve, Deploy, Lock, Request, RunName, Skip
from bot.web.endpoints import (
    ENDPOINTS,
    LOOKING,
    PREFIX,
    Endpoint,
    UnfitError,
    call_of,
    request_of,
)
from tests.command.test_round_trip import by_type


def in_path(endpoint: Endpoint, path: str) -> dict[str, str]:
    """Read what stands in a path, as a server does."""
    wanted = (PREFIX + endpoint.path).split("/")
    return {
        name.strip("{}"): unquote(value)
        for name, value in zip(wanted, path.split("/"), strict=True)
        if name.startswith("{")
    }


@given(st.one_of(*by_type.values()))
def test_a_request_is_asked_over_http_as_it_is(request: Request) -> None:
    endpoint, path, values = call_of(request)
    try:
        made = request_of(endpoint, {**values, **in_path(endpoint, path)})
    except UnfitError:
        return  # it cannot be typed either: more characters than a command may have
    texts = {name: each for name, each in values.items() if isinstance(each, str)}
    for name, text in texts.items():
        assert getattr(made, name) == " ".join(text.split())
    assert call_of(made)[0] is endpoint


def test_each_verb_has_one_place_and_only_looking_is_a_get() -> None:
    assert len({(each.method, each.path) for each in ENDPOINTS}) == len(ENDPOINTS)
    assert {each.verb.name for each in ENDPOINTS if each.method == "GET"} == LOOKING


@pytest.mark.parametrize(
    ("request_", "path", "values"),
    [
        (
            Deploy(application="shop", environment="prod", version="v1"),
            "/api/v1/applications/shop/environments/prod/deploy",
            {"version": "v1"},
        ),
        (
            Approve(run=RunName(application="shop", environment="prod", number=17), reason="ok"),
            "/api/v1/runs/shop%2Fprod%2317/approve",
            {"reason": "ok"},
        ),
        (Skip(run=RunName(id="a1"), step="x"), "/api/v1/runs/a1/skip", {"step": "x"}),
        (
            Lock(environment="prod", reason="it moves", lasting="2h"),
            "/api/v1/environments/prod/lock",
            {"reason": "it moves", "lasting": "2h"},
        ),
    ],
)
def test_where_requests_are_asked(request_: Request, path: str, values: dict[str, str]) -> None:
    assert call_of(request_)[1:] == (path, values)


@pytest.mark.parametrize("text", ["v1 --plan", "v1 web=evil/web:1", "--note", '"v1"', "v1\u200b"])
def test_a_value_never_becomes_another_request(text: str) -> None:
    deploy = next(each for each in ENDPOINTS if each.verb.name == "deploy")
    with pytest.raises(UnfitError):
        request_of(deploy, {"application": "shop", "environment": "prod", "version": text})
