"""What a file may say about a step: every mistake with the path to it, before anything runs."""

from collections.abc import Mapping
from typing import Any

import pytest

from bot.bootstrap.equipment import step_types
from bot.catalog.model import Target
from bot.steps.registry import StepTypes

TARGETS = (
    Target(name="hangzhou", cluster="east", namespace="shop"),
    Target(name="frankfurt", cluster="west", namespace="shop"),
)
TYPES: StepTypes = step_types({})
HOOK = {"value": "https://hooks.example/1"}
ROBOT = {"value": "https://oapi.dingtalk.com/robot/send?access_token=a"}
LARK = {"value": "https://open.larksuite.com/open-apis/bot/v2/hook/a"}
SENDER = {"address": "a@shop.example", "host": "mail.shop.example"}
MAIL = {"from": SENDER, "to": ["ops@shop.example"], "content": {"subject": "v1", "body": "v1"}}
BLOCKS = [{"type": "section", "text": {"type": "mrkdwn", "text": "*x*"}}]


@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        ("deploy2env", {"env": "hangzhou"}),
        ("deploy2env", {"env": "hangzhou", "policy": "", "parallel": True}),
        ("deploy2env", {"env": "${{ inputs.where }}"}),
        ("suspend", {}),
        ("suspend", {"message": "Healthy?", "approvers": ["sre"], "onReject": "fail"}),
        ("suspend", {"duration": "1h30m"}),
        ("suspend", {"duration": "${{ inputs.pause }}"}),
        ("notification", {"slack": {"message": {"text": "*done*"}}}),
        ("notification", {"slack": {"message": {"text": "done"}, "channel": "releases"}}),
        ("notification", {"slack": {"message": {"text": "done"}, "url": HOOK}}),
        ("notification", {"slack": [{"message": {"text": "a"}}, {"message": {"text": "b"}}]}),
        ("notification", {"slack": {"message": {"text": "x", "blocks": BLOCKS}, "url": HOOK}}),
        ("notification", {"slack": {"message": {"text": "x"}}, "failurePolicy": "ignore"}),
        ("notification", {"dingding": {"url": ROBOT, "message": {"text": {"content": "v1"}}}}),
        (
            "notification",
            {
                "dingding": {
                    "url": {"secretRef": {"name": "robot", "key": "url"}},
                    "secret": {"secretRef": {"name": "robot", "key": "secret"}},
                    "message": {"msgtype": "${{ inputs.kind }}", "text": {"content": "${{ 1 }}"}},
                }
            },
        ),
        (
            "notification",
            {"lark": [{"url": LARK, "message": {"msg_type": "text", "content": '{"text": "v1"}'}}]},
        ),
        ("notification", {"email": {**MAIL, "cc": ["${{ context.requester }}@shop.example"]}}),
        ("notification", {"email": MAIL, "slack": {"message": {"text": "x"}}}),
        ("webhook", {"url": HOOK}),
        ("webhook", {"url": {"fromSetting": "RELEASES"}, "data": {"any": ["thing", 1]}}),
        ("webhook", {"url": {"value": "${{ inputs.url }}"}}),
        ("webhook", {"url": {"secretRef": {"name": "my-hook", "key": "url"}}}),
        ("request", {"url": "https://api.example/v1"}),
        ("request", {"url": "${{ inputs.url }}", "method": "PUT", "body": {"a": [1]}}),
        ("request", {"url": "https://a.example", "headersFromSecret": [{"secret": "api"}]}),
        ("suspend", {"quorum": 2, "approvers": ["sre"]}),
        ("print-message-in-status", {"message": "hello"}),
    ],
)
def test_what_can_be_meant_is_taken(kind: str, properties: Mapping[str, Any]) -> None:
    assert list(TYPES.check(kind, properties, TARGETS)) == []


