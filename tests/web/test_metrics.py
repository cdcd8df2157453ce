"""The numbers: each thing is counted once, from what is stored, and every name is documented."""

import re
from dataclasses import replace
from datetime import timedelta

from bot.catalog.model import Step
from bot.events import (
    ApprovalDecided,
    ApprovalRequested,
    PersonName,
    RunSucceeded,
    StepFailed,
    StepRetrying,
    StepSucceeded,
)
from bot.run.model import Gate, Run, RunPhase, StepPhase, StepRun
from bot.web.metrics import Metrics, metrics_route
from tests.builders import NOON, a_run
from tests.scenarios.company import ROOT
from tests.web.serving import served

LATER = NOON + timedelta(seconds=40)


def running(*steps: StepRun, phase: RunPhase = RunPhase.EXECUTING) -> Run:
    return replace(a_run(), phase=phase, began=NOON, steps=steps)


def with_types(run: Run, **types: str) -> Run:
    steps = tuple(Step(name=name, type=type_) for name, type_ in types.items())
    plan = replace(run.plan, workflow=replace(run.plan.workflow, steps=steps))
    return replace(run, plan=plan)


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, labels)


def test_runs_and_gates_are_what_they_are_now() -> None:
    metrics = Metrics("1.2.3")
    open_gate = StepRun(name="approval", phase=StepPhase.SUSPENDING, gate=Gate(), started=NOON)
    by_the_clock = replace(open_gate, name="pause", gate=Gate(until=LATER))
    run = running(open_gate, by_the_clock, phase=RunPhase.SUSPENDING)
    metrics.changed(run, announced=True)
    metrics.changed(run, announced=True)
    assert value(metrics, "shipmate_runs", phase="suspending") == 1
    assert value(metrics, "shipmate_approvals_waiting") == 1
    metrics.changed(replace(run, phase=RunPhase.SUCCEEDED, steps=()), announced=True)
    assert value(metrics, "shipmate_runs", phase="suspending") == 0
    assert value(metrics, "shipmate_approvals_waiting") == 0


def test_what_is_removed_is_counted_by_table() -> None:
    metrics = Metrics("1.2.3")
    metrics.pruned({"runs": 2, "events": 30})
    metrics.pruned({"runs": 1})
    metrics.prune_failed()
    assert value(metrics, "shipmate_pruned_total", table="runs") == 3
    assert value(metrics, "shipmate_pruned_total", table="events") == 30
    assert value(metrics, "shipmate_prune_failures_total") == 1


def test_what_has_happened_is_counted_with_how_long_it_took() -> None:
    metrics = Metrics("1.2.3")
    deployed = StepRun(name="hangzhou", first_started=NOON, started=NOON)
    asked = StepRun(name="approval", first_started=NOON, started=NOON)
    run = with_types(running(deployed, asked), hangzhou="deploy2env", approval="suspend")
    yes = ApprovalDecided(
        at=LATER, step="approval", attempt=1, approved=True, by=PersonName("sre"), reason=""
    )
    again = StepRetrying(at=NOON, step="hangzhou", attempt=1, message="", again_at=LATER)
    metrics.happened(run, [ApprovalRequested(at=NOON, step="approval", attempt=1, message="")])
    metrics.happened(run, [again, StepSucceeded(at=LATER, step="hangzhou", attempt=2), yes])
    metrics.happened(run, [RunSucceeded(at=LATER, revision=1)])
    place = run.environment
    assert value(metrics, "shipmate_step_retries_total", type="deploy2env") == 1
    labels = {"type": "deploy2env", "result": "succeeded"}
    assert value(metrics, "shipmate_step_duration_seconds_count", **labels) == 1
    assert value(metrics, "shipmate_step_duration_seconds_sum", **labels) == 40
    labels = {"environment": place, "result": "approved"}
    assert value(metrics, "shipmate_approval_wait_seconds_sum", **labels) == 40
    labels = {"environment": place, "result": "succeeded"}
    assert value(metrics, "shipmate_run_duration_seconds_sum", **labels) == 40


def test_a_group_is_no_step_of_its_own() -> None:
    metrics = Metrics("1.2.3")
    run = running(StepRun(name="both", group=True))
    failed = StepFailed(at=LATER, step="both", attempt=1, reason="", message="", group=True)
    metrics.happened(run, [failed])
    assert b"shipmate_step_duration_seconds_count" not in metrics.written()


def test_limits_of_a_chat_are_counted() -> None:
    metrics = Metrics("1.2.3")
    for result in ("ok", "limited", "error"):
        metrics.called("slack", "chat.update", result, 0.02)
    labels = {"chat": "slack", "method": "chat.update"}
    assert value(metrics, "shipmate_chat_limits_total", **labels) == 1
    assert value(metrics, "shipmate_chat_call_seconds_count", **labels, result="ok") == 1


async def test_prometheus_can_read_it() -> None:
    metrics = Metrics("1.2.3")
    metrics.committed(3, 0.002)
    async with served(metrics_route(metrics)) as client:
        answer = await client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    assert 'shipmate_info{version="1.2.3"} 1.0' in answer.text
    assert "shipmate_store_commit_writes_sum 3.0" in answer.text
    assert "process_resident_memory_bytes" in answer.text


def test_each_metric_is_documented() -> None:
    page = (ROOT / "docs" / "observability.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("|")]
    documented = {name for row in rows for name in re.findall(r"`(shipmate_\w+)`", row)}
    families = {each.name for each in Metrics("1.2.3").registry.collect()}
    there = {name for name in families if name.startswith("shipmate")}
    counters = {each.removesuffix("_total") for each in documented}
    assert counters - {"shipmate_info"} == there - {"shipmate"}
