"""The HTTP side of a whole company: ready when all is there, and its numbers are those of what was done in chat."""

import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from bot.bootstrap import tokens
from bot.settings import read
from bot.traces import traced_by
from tests.patience import PATIENCE
from tests.scenarios.company import ROOT, Company

DEV = "shop-dev"


class Served(Company):
    """A company whose bot is asked over HTTP."""

    http = True


@pytest.fixture
async def company(tmp_path: Path) -> AsyncIterator[Company]:
    made = Served(tmp_path / "state", ROOT / "workflows")
    await made.open()
    yield made
    await made.close()


async def test_health_and_numbers_are_those_of_the_company(company: Company) -> None:
    assert company.bot is not None
    async with httpx.AsyncClient(base_url=company.bot.http_address, timeout=PATIENCE) as client:
        assert (await client.get("/healthz")).json()["status"] == "ok"
        ready = (await client.get("/readyz")).json()
        assert {each["name"]: each["why"] for each in ready["checks"]} == {
            "database": "",
            "slack": "",
            "cluster/east": "",
            "cluster/west": "",
        }

        await company.says("dev", "/deploy shop dev v1.0.0", DEV)
        await company.card("shop/dev#1", says="Delivered", channel=DEV)
        numbers = (await client.get("/metrics")).text

    assert (
        'shipmate_run_duration_seconds_count{environment="dev",result="succeeded"} 1.0' in numbers
    )
    assert (
        'shipmate_step_duration_seconds_count{result="succeeded",type="deploy2env"} 1.0' in numbers
    )
    assert 'shipmate_answer_seconds_count{chat="slack",via="command"} 1.0' in numbers
    posted = 'shipmate_chat_call_seconds_count{chat="slack",method="chat.postMessage",result="ok"}'
    assert posted in numbers
    assert 'shipmate_cluster_requests_total{verb="PATCH"}' in numbers
    assert 'shipmate_cluster_request_seconds_count{result="ok",verb="PATCH"}' in numbers
    assert "shipmate_leading 1.0" in numbers
    assert "shipmate_store_commit_seconds_count" in numbers


async def test_a_cluster_that_is_away_is_named(company: Company) -> None:
    assert company.bot is not None
    await company.fault("cluster/west", "down", times=None)
    async with httpx.AsyncClient(base_url=company.bot.http_address, timeout=PATIENCE) as client:
        ready = await client.get("/readyz")
        left = await client.get("/readyz?exclude=cluster")
    wrong = [each["name"] for each in ready.json()["checks"] if not each["ok"]]
    assert (ready.status_code, wrong) == (503, ["cluster/west"])
    assert left.status_code == 200


TRIGGER = """\
apiVersion: shipmate.dev/v1
kind: Trigger
metadata:
  name: shop-ci
spec:
  application: shop
  environment: dev
  roles: [developer]
"""


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    kept, provider = InMemorySpanExporter(), TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(kept))
    with traced_by(provider.get_tracer("test")):
        yield kept
    provider.shutdown()


def in_the_trace_of(spans: InMemorySpanExporter, name: str) -> set[str]:
    """Name all spans of the trace that the first span of a name belongs to."""
    found = spans.get_finished_spans()
    first = next(each for each in found if each.name == name)
    assert first.context is not None
    one = first.context.trace_id
    return {each.name for each in found if each.context and each.context.trace_id == one}


async def test_a_commit_is_told_in_chat(tmp_path: Path, spans: InMemorySpanExporter) -> None:
    workflows = tmp_path / "workflows"
    shutil.copytree(ROOT / "workflows", workflows)
    (workflows / "ci.yaml").write_text(TRIGGER, encoding="utf-8")
    company = Served(tmp_path / "state", workflows)
    await company.open()
    assert company.bot is not None
    settings = replace(read({}), state=company.folder, workflows=workflows)
    token = tokens.create(settings, company.clock, "trigger", "shop-ci")
    built = {each: {"image": f"registry.shop.example/{each}:v7"} for each in ("web", "api", "jobs")}
    info = {"commit": "4be1c0a9d27f", "branch": "main", "user": "dev@shop.example"}
    body = {"upgrade": built, "codeInfo": {**info, "message": "Fix the basket"}}
    async with httpx.AsyncClient(base_url=company.bot.http_address, timeout=PATIENCE) as client:
        answer = await client.post(f"/api/v1/webhook/{token}", json=body)
    assert answer.status_code == 200, answer.text

    card = company.read(await company.card("shop/dev#1", says="Delivered", channel=DEV))
    assert "by shop-ci" in card
    assert "4be1c0a on main by dev · “Fix the basket”" in card
    said = await company.asks("dev", "/revisions shop dev", DEV)
    assert "4be1c0a on main by dev" in said
    await company.says("dev", "/deploy shop prod v7")
    await company.presses("sre", "Approve", await company.card("shop/prod#1", offers="Approve"))
    await company.card("shop/prod#1", says="revision v1")
    await company.close()

    beyond = {"step deploy2env", "kubernetes PATCH"}
    assert in_the_trace_of(spans, "http POST") >= {"request deploy", *beyond}
    assert in_the_trace_of(spans, "request approve") >= {"answer", *beyond}, "from the click on"
    all_names = {each.name for each in spans.get_finished_spans()}
    assert all_names >= {"answer", "request revisions", "slack chat.postMessage"}


async def test_a_run_asked_for_over_http_is_shown_in_its_channel(company: Company) -> None:
    assert company.bot is not None
    settings = replace(read({}), state=company.folder, workflows=company.workflows)
    token = tokens.create(settings, company.clock, "api", "dev")
    async with httpx.AsyncClient(
        base_url=f"{company.bot.http_address}/api/v1",
        timeout=PATIENCE,
        headers={"Authorization": f"Bearer {token}"},
    ) as client:
        place = "/applications/shop/environments/dev"
        answer = await client.post(f"{place}/deploy", json={"version": "v3"})
        run = answer.json()["run"]["id"]
        async with client.stream("GET", f"/runs/{run}/events") as stream:
            kinds = [line[7:] async for line in stream.aiter_lines() if line.startswith("event: ")]
        revisions = (await client.get(f"{place}/revisions")).json()["revisions"]
    assert kinds[-1] == "run_succeeded"
    assert [each["version"] for each in revisions] == ["v3"]
    card = company.read(await company.card("shop/dev#1", says="Delivered", channel=DEV))
    assert "by dev" in card
