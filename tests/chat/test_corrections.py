"""A name that is not known and comes near one that is: the request that was meant."""

import pytest

from bot.chat.corrections import corrected
from bot.command.grammar import parse
from bot.command.requests import Misunderstood
from bot.policy.refusals import Code, Refusal


@pytest.mark.parametrize(
    ("text", "code", "name", "near", "meant"),
    [
        ("deploy shpo prod v1", Code.UNKNOWN_APPLICATION, "shpo", "shop", "deploy shop prod v1"),
        (
            "deploy shop prdo v1 --at 18:00",
            Code.UNKNOWN_ENVIRONMENT,
            "prdo",
            "prod",
            "deploy shop prod v1 --at 18:00",
        ),
        (
            "promote shop stagin prod",
            Code.UNKNOWN_ENVIRONMENT,
            "stagin",
            "staging",
            "promote shop staging prod",
        ),
        (
            "deploy shop prod wbe=x/y:1",
            Code.UNKNOWN_COMPONENT,
            "wbe",
            "web",
            "deploy shop prod web=x/y:1",
        ),
        (
            "retry run:1 frankfrut",
            Code.UNKNOWN_STEP,
            "frankfrut",
            "frankfurt",
            "retry run:1 frankfurt",
        ),
        ("stop shpo/prod#1 no", Code.UNKNOWN_APPLICATION, "shpo", "shop", "stop shop/prod#1 no"),
        ("stop shop/prdo#1", Code.UNKNOWN_ENVIRONMENT, "prdo", "prod", "stop shop/prod#1"),
        ("status shpo", Code.UNKNOWN_APPLICATION, "shpo", "shop", "status shop"),
        ("deploy shpo prod v1", Code.UNKNOWN_APPLICATION, "shpo", "shop, ship", ""),
        ("deploy shpo prod v1", Code.UNKNOWN_APPLICATION, "shpo", "", ""),
        ("deploy shop prod web=a/b:1 wbe=x/y:1", Code.UNKNOWN_COMPONENT, "wbe", "web", ""),
    ],
)
def test_one_name_that_comes_near_is_put_in(
    text: str, code: Code, name: str, near: str, meant: str
) -> None:
    request = parse(text)
    assert not isinstance(request, Misunderstood)
    facts = {"name": name, "nearest": near, "known": near}

    assert corrected(request, Refusal(code=code, facts=facts)) == meant


def test_another_refusal_has_nothing_to_correct() -> None:
    request = parse("deploy shop prod")
    assert not isinstance(request, Misunderstood)
    assert corrected(request, Refusal(code=Code.VERSION_MISSING, facts={"components": "web"})) == ""
