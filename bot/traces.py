"""Traces: what a click leads to, from its arrival to the API servers, as spans of OpenTelemetry. Nothing unless it is set up.

Who traces is kept in the context, as the subject of a log line is, and so is the span that others are inside of: a task that
is begun in a span belongs to it. Spans carry names of runs, steps, verbs and people, and never what was said or sent.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from opentelemetry.trace import SpanKind, StatusCode, Tracer, get_current_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from bot.errors import UserError

TRACEPARENT: Final = "traceparent"
"""The header, and the form, in which a trace is named: https://www.w3.org/TR/trace-context/"""

Clean = Callable[[str], str]
"""Answers a text without what is secret."""

_tracer: ContextVar[Tracer | None] = ContextVar("tracer", default=None)
_clean: ContextVar[Clean] = ContextVar("clean", default=str)
_carrier = TraceContextTextMapPropagator()


@contextmanager
def traced_by(tracer: Tracer, clean: Clean = str) -> Iterator[None]:
    """Let everything inside, and every task that is begun inside, be traced; `clean` takes out what is secret."""
    token, cleaning = _tracer.set(tracer), _clean.set(clean)
    try:
        yield
    finally:
        _clean.reset(cleaning)
        _tracer.reset(token)


@contextmanager
def span(
    name: str,
    *,
    within: str = "",
    incoming: Mapping[str, str] | None = None,
    outgoing: bool = False,
    **about: str,
) -> Iterator[None]:
    """Say that what is inside belongs together, and how long it took; an exception that leaves it marks it as failed.

    It belongs to the span that it is inside of, or else to `within`, a `traceparent`. `incoming` are headers in which a caller
    may have said to which trace this belongs; `outgoing`: it asks another server.
    """
    tracer = _tracer.get()
    if tracer is None:
        yield
        return
    if within and not get_current_span().get_span_context().is_valid:
        named: Mapping[str, str] | None = {TRACEPARENT: within}
    else:
        named = incoming
    before = None if named is None else _carrier.extract(dict(named))
    kind = SpanKind.INTERNAL if incoming is None else SpanKind.SERVER
    clean = _clean.get()
    attributes = {f"shipmate.{key}": clean(value) for key, value in about.items() if value}
    with (
        tracer.start_as_current_span(
            name,
            before,
            kind=SpanKind.CLIENT if outgoing else kind,
            attributes=attributes,
            record_exception=False,  # its text may hold anything, and its traceback the lines of a request
            set_status_on_exception=False,
        ) as begun
    ):
        try:
            yield
        except Exception as error:
            said = clean(f"{type(error).__name__}: {error}")
            begun.set_status(StatusCode.ERROR, said)
            raise


def headers() -> dict[str, str]:
    """Answer the headers that tell another server to which trace a request belongs; none where nothing is traced."""
    carried: dict[str, str] = {}
    if _tracer.get() is not None:
        _carrier.inject(carried)
    return carried


def exporter(endpoint: str, version: str) -> tuple[Tracer, Callable[[], None]]:
    """Make what sends spans to a collector (OTLP over HTTP), and what ends it. Raises UserError without the packages."""
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415 - optional
            OTLPSpanExporter,
        )
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 - optional
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415 - optional
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415 - optional
    except ModuleNotFoundError as error:
        raise UserError(
            f"OTEL_EXPORTER_OTLP_ENDPOINT needs the package {error.name}: pip install 'shipmate[otel]'"
        ) from error
    resource = Resource.create({"service.name": "shipmate", "service.version": version})
    provider = TracerProvider(resource=resource)
    sender = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")
    provider.add_span_processor(BatchSpanProcessor(sender))
    return provider.get_tracer("shipmate", version), provider.shutdown
