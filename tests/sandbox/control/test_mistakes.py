"""Every mistake is answered with 400 and a sentence that says what would be right."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from bot.sandbox.known_faults import KNOWN_FAULTS
from bot.sandbox.server import Sandbox
from tests.patience import PATIENCE
from tests.scenarios.company import ROOT


@pytest.fixture
async def control(sandbox: Sandbox) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"{sandbox.url}/control", timeout=PATIENCE) as client:
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
    assert set(found["known"]) == {
        "slack",
        "dingtalk",
        "lark",
        "webhooks",
        "mail",
        "cluster/east",
        "cluster/west",
    }
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


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        (
            "/clusters/edit",
            {"cluster": "north"},
            "there is no cluster 'north' (there is: east, west)",
        ),
        ("/clusters/edit", {"cluster": "east", "kind": "Pod"}, "kind, name and patch"),
        (
            "/clusters/edit",
            {"cluster": "east", "kind": "Pood", "name": "web", "patch": {}},
            'the server doesn\'t have a resource type "Pood"',
        ),
        ("/clusters/move-tag", {}, "image is required"),
        ("/clusters/move-tag", {"image": "web@sha256:1"}, "image is required: a name with a tag"),
    ],
)
async def test_a_wrong_call_about_a_cluster_is_explained(
    control: httpx.AsyncClient, path: str, body: dict[str, Any], said: str
) -> None:
    answer = await control.post(path, json=body)
    assert answer.status_code == 400
    assert said in answer.json()["error"]


async def test_the_clusters_are_listed(control: httpx.AsyncClient, sandbox: Sandbox) -> None:
    found = (await control.get("/clusters")).json()["clusters"]
    assert found[0] == {
        "name": "east",
        "url": f"{sandbox.url}/clusters/east",
        "nodes": ["east-node-1", "east-node-2"],
        "objects": 0,
    }
    assert (await control.get("/clusters", params={"cluster": "north"})).status_code == 400


async def test_every_fault_is_documented() -> None:
    documented = (ROOT / "docs" / "sandbox.md").read_text(encoding="utf-8")
    for target, kinds in KNOWN_FAULTS.items():
        for fault, fields in kinds.items():
            assert f"`{fault}`" in documented, f"{target}: {fault}"
            for field in fields:
                assert f"`{field}`" in documented, f"{target}: {fault} ({field})"
