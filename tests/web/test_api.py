"""The API over a real socket: the same requests, the same rules and the same words as in chat."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.run.model import RunPhase
from bot.web.elsewhere import REPLAYED
from bot.web.endpoints import ENDPOINTS, LOOKING
from tests.web.people import People, named, open_people

DEV = "/applications/shop/environments/dev"
PROD = "/applications/shop/environments/prod"


@pytest.fixture
async def people(tmp_path: Path) -> AsyncIterator[People]:
    async with open_people(tmp_path) as opened:
        yield opened


async def test_a_delivery_from_its_request_to_its_revision(people: People) -> None:
    answer = await people.asks(
        "dev",
        "POST",
        f"{PROD}/deploy",
        {"version": "v1", "commit": "4be1c0a", "branch": "main", "author": "li", "message": "Fix"},
    )
    assert answer.status_code == 202
    run = answer.json()["run"]
    assert (run["name"], run["by"], run["via"]) == ("shop/prod#1", "dev", "api http")
    assert run["code"]["branch"] == "main"
    await people.office.until("shop/prod#1", RunPhase.SUSPENDING)

    shown = (await people.gets("guest", "/runs/shop/prod/1"))["run"]
    assert shown["phase"] == "suspending"
    gate = next(each["gate"] for each in shown["steps"] if each["name"] == "approval")
    assert (gate["open"], gate["needs"]) == (True, [{"count": 1, "roles": ["sre"]}])

    by_id = await people.does(
        "sre", f"/runs/{run['id']}/approve", shown=gate["shown"], step="approval"
    )
    assert by_id["decision"]["by"] == "sre"
    await people.office.until("shop/prod#1", RunPhase.SUCCEEDED)
    [revision] = (await people.gets("guest", f"{PROD}/revisions"))["revisions"]
    assert (revision["name"], revision["run"], revision["version"]) == ("v1", "shop/prod#1", "v1")
    assert revision["code"]["commit"] == "4be1c0a"
    lines = (await people.store.audit.lines())[::-1]
    assert [(each.person, each.chat, each.via, each.outcome) for each in lines] == [
        ("dev", "api", "http", "allowed"),
        ("sre", "api", "http", "allowed"),
    ]


async def test_refusals_are_those_of_the_chat(people: People) -> None:
    error = await people.refused("guest", f"{PROD}/deploy", 403, version="v1")
    assert error["code"] == "not_allowed"
    assert error["who"] == ["dev", "dev2"]
    assert error["message"].startswith("You may not deploy in prod.")
    error = await people.refused("dev", "/applications/shpo/environments/prod/deploy", 404)
    assert (error["code"], error["facts"]["nearest"]) == ("unknown_application", "shop")
    assert (await people.refused("dev", "/runs/shop/prod/9/stop", 404))["code"] == "unknown_run"
    error = await people.refused("dev", f"/runs/{'0' * 32}/stop", 404)
    assert (error["code"], error["facts"]) == ("unknown_run", {"name": f"run:{'0' * 32}"})
    error = await people.refused("dev", f"{PROD}/deploy", 400)
    assert error["code"] == "version_missing"
    assert len(await people.store.audit.lines()) == 5


async def test_a_program_asks_with_the_roles_of_its_account(people: People) -> None:
    people.employ("nightly", ("developer", "sre"))
    await people.does("nightly", f"{PROD}/deploy", version="v1")
    await people.office.until("shop/prod#1", RunPhase.SUSPENDING)
    error = await people.refused("nightly", "/runs/shop/prod/1/approve", 403)
    assert error["code"] == "machine_may_not_vote"
    who = await people.gets("nightly", "/whoami")
    assert (who["name"], who["machine"]) == ("nightly", True)
    assert "approve" not in next(
        each["actions"] for each in who["rights"] if each["environment"] == "prod"
    )


async def test_nobody_without_a_token_is_let_in(people: People) -> None:
    for given in ("", "Bearer", "Bearer x", "Basic c3JlOnNyZQ==", "Bearer smt_x"):
        headers = {"Authorization": given} if given else {}
        for method, path in (("GET", "/status"), ("POST", f"{PROD}/deploy")):
            answer = await people.asks("", method, path, {}, headers=headers)
            assert answer.status_code == 401, given
            assert answer.json()["error"]["code"] == "unauthorized"
            assert answer.headers["WWW-Authenticate"] == "Bearer"
        stream = await people.asks("", "GET", "/runs/x/events", headers=headers)
        assert stream.status_code == 401


async def test_who_is_gone_from_the_files_is_not_let_in(people: People) -> None:
    assert (await people.asks("dev", "GET", "/whoami")).status_code == 200
    left = {name: each for name, each in people.office.catalog.people.items() if name != "dev"}
    people.office.catalog = replace(people.office.catalog, people=left)
    assert (await people.asks("dev", "GET", "/whoami")).status_code == 401


MISTAKES: tuple[tuple[str, dict[str, Any], str], ...] = (
    (f"{PROD}/deploy", {"verzion": "v1"}, "verzion: Extra inputs are not permitted"),
    (f"{PROD}/deploy", {"version": "v1 --emergency"}, "is no version"),
    (f"{PROD}/deploy", {"version": 7}, "version: Input should be a valid string"),
    (f"{PROD}/deploy", {"images": {"web": "A B"}}, "is no image"),
    (f"{PROD}/deploy", {"commit": "main"}, "is no commit"),
    (f"{PROD}/deploy", {"plan": True, "at": "18:00"}, "begins nothing"),
    (f"{PROD}/promote", {}, "origin: Field required"),
    (f"{PROD}/rollback", {"revision": 0}, "greater than or equal to 1"),
    ("/environments/prod/lock", {}, "reason: Field required"),
    ("/environments/prod/lock", {"reason": "x", "lasting": "soon"}, "a time such as"),
    ("/applications/no%20name/environments/prod/deploy", {}, "is no name of an application"),
    ("/runs/shop/prod/1/skip", {"step": "x", "reason": "y" * 501}, "at most 500"),
)


async def test_a_mistake_is_told_with_the_right_form(people: People) -> None:
    for path, body, said in MISTAKES:
        error = await people.refused("dev", path, 400, **body)
        assert error["code"] == "invalid", path
        assert said in error["message"]


async def test_what_is_no_json_or_too_large_is_told(people: People) -> None:
    headers = {"Authorization": f"Bearer {people.token('dev')}", "Content-Type": "application/json"}
    for raw, status in (
        (b"{", 400),
        (b"[" * 100_000, 400),
        (b"\xff\xfe", 400),
        (b" " * 300_000, 413),
    ):
        answer = await people.client.post(f"/api/v1{PROD}/deploy", content=raw, headers=headers)
        assert answer.status_code == status, raw[:10]
        assert answer.json()["error"]["message"]


async def test_no_get_changes_anything(people: People) -> None:
    await people.does("dev", f"{DEV}/deploy", version="v1")
    await people.office.until("shop/dev#1", RunPhase.SUCCEEDED)
    for each in ENDPOINTS:
        path = (
            each.path.replace("{application}", "shop")
            .replace("{environment}", "dev")
            .replace("{run}", "shop/dev/1")
        )
        answer = await people.asks("admin", "GET", path)
        assert answer.status_code in (
            {200, 409} if each.verb.name in LOOKING else {400, 404, 405}
        ), path
    assert len(await people.store.runs.recent()) == 1


async def test_a_key_makes_it_one_request(people: People) -> None:
    async def keyed(key: str, version: str = "v1", who: str = "dev") -> Any:
        return await people.asks(
            who, "POST", f"{DEV}/deploy", {"version": version}, headers={"Idempotency-Key": key}
        )

    first, again, other, theirs = (
        await keyed("1"),
        await keyed("1"),
        await keyed("2"),
        await keyed("1", who="dev2"),
    )
    assert again.json() == first.json()
    assert (first.status_code, again.status_code) == (202, 202)
    assert again.headers[REPLAYED] == "true"
    ids = {each.json()["run"]["id"] for each in (first, other, theirs)}
    assert len(ids) == 3
    mixed = await keyed("1", "v2")
    assert (mixed.status_code, mixed.json()["error"]["code"]) == (422, "key_reused")
    assert len(await people.store.audit.lines()) == 3


async def test_without_a_key_each_request_is_another_one(people: People) -> None:
    ids = [(await people.does("dev", f"{DEV}/deploy", version="v1"))["run"]["id"] for _ in range(2)]
    assert len(set(ids)) == 2


async def test_what_may_have_been_done_is_asked_again_under_the_key_that_was_made(
    people: People,
) -> None:
    people.requests.away = {"begin"}
    body = {"version": "v1"}
    lost = await people.asks("dev", "POST", f"{DEV}/deploy", body)
    assert (lost.status_code, lost.json()["error"]["code"]) == (503, "unavailable")
    key = {"Idempotency-Key": lost.headers["Idempotency-Key"]}
    again = await people.asks("dev", "POST", f"{DEV}/deploy", body, headers=key)
    assert again.status_code == 503
    assert "Idempotency-Key" not in again.headers, "whoever asked has it"
    people.requests.away = set()
    answers = [
        await people.asks("dev", "POST", f"{DEV}/deploy", body, headers=key) for _ in range(2)
    ]
    assert [each.status_code for each in answers] == [202, 202]
    assert len(await people.store.runs.recent("shop", "dev")) == 1


async def test_going_back_is_shown_first_and_confirmed(people: People) -> None:
    await people.office.delivered("v1", "v2")
    shown = await people.does("dev", f"{DEV}/rollback")
    assert (shown["older"], shown["newer"], shown["version"]) == (1, 2, "v1")
    assert {each["after"] for each in shown["changes"]} >= {"registry.shop.example/web:v1"}
    assert len(await people.store.runs.recent("shop", "dev")) == 2
    done = await people.does("dev", f"{DEV}/rollback", revision=1, confirmed=shown["confirmed"])
    assert done["run"]["rollback_to"] == 1
    await people.office.until(named(done), RunPhase.SUCCEEDED)


async def test_looking(people: People) -> None:
    await people.office.delivered("v1", "v2")
    status = await people.gets("guest", "/status", application="shop", environment="dev")
    assert status["places"][0]["revision"]["name"] == "v2"
    runs = await people.gets("guest", f"{DEV}/runs")
    assert [each["name"] for each in runs["runs"]] == ["shop/dev#2", "shop/dev#1"]
    difference = await people.gets("guest", f"{DEV}/diff", older=1, newer=2)
    assert (difference["older"], difference["newer"]) == (1, 2)
    plan = await people.does("dev", f"{DEV}/deploy", version="v3", plan=True)
    assert plan["version"] == "v3"
    apps = await people.gets("guest", "/applications")
    assert apps["applications"][0]["components"] == ["web", "api", "queue"]
    envs = await people.gets("guest", "/environments")
    assert envs["environments"][0]["deployers"] == ["dev", "dev2"]
    verbs = await people.gets("guest", "/verbs", verb="deploy")
    assert verbs["verbs"][0]["example"] == "deploy shop prod v1.4.2"
    audit = await people.gets("admin", "/audit", application="shop", environment="dev")
    assert [each["request"] for each in audit["lines"]] == ["deploy shop dev v3 --plan"]
    assert (await people.asks("guest", "GET", "/audit")).status_code == 403


async def test_locks_hold_whoever_asks(people: People) -> None:
    lock = await people.does("dev", "/environments/prod/lock", reason="it moves", lasting="2h")
    assert (lock["by"], lock["holds"]) == ("dev", True)
    error = await people.refused("dev2", f"{PROD}/deploy", 409, version="v1")
    assert error["code"] == "locked"
    assert "dev" in error["who"]
    assert not (await people.does("dev", "/environments/prod/unlock"))["holds"]


async def test_a_rejection_takes_a_reason(people: People) -> None:
    await people.does("dev", f"{PROD}/deploy", version="v1")
    await people.office.until("shop/prod#1", RunPhase.SUSPENDING)
    error = await people.refused("sre", "/runs/shop/prod%231/reject", 400)
    assert error["code"] == "reason_missing"
    done = await people.does("sre", "/runs/shop/prod%231/reject", reason="not\nnow")
    assert (done["decision"]["approved"], done["decision"]["reason"]) == (False, "not now")
    error = await people.refused("sre", "/runs/shop/prod/1/approve", 409)
    assert error["code"] == "already_decided"


async def test_a_run_is_followed_to_its_end(people: People) -> None:
    await people.does("dev", f"{PROD}/deploy", version="v1")
    await people.office.until("shop/prod#1", RunPhase.SUSPENDING)
    follower = asyncio.create_task(people.events("guest", "shop/prod/1"))
    seen = await people.store.runs.events((await people.office.run("shop/prod#1")).id)
    await people.does("sre", "/runs/shop/prod/1/approve")
    await people.office.until("shop/prod#1", RunPhase.SUCCEEDED)
    found = await follower
    assert [number for number, _, _ in found] == list(range(1, len(found) + 1))
    assert (found[0][1], found[-1][1]) == ("run_started", "run_succeeded")
    assert found[-1][2]["revision"] == 1

    rest = await people.events("guest", "shop/prod/1", after=len(seen))
    assert rest == found[len(seen) :]


async def test_who_follows_is_let_go_when_the_process_ends(people: People) -> None:
    await people.does("dev", f"{PROD}/deploy", version="v1")
    await people.office.until("shop/prod#1", RunPhase.SUSPENDING)
    follower = asyncio.create_task(people.events("guest", "shop/prod/1"))
    while not people.following._waiting:  # noqa: ASYNC110 - nothing else says that someone has come
        await asyncio.sleep(0.01)
    people.following.close()
    assert (await follower)[-1][1] == "approval_requested"


async def test_a_run_that_is_not_there_cannot_be_followed(people: People) -> None:
    answer = await people.asks("guest", "GET", "/runs/shop/prod/9/events")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "unknown_run")


async def test_the_document_says_what_there_is(people: People) -> None:
    answer = await people.client.get("/api/v1/openapi.json")
    document = answer.json()
    for each in ENDPOINTS:
        path = f"/api/v1{each.path.replace('{run}', '{run}')}"
        operation = document["paths"][path][each.method.lower()]
        assert operation["security"] == [{"token": []}]
        assert each.verb.form in operation["description"]
    deploy = document["components"]["schemas"]["DeployRequest"]["properties"]
    assert set(deploy) >= {"version", "images", "commit", "branch", "author", "message", "at"}
    assert "ErrorAnswer" in document["components"]["schemas"]
    assert "/api/v1/runs/{run}/events" in document["paths"]