@pytest.mark.parametrize(
    ("kind", "properties", "path", "said"),
    [
        ("deploy2env", {}, ("env",), "it is required"),
        ("deploy2env", {"env": 3}, ("env",), "expected a text, found 3"),
        ("deploy2env", {"envs": "hangzhou", "env": "hangzhou"}, ("envs",), "did you mean env?"),
        ("suspend", {"duration": "ten minutes"}, ("duration",), "ten minutes"),
        ("suspend", {"onTimeout": "explode"}, ("onTimeout",), "'fail', 'reject' or 'continue'"),
        ("suspend", {"mesage": "x"}, ("mesage",), "did you mean message?"),
        ("notification", {}, (), "expected at least one of slack, dingding, lark, email"),
        ("notification", {"slack": {"message": {}}}, ("slack", "message", "text"), "required"),
        ("notification", {"slack": {"message": {"text": ""}}}, ("slack", "message", "text"), "1"),
        ("notification", {"slack": []}, ("slack",), "at least one notice"),
        (
            "notification",
            {"slack": [{"message": {"text": "a"}}, {"message": {}}]},
            ("slack", 1, "message", "text"),
            "required",
        ),
        (
            "notification",
            {"slack": {"message": {"text": "x", "blocks": BLOCKS}}},
            ("slack", "message", "blocks"),
            "only an incoming webhook",
        ),
        (
            "notification",
            {"slack": {"message": {"text": "x"}}, "failurePolicy": "maybe"},
            ("failurePolicy",),
            "'fail' or 'ignore'",
        ),
        ("notification", {"dingding": {}}, ("dingding", "url"), "it is required"),
        (
            "notification",
            {"slack": {"message": {"text": "x"}, "url": HOOK, "channel": "releases"}},
            ("slack", "channel"),
            "leave channel out",
        ),
        ("notification", {"dingtalk": {}}, ("dingtalk",), "did you mean dingding?"),
        (
            "notification",
            {"dingding": [{"url": HOOK, "message": {"text": {"content": "v1"}}}]},
            ("dingding", 0, "url", "value"),
            "ends in /robot/send?access_token",
        ),
        (
            "notification",
            {"dingding": {"url": ROBOT, "message": {"msgtype": "markdown"}}},
            ("dingding", "message", "markdown"),
            "it is required, for msgtype is markdown",
        ),
        (
            "notification",
            {"dingding": {"url": ROBOT, "message": {"text": {"content": "a"}, "link": {}}}},
            ("dingding", "message", "link"),
            "it would not be said, for msgtype is text",
        ),
        (
            "notification",
            {
                "dingding": {
                    "url": ROBOT,
                    "message": {"msgtype": "actionCard", "actionCard": {"title": "a", "text": "b"}},
                }
            },
            ("dingding", "message", "actionCard"),
            "expected a button",
        ),
        (
            "notification",
            {
                "dingding": {
                    "url": ROBOT,
                    "message": {"msgtype": "feedCard", "feedCard": {"links": [{"title": "a"}]}},
                }
            },
            ("dingding", "message", "feedCard", "links", 0),
            "a title and a messageURL",
        ),
        (
            "notification",
            {"dingding": {"url": ROBOT, "secret": "s", "message": {"text": {"content": "a"}}}},
            ("dingding", "secret"),
            "which begins with SEC",
        ),
        (
            "notification",
            {"dingding": {"url": ROBOT, "message": {"msgtype": "card"}}},
            ("dingding", "message", "msgtype"),
            "'text', 'link', 'markdown'",
        ),
        (
            "notification",
            {"lark": {"url": ROBOT, "message": {"msg_type": "text", "content": "{}"}}},
            ("lark", "url", "value"),
            "/open-apis/bot/v2/hook/",
        ),
        (
            "notification",
            {"lark": {"url": LARK, "message": {"msg_type": "text", "content": "v1 is live"}}},
            ("lark", "message", "content"),
            "expected a text of JSON",
        ),
        (
            "notification",
            {"lark": {"url": LARK, "message": {"msg_type": "audio", "content": "{}"}}},
            ("lark", "message", "msg_type"),
            "a custom bot sends text, post",
        ),
        (
            "notification",
            {"email": {**MAIL, "to": ["ops"]}},
            ("email", "to"),
            "expected addresses such as",
        ),
        (
            "notification",
            {"email": {**MAIL, "content": {"subject": "v1"}}},
            ("email", "content"),
            "expected a body",
        ),
        (
            "notification",
            {"email": {**MAIL, "from": {"address": "a@b.example"}}},
            ("email", "from"),
            "expected a host",
        ),
        (
            "notification",
            {"email": {**MAIL, "from": {**SENDER, "tls": "ssl"}}},
            ("email", "from", "tls"),
            "'starttls', 'tls' or 'none'",
        ),
        (
            "notification",
            {"email": {**MAIL, "from": {**SENDER, "tls": "none", "password": "p"}}},
            ("email", "from", "tls"),
            "not sent unencrypted",
        ),
        (
            "notification",
            {"email": {**MAIL, "from": {"address": "a@b.example", "url": {"value": "mail"}}}},
            ("email", "from", "url", "value"),
            "expected smtp://",
        ),
        ("webhook", {"url": {}}, ("url",), "exactly one of value, secretRef and fromSetting"),
        ("webhook", {"url": {**HOOK, "fromSetting": "A"}}, ("url",), "exactly one of"),
        ("webhook", {"url": {"value": "ftp://x"}}, ("url", "value"), "an http or https URL"),
        ("webhook", {"url": HOOK, "data": "text"}, ("data",), "expected a map"),
        ("webhook", {"url": {"secretRef": {"name": "a"}}}, ("url", "secretRef", "key"), "required"),
        ("request", {}, ("url",), "it is required"),
        ("request", {"url": "api.example"}, ("url", "value"), "an http or https URL"),
        ("request", {"url": "https://a", "method": "FETCH"}, ("method",), "'GET', 'POST', 'PUT'"),
        ("request", {"url": "https://a", "headers": {}}, ("headers",), "did you mean header?"),
        ("deploy", {"targets": ["tokyo"]}, ("targets", 0), "no target tokyo"),
        ("deploy", {"parallelism": 0}, ("parallelism",), "greater than or equal to 1"),
        ("apply-component", {}, ("component",), "it is required"),
        ("garbage-collect", {"rules": []}, ("rules",), "there is no property rules"),
        ("suspend", {"quorum": 0}, ("quorum",), "greater than or equal to 1"),
        ("print-message-in-status", {}, ("message",), "it is required"),
    ],
)
def test_a_mistake_is_told_with_its_path(
    kind: str, properties: Mapping[str, Any], path: tuple[str, ...], said: str
) -> None:
    ((found, text),) = TYPES.check(kind, properties, TARGETS)

    assert found == path
    assert said in text


def test_two_types_of_one_name_are_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="two step types are called suspend"):
        StepTypes([TYPES["suspend"], TYPES["suspend"]])
