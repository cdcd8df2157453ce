"""Traces: what a request leads to is one trace, it reaches a collector, and nothing is said where none is set up."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from bot.run.model import RunPhase
from bot.traces import exporter, headers, span, traced_by
from tests.patience import PATIENCE
from tests.web.people import People, open_people

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    kept, provider = InMemorySpanExporter(), TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(kept))
    with traced_by(provider.get_tracer("test")):
        yield kept
    provider.shutdown()


@pytest.fixture
async def people(spans: InMemorySpanExporter, tmp_path: Path) -> AsyncIterator[People]:
    async with open_people(tmp_path) as opened:
        yield opened


def by_name(spans: InMemorySpanExporter) -> dict[str, ReadableSpan]:
    return {each.name: each for each in spans.get_finished_spans()}


def trace_of(found: ReadableSpan) -> str:
    assert found.context is not None
    return f"{found.context.trace_id:032x}"


async def test_a_request_and_its_steps_are_one_trace_that_the_caller_has_begun(
    people: People, spans: InMemorySpanExporter
) -> None:
    answer = await people.asks(
        "dev",
        "POST",
        "/applications/shop/environments/dev/deploy",
        {"version": "v1", "note": "s3cret"},
        headers={"traceparent": PARENT},
    )
    assert answer.status_code == 202
    await people.office.until("shop/dev#1", RunPhase.SUCCEEDED)
    found = by_name(spans)
    names = ("http POST", "request deploy", "step deploy2env")
    assert {trace_of(found[each]) for each in names} == {PARENT.split("-")[1]}
    step = found["step deploy2env"].attributes
    assert step is not None
    assert (step["shipmate.run"], step["shipmate.step"]) == ("shop/dev#1", "hangzhou")
    assert not any("s3cret" in str(dict(each.attributes or {})) for each in found.values())


async def test_what_raises_is_marked(spans: InMemorySpanExporter) -> None:
    with pytest.raises(ValueError, match="why"), span("step x"):
        raise ValueError("why")
    assert not by_name(spans)["step x"].status.is_ok


def test_a_span_has_no_secret(spans: InMemorySpanExporter) -> None:
    tracer = TracerProvider(shutdown_on_exit=False)
    tracer.add_span_processor(SimpleSpanProcessor(spans))
    with (
        traced_by(tracer.get_tracer("test"), lambda text: text.replace("canary", "•••")),
        pytest.raises(ValueError, match="canary"),
        span("step x", person="canary"),
    ):
        raise ValueError("canary")
    found = by_name(spans)["step x"]
    assert found.status.description == "ValueError: •••"
    assert "canary" not in found.to_json()


def test_other_servers_are_told_the_trace(spans: InMemorySpanExporter) -> None:
    with span("kubernetes PATCH", outgoing=True):
        said = headers()["traceparent"]
    assert said.split("-")[1] == trace_of(by_name(spans)["kubernetes PATCH"])


def test_nothing_is_said_where_nothing_is_traced() -> None:
    with span("step x", run="shop/prod#17"):
        assert headers() == {}


async def test_spans_reach_a_collector() -> None:
    came: asyncio.Queue[str] = asyncio.Queue()

    async def collect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = next(
            int(line.split(":")[1])
            for line in head.lower().splitlines()
            if line.startswith("content-length:")
        )
        await reader.readexactly(length)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()
        await came.put(head.splitlines()[0])

    server = await asyncio.start_server(collect, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    tracer, end = exporter(f"http://127.0.0.1:{port}/", "1.2.3")
    with traced_by(tracer), span("step x"):
        pass
    await asyncio.to_thread(end)
    async with asyncio.timeout(PATIENCE):
        assert await came.get() == "POST /v1/traces HTTP/1.1"
    server.close()
    await server.wait_closed()
