"""The numbers of one Shipmate, for Prometheus: told by those who do the work, and by nothing that is global.

Each `Metrics` has a registry of its own. Names and labels are a contract (docs/observability.md): dashboards and alerts
are built on them. Labels are of few values: environments, step types, methods; never runs, versions or people.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial

from fastapi import APIRouter
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    Info,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from starlette.responses import Response

from bot.events import (
    ApprovalDecided,
    Event,
    RunFailed,
    RunId,
    RunSucceeded,
    RunTerminated,
    StepFailed,
    StepRetrying,
    StepSkipped,
    StepSucceeded,
)
from bot.run.model import Run, RunPhase

QUICK = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds of what a machine does."""
SLOW = (1.0, 5.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0, 14400.0, 86400.0)
"""Seconds of what rolls out, or waits for people."""
MANY = (1, 2, 5, 10, 25, 50, 100, 250, 500, 1000)

RESULTS = {RunSucceeded: "succeeded", RunFailed: "failed", RunTerminated: "terminated"}
STEP_RESULTS = {StepSucceeded: "succeeded", StepFailed: "failed", StepSkipped: "skipped"}


class Metrics:
    """Counts. Everything here is told, is quick and never fails."""

    def __init__(self, version: str) -> None:
        self.registry = CollectorRegistry()
        self._open: dict[RunId, tuple[RunPhase, int]] = {}
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        Info("shipmate", "This Shipmate.", registry=self.registry).info({"version": version})
        self._make_run_metrics()
        self._make_edge_metrics()
        self._make_prune_metrics()
        self._make_lease_metrics()

    def _make_run_metrics(self) -> None:
        runs = Gauge(
            "shipmate_runs", "Runs that have not ended.", ["phase"], registry=self.registry
        )
        for phase in (each for each in RunPhase if not each.ended):
            runs.labels(phase.value).set_function(partial(self._in, phase))
        waiting = Gauge(
            "shipmate_approvals_waiting",
            "Steps that wait for someone's approval.",
            registry=self.registry,
        )
        waiting.set_function(lambda: sum(gates for _, gates in list(self._open.values())))
        self._runs = self._histogram(
            "shipmate_run_duration_seconds", "From a run's begin to its end.", SLOW, "environment"
        )
        self._steps = self._histogram(
            "shipmate_step_duration_seconds", "From a step's begin to its end.", SLOW, "type"
        )
        self._retries = Counter(
            "shipmate_step_retries_total",
            "Attempts of steps that failed in a way that may pass.",
            ["type"],
            registry=self.registry,
        )
        self._approvals = self._histogram(
            "shipmate_approval_wait_seconds",
            "From a request for approval to its answer.",
            SLOW,
            "environment",
        )

    def _make_edge_metrics(self) -> None:
        self._answers = Histogram(
            "shipmate_answer_seconds",
            "From a request's arrival (a click, a command) to its answer.",
            ["chat", "via"],
            buckets=QUICK,
            registry=self.registry,
        )
        self._calls = Histogram(
            "shipmate_chat_call_seconds",
            "Calls to a chat.",
            ["chat", "method", "result"],
            buckets=QUICK,
            registry=self.registry,
        )
        self._limits = Counter(
            "shipmate_chat_limits_total",
            "Calls that a chat refused because there were too many.",
            ["chat", "method"],
            registry=self.registry,
        )
        self._commits = Histogram(
            "shipmate_store_commit_seconds",
            "Commits of the store.",
            buckets=QUICK,
            registry=self.registry,
        )
        self._writes = Histogram(
            "shipmate_store_commit_writes",
            "Changes that shared one commit.",
            buckets=MANY,
            registry=self.registry,
        )
        self._requests = Counter(
            "shipmate_cluster_requests_total",
            "Requests to API servers.",
            ["verb"],
            registry=self.registry,
        )
        self._answers_of_clusters = Histogram(
            "shipmate_cluster_request_seconds",
            "Requests to API servers that are no watches.",
            ["verb", "result"],
            buckets=QUICK,
            registry=self.registry,
        )

    def _make_lease_metrics(self) -> None:
        self._leading = Gauge(
            "shipmate_leading", "Whether this process leads.", registry=self.registry
        )
        self._terms = Counter(
            "shipmate_lease_takeovers_total",
            "How often this process has begun to lead.",
            registry=self.registry,
        )

    def _make_prune_metrics(self) -> None:
        self._pruned = Counter(
            "shipmate_pruned_total",
            "Rows that were removed because they are kept no more.",
            ["table"],
            registry=self.registry,
        )
        self._prune_failures = Counter(
            "shipmate_prune_failures_total",
            "Times that what is kept no more could not be exported or removed.",
            registry=self.registry,
        )

    def _histogram(self, name: str, said: str, buckets: tuple[float, ...], label: str) -> Histogram:
        return Histogram(name, said, [label, "result"], buckets=buckets, registry=self.registry)

    def changed(self, run: Run, *, announced: bool) -> None:  # noqa: ARG002 - it is an `Observer`
        """Take notice of a run as it is: whether it is under way, and at how many gates it waits."""
        if run.phase.ended:
            self._open.pop(run.id, None)
        else:
            gates = sum(each.at_gate and each.gate.until is None for each in run.steps if each.gate)
            self._open[run.id] = (run.phase, gates)

    def happened(self, run: Run, events: Sequence[Event]) -> None:
        """Count what a stored change of a run says."""
        for event in events:
            if isinstance(event, RunSucceeded | RunFailed | RunTerminated):
                took = event.at - run.since
                labels = (run.environment, RESULTS[type(event)])
                self._runs.labels(*labels).observe(_seconds(took))
            elif isinstance(event, ApprovalDecided):
                self._decided(run, event)
            elif isinstance(event, StepSucceeded | StepFailed | StepSkipped):
                self._step_ended(run, event)
            elif isinstance(event, StepRetrying):
                self._retries.labels(_type_of(run, event.step)).inc()

    def answered(self, chat: str, via: str, seconds: float) -> None:
        """Count the answer to a request."""
        self._answers.labels(chat, via).observe(seconds)

    def called(self, chat: str, method: str, result: str, seconds: float) -> None:
        """Count a call to a chat; `result` is `ok`, `limited` or `error`."""
        self._calls.labels(chat, method, result).observe(seconds)
        if result == "limited":
            self._limits.labels(chat, method).inc()

    def committed(self, writes: int, seconds: float) -> None:
        """Count a commit of the store, in whatever thread."""
        self._commits.observe(seconds)
        self._writes.observe(writes)

    def asked_cluster(self, verb: str, path: str) -> None:  # noqa: ARG002 - a path is no label
        """Count a request to an API server."""
        self._requests.labels(verb).inc()

    def pruned(self, counts: Mapping[str, int]) -> None:
        """Count rows that were removed, by table."""
        for table, count in counts.items():
            self._pruned.labels(table).inc(count)

    def prune_failed(self) -> None:
        """Count a time that nothing could be removed."""
        self._prune_failures.inc()

    def cluster_answered(self, verb: str, result: str, seconds: float) -> None:
        """Count what came of a request to an API server that is no watch: `ok`, `refused` or `error`."""
        self._answers_of_clusters.labels(verb, result).observe(seconds)

    def led(self, *, leads: bool) -> None:
        """Take notice that this process leads from now on, or does not any more."""
        self._leading.set(float(leads))
        if leads:
            self._terms.inc()

    def written(self) -> bytes:
        """Answer everything in Prometheus' text format."""
        return generate_latest(self.registry)

    def _in(self, phase: RunPhase) -> float:
        return float(sum(each is phase for each, _ in list(self._open.values())))

    def _decided(self, run: Run, event: ApprovalDecided) -> None:
        step = run.step(event.step)
        if step is None or step.started is None:
            return
        result = "approved" if event.approved else "rejected"
        waited = _seconds(event.at - step.started)
        self._approvals.labels(run.environment, result).observe(waited)

    def _step_ended(self, run: Run, event: StepSucceeded | StepFailed | StepSkipped) -> None:
        step = run.step(event.step)
        if step is None or step.group:
            return
        took = event.at - step.first_started if step.first_started else timedelta()
        labels = (_type_of(run, event.step), STEP_RESULTS[type(event)])
        self._steps.labels(*labels).observe(_seconds(took))


def _seconds(time: timedelta) -> float:
    return max(0.0, time.total_seconds())


def _type_of(run: Run, name: str) -> str:
    """Answer the type of a step or sub-step."""
    for each in run.plan.workflow.steps:
        for found in (each, *each.sub_steps):
            if found.name == name:
                return found.type
    return "unknown"


def metrics_route(metrics: Metrics) -> APIRouter:
    """Answer the route that Prometheus scrapes."""
    router = APIRouter(tags=["health"])

    @router.get("/metrics", summary="Numbers for Prometheus", response_class=Response)
    async def read_metrics() -> Response:
        return Response(metrics.written(), media_type=CONTENT_TYPE_LATEST)

    return router
