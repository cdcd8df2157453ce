"""Two replicas behind one address: whichever is called, a call is done once by the one that leads, and answered where it came."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from sqlalchemy import make_url

from bot.bootstrap.shipmate import Shipmate
from bot.store.database import address
from bot.web import elsewhere
from tests.patience import PATIENCE
from tests.scenarios.company import ROOT, Company
from tests.scenarios.replicas import Replicas

TRIGGER = """\
apiVersion: shipmate.dev/v1
kind: Trigger
metadata:
  name: shop-ci
spec:
  application: shop
  environment: dev
  roles: [developer]
  actions: [execute, terminate]
"""
BUILT = {each: {"image": f"registry.shop.example/{each}:v7"} for each in ("web", "api", "jobs")}
DEPLOY = "/applications/shop/environments/dev/deploy"
STAGING = "/applications/shop/environments/staging/deploy"
ASKED: Any = {"json": {"version": "v7"}, "headers": {"Idempotency-Key": "job-1"}}
UNANSWERED = "SELECT key FROM http_requests WHERE key LIKE 'api:%' AND status = 0"
BEGUN = "UPDATE http_requests SET begun = 1 WHERE key LIKE 'api:%' RETURNING key"
"""As a leader leaves it that dies in the middle."""
SOMEBODY = "UPDATE leases SET holder = 'somebody', token = token + 1, expires = %s"
NOW = "SELECT extract(epoch FROM clock_timestamp())::float8"


@pytest.fixture
async def company(tmp_path: Path) -> AsyncIterator[Company]:
    workflows = tmp_path / "workflows"
    shutil.copytree(ROOT / "workflows", workflows)
    (workflows / "ci.yaml").write_text(TRIGGER, encoding="utf-8")
    made = Company(tmp_path / "state", workflows, speed=40.0)
    await made.open_world()
    yield made
    await made.close()


@asynccontextmanager
async def asking(replicas: Replicas, bot: Shipmate, who: str = "dev") -> AsyncIterator[Any]:
    """Give a client that asks one replica as someone."""
    headers = {"Authorization": f"Bearer {await asyncio.to_thread(replicas.token, 'api', who)}"}
    base = f"{bot.http_address}/api/v1"
    async with httpx.AsyncClient(base_url=base, headers=headers, timeout=PATIENCE) as client:
        yield client


async def connected(replicas: Replicas) -> psycopg.AsyncConnection[Any]:
    return await psycopg.AsyncConnection.connect(address(make_url(replicas.url)), autocommit=True)


async def somebody_leads(replicas: Replicas, seconds: float) -> None:
    """Let a process lead for a while of which nothing is heard: it was killed just now, or sleeps."""
    async with await connected(replicas) as connection:
        found = await (await connection.execute(NOW)).fetchone()
        assert found is not None
        await connection.execute(SOMEBODY, [found[0] + seconds])


async def rows(replicas: Replicas, query: str) -> list[Any]:
    async with await connected(replicas) as connection:
        return await (await connection.execute(query)).fetchall()


async def test_a_call_to_a_replica_that_stands_by_is_answered_as_by_the_one_that_leads(
    replicas: Replicas,
) -> None:
    one, two = await replicas.start("one"), await replicas.start("two")
    assert (one.leads, two.leads) == (True, False)
    async with asking(replicas, two) as standby, asking(replicas, one) as leader:
        assert (await standby.get(f"{two.http_address}/readyz")).status_code == 200
        numbers = await standby.get(f"{two.http_address}/metrics")
        assert "shipmate_leading 0.0" in numbers.text
        assert (await standby.get("/applications")).status_code == 200
        key = {"Idempotency-Key": "job-1"}
        answers = await asyncio.gather(
            *(each.post(DEPLOY, json={"version": "v7"}, headers=key) for each in (standby, leader))
        )
        assert {each.status_code for each in answers} <= {200, 202, 409}, answers[0].text
        again = await standby.post(DEPLOY, json={"version": "v7"}, headers=key)
        assert again.headers[elsewhere.REPLAYED] == "true"
        assert again.json()["run"]["name"] == "shop/dev#1"
        assert answers[0].json()["run"]["name"] == "shop/dev#1"

        other = await standby.post(DEPLOY, json={"version": "v8"}, headers=key)
        assert (other.status_code, other.json()["error"]["code"]) == (422, "key_reused")
        refused = await standby.post(DEPLOY, json={"version": "v8", "environment": "x"})
        assert refused.status_code == 400
        unknown = await standby.post("/runs/shop/dev/99/stop", json={})
        assert (unknown.status_code, unknown.json()["error"]["code"]) == (404, "unknown_run")

        # What happens is told to those who follow at the replica that stands by, long before it looks by itself.
        async with standby.stream("GET", "/runs/shop/dev/1/events") as stream:
            kinds = [line async for line in stream.aiter_lines() if line.startswith("event: ")]
        assert "event: run_succeeded" in kinds

        answer = await standby.get("/audit")
    lines = await rows(replicas, "SELECT body FROM audit ORDER BY sequence")
    asked = [json.loads(each[0])["request"] for each in lines]
    assert [each.split(" --")[0] for each in asked] == ["deploy shop dev v7", "stop shop/dev#99"]
    assert answer.status_code == 403


async def test_what_comes_in_while_nobody_leads_is_done_once_by_whoever_leads_next(
    company: Company, replicas: Replicas
) -> None:
    one, two = await replicas.start("one"), await replicas.start("two")
    hook = f"/api/v1/webhook/{await asyncio.to_thread(replicas.token, 'trigger', 'shop-ci')}"
    async with httpx.AsyncClient(base_url=two.http_address, timeout=PATIENCE) as ci:
        done = await ci.post(hook, json={"upgrade": BUILT})
        assert (done.status_code, done.json()["state"]) == (200, "success"), done.text
        assert done.json()["run"]["name"] == "shop/dev#1"
        again = await ci.post(hook, json={"upgrade": BUILT})
        assert again.headers[elsewhere.REPLAYED] == "true"
        refused = await ci.post(hook, json={"upgrade": {"web": {"image": "elsewhere/web:v1"}}})
        assert refused.status_code == 409
        await company.card("shop/dev#1", says="Delivered", channel="shop-dev")

        await somebody_leads(replicas, 5.5)
        async with asking(replicas, two) as standby:
            asked = [asyncio.create_task(standby.post(STAGING, **ASKED)) for _ in range(2)]
            async with asyncio.timeout(PATIENCE):
                while not await rows(replicas, UNANSWERED):  # noqa: ASYNC110 - it tells nobody
                    await asyncio.sleep(0.05)
            await rows(replicas, BEGUN)
            later = await ci.post(hook, json={"upgrade": BUILT, "codeInfo": {"commit": "4be1c0a"}})
            assert (later.status_code, later.json()["state"]) == (202, "accepted"), later.text
            answers = await asyncio.gather(*asked)
    codes = {each.status_code for each in answers}
    assert 202 in codes, [each.text for each in answers]
    assert codes <= {202, 409}, "the second one may be told that the first is being done"
    await company.card("shop/dev#2", says="Delivered", channel="shop-dev")
    assert one.leads != two.leads
    names = await rows(
        replicas, "SELECT environment, number FROM runs ORDER BY environment, number"
    )
    assert names == [("dev", 1), ("dev", 2), ("staging", 1)]
