"""Every mistake is answered with 400 and a sentence that says what would be right."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from bot.sandbox.server import Sandbox


@pytest.fixture
async def control(sandbox: Sandbox) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"{sandbox.url}/control", timeout=20) as client:
        yield client


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("/slack/say", {"channel": "shop-prod", "text": "hi"}, "there is no user ''"),
        ("/slack/say", {"user": "devv", "channel": "shop-prod"}, "did you mean dev?"),
        ("/slack/say", {"user": "dev", "channel": "shop-prd"}, "did you mean shop-prod?"),
        ("/slack/say", {"user": "dev", "channel": "shop-prod"}, "text is required"),
        (
            "/slack/say",
            {"user": "dev", "channel": "shop-prod", "text": "/deploy", "thread_ts": "1.1"},
            "slash commands cannot be used in threads",
        ),
        (
            "/slack/click",
            {"user": "dev", "channel": "shop-prod", "ts": "1.1", "button": "Approve"},
            "dev sees no message '1.1' in shop-prod",
        ),
        ("/slack/click", {"user": "dev", "home": True, "button": "Go"}, "(there is: none)"),
        ("/slack/submit", {"user": "dev", "view_id": "V1"}, "dev has no such form open: 'V1'"),
        ("/faults", {"target": "slack", "fault": "explode"}, "there is no fault 'explode'"),
        ("/faults", {"target": "moon", "fault": "down"}, "there is no fault 'down' of 'moon'"),
        (
            "/faults",
            {"target": "slack", "fault": "ratelimited", "methd": "chat.update"},
            "ratelimited has no field methd (it has: method, retry_after)",
        ),
        ("/faults", {"target": "mail", "fault": "refuse", "times": 0}, "times is a number from 1"),
    ],
)
async def test_a_wrong_call_is_explained(
    control: httpx.AsyncClient, path: str, body: dict[str, Any], said: str
) -> None:
    answer = await control.post(path, json=body)

    assert answer.status_code == 400
    found = answer.json()
    assert found["ok"] is False
    assert said in found["error"]


@pytest.mark.parametrize("sent", [b"", b"{", b"[]", b'"text"'])
async def test_a_body_that_is_no_object_is_explained(
    control: httpx.AsyncClient, sent: bytes
) -> None:
    answer = await control.post(
        "/slack/say", content=sent, headers={"Content-Type": "application/json"}
    )

    assert answer.status_code == 400
    assert "JSON object" in answer.json()["error"]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/slack/messages?channel=nowhere", "there is no channel 'nowhere'"),
        ("/slack/messages?channel=shop-prod&viewer=nobody", "there is no user 'nobody'"),
        ("/clusters?cluster=moon", "moon"),
        ("/kubeconfig?cluster=moon", "moon"),
    ],
)
async def test_a_wrong_question_is_explained(
    control: httpx.AsyncClient, path: str, said: str
) -> None:
    answer = await control.get(path)

    assert answer.status_code == 400
    assert said in answer.json()["error"]


async def test_faults_are_listed_with_those_there_are_and_cleared(
    control: httpx.AsyncClient,
) -> None:
    await control.post("/faults", json={"target": "mail", "fault": "refuse", "times": 2})
    await control.post("/faults", json={"target": "cluster/east", "fault": "down"})

    found = (await control.get("/faults")).json()
    cleared = (await control.delete("/faults", params={"target": "mail"})).json()
    left = (await control.get("/faults")).json()["faults"]

    assert [(each["target"], each["times"]) for each in found["faults"]] == [
        ("mail", 2),
        ("cluster/east", None),
    ]
    assert set(found["known"]) == {"slack", "webhooks", "mail", "cluster/east", "cluster/west"}
    assert cleared == {"ok": True, "cleared": 1}
    assert [each["target"] for each in left] == ["cluster/east"]


async def test_a_command_that_the_app_does_not_have_is_answered_as_slack_does(
    control: httpx.AsyncClient,
) -> None:
    body = {"user": "dev", "channel": "shop-prod", "text": "/deplyo shop prod v1"}

    (message,) = (await control.post("/slack/say", json=body)).json()["messages"]

    assert message["user"] == "slackbot"
    assert "/deplyo is not a valid command" in message["text"]


async def test_a_command_that_nobody_takes_is_told_to_have_failed(
    control: httpx.AsyncClient,
) -> None:
    body = {"user": "dev", "channel": "shop-prod", "text": "/deploy shop prod v1"}

    (message,) = (await control.post("/slack/say", json=body)).json()["messages"]

    assert 'failed with the error "dispatch_failed"' in message["text"]
