"""When is it done? Cases of `kubectl rollout status`, `kubectl wait` and kstatus, each as the API server shows it."""

from datetime import timedelta
from typing import Any

import pytest

from bot.cluster.health import health_of
from bot.cluster.port import Health
from bot.cluster.trouble import past_trouble_of, trouble_of
from tests.builders import NOON

Status = dict[str, Any]


def an_object(
    kind: str, spec: dict[str, Any], status: Status, generation: int = 2
) -> dict[str, Any]:
    return {
        "apiVersion": "batch/v1" if kind == "Job" else "apps/v1",
        "kind": kind,
        "metadata": {"name": "web", "uid": "u", "generation": generation},
        "spec": spec,
        "status": {"observedGeneration": generation, **status},
    }


def judged(kind: str, spec: dict[str, Any], status: Status, *pods: dict[str, Any]) -> Health:
    return health_of(an_object(kind, spec, status), 2, pods, NOON)


def deployed(updated: int, total: int, available: int, **more: Any) -> Health:
    status = {"updatedReplicas": updated, "replicas": total, "availableReplicas": available, **more}
    return judged("Deployment", {"replicas": 3, "progressDeadlineSeconds": 300}, status)


def a_pod(
    reason: str = "", *, seconds: float = 60, restarts: int = 0, **more: Any
) -> dict[str, Any]:
    state = {"waiting": {"reason": reason, "message": "no such key"}} if reason else {"running": {}}
    container = {"name": "web", "image": "web:v9", "state": state, "restartCount": restarts, **more}
    started = (NOON - timedelta(seconds=seconds)).isoformat()
    return {
        "metadata": {"name": "web-1"},
        "status": {"startTime": started, "containerStatuses": [container]},
    }


@pytest.mark.parametrize(
    ("updated", "total", "available", "ready", "done"),
    [
        (0, 3, 3, 0, False),  # the old ones still serve, nothing is new yet
        (1, 4, 3, 0, False),  # the first new pod is not available yet
        (1, 4, 4, 1, False),
        (3, 4, 4, 3, False),  # all new ones are there, an old one still ends
        (3, 4, 3, 2, False),
        (3, 3, 2, 2, False),
        (3, 3, 3, 3, True),
    ],
)
def test_a_deployment_is_done_when_all_pods_are_new_and_available(
    updated: int, total: int, available: int, ready: int, *, done: bool
) -> None:
    found = deployed(updated, total, available)

    assert (found.ready, found.wanted, found.done, found.failed) == (ready, 3, done, "")


def test_a_deployment_says_why_it_still_waits_when_all_new_pods_are_there() -> None:
    assert deployed(3, 4, 4).note == "1 old pod still there"
    assert deployed(3, 5, 5).note == "2 old pods still there"
    assert deployed(3, 4, 3).note == ""  # a new one is what it waits for


def test_a_deployment_without_progress_has_failed() -> None:
    condition = {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}

    assert deployed(1, 4, 3, conditions=[condition]).failed == "no progress for 300 s"


def test_a_status_that_is_older_than_what_was_applied_says_nothing() -> None:
    old = an_object("Deployment", {"replicas": 3}, {"updatedReplicas": 3, "replicas": 3}, 1)
    old["status"]["availableReplicas"] = 3

    assert health_of(old, 2, (), NOON) == Health(ready=0, wanted=3, done=False)


def test_what_the_watch_has_not_seen_yet_is_not_there_yet() -> None:
    assert health_of(None, 2, (), NOON) == Health(
        ready=0, wanted=1, done=False, note="not there yet"
    )


@pytest.mark.parametrize("kind", ["Service", "ConfigMap", "Namespace", "CronJob", "Ingress"])
def test_what_is_done_when_it_is_accepted(kind: str) -> None:
    assert judged(kind, {}, {}).done


@pytest.mark.parametrize(
    ("status", "partition", "ready", "done"),
    [
        ({}, 0, 0, False),
        ({"readyReplicas": 3, "updatedReplicas": 1}, 0, 1, False),
        ({"readyReplicas": 2, "updatedReplicas": 3}, 0, 2, False),
        ({"readyReplicas": 3, "updatedReplicas": 3}, 0, 3, True),
        ({"readyReplicas": 3, "updatedReplicas": 1}, 2, 3, True),  # only the last one is to be new
    ],
)
def test_a_stateful_set(status: Status, partition: int, ready: int, *, done: bool) -> None:
    spec = {"replicas": 3, "updateStrategy": {"rollingUpdate": {"partition": partition}}}
    found = judged("StatefulSet", spec, status)

    assert (found.ready, found.wanted, found.done) == (ready, 3, done)


@pytest.mark.parametrize(
    ("scheduled", "updated", "available", "ready", "done"),
    [(3, 1, 3, 1, False), (3, 3, 2, 2, False), (3, 3, 3, 3, True), (0, 0, 0, 0, True)],
)
def test_a_daemon_set(
    scheduled: int, updated: int, available: int, ready: int, *, done: bool
) -> None:
    status = {
        "desiredNumberScheduled": scheduled,
        "updatedNumberScheduled": updated,
        "numberAvailable": available,
    }
    found = judged("DaemonSet", {}, status)

    assert (found.ready, found.wanted, found.done) == (ready, scheduled, done)


def test_a_job_is_done_when_it_is_complete_and_fails_with_its_reason() -> None:
    spec = {"completions": 2}
    complete = {"type": "Complete", "status": "True"}
    failed = {"type": "Failed", "status": "True", "message": "Job has reached the backoff limit"}

    assert judged("Job", spec, {"succeeded": 1}) == Health(ready=1, wanted=2, done=False)
    assert judged("Job", spec, {"succeeded": 2, "conditions": [complete]}).done
    assert (
        judged("Job", spec, {"conditions": [failed]}).failed == "Job has reached the backoff limit"
    )


def test_a_job_whose_pods_fail_says_how_often_before_it_gives_up() -> None:
    """Between tries there may be minutes in which nothing else is to be seen."""
    assert judged("Job", {"backoffLimit": 2}, {"failed": 1}).note == "1 of 3 tries failed"
    assert judged("Job", {}, {"failed": 2}).note == "2 of 7 tries failed"
    assert judged("Job", {"suspend": True}, {"failed": 2}).note == "it is suspended"


def test_other_kinds_follow_the_conventions_of_conditions() -> None:
    def with_condition(kind: str, status: str) -> Health:
        condition = {"type": kind, "status": status, "reason": "Why", "message": "because"}
        return judged("Database", {}, {"conditions": [condition]})

    assert judged("Database", {}, {}).done  # it promises nothing else
    assert with_condition("Ready", "True").done
    assert with_condition("Ready", "False") == Health(ready=0, wanted=1, done=False, note="Why")
    assert with_condition("Available", "Unknown").note == "Why"
    assert with_condition("Stalled", "True").failed == "because"


@pytest.mark.parametrize(
    "reason", ["ImagePullBackOff", "ErrImagePull", "CreateContainerConfigError"]
)
def test_trouble_that_does_not_pass_by_itself_is_a_verdict_once_it_lasts(reason: str) -> None:
    status = {"updatedReplicas": 1, "replicas": 4, "availableReplicas": 3}
    spec = {"replicas": 3}
    young = judged("Deployment", spec, status, a_pod(reason, seconds=3))
    old = judged("Deployment", spec, status, a_pod(reason, seconds=30))

    assert (young.note, young.failed) == (reason, "")
    assert old.note == reason
    assert old.failed


def test_a_crash_is_a_verdict_when_it_repeats() -> None:
    status = {"updatedReplicas": 1, "replicas": 4, "availableReplicas": 3}
    dead: dict[str, Any] = {"lastState": {"terminated": {"exitCode": 2}}}
    once = judged("Deployment", {"replicas": 3}, status, a_pod("CrashLoopBackOff", restarts=1))
    often = judged(
        "Deployment", {"replicas": 3}, status, a_pod("CrashLoopBackOff", restarts=3, **dead)
    )

    assert (once.note, once.failed) == ("CrashLoopBackOff", "")
    assert often.failed == "web crashes again and again (exit code 2)"


def test_how_often_a_jobs_pods_may_crash_is_its_own_affair() -> None:
    dead: dict[str, Any] = {"lastState": {"terminated": {"exitCode": 2}}}
    often = judged("Job", {"completions": 1}, {}, a_pod("CrashLoopBackOff", restarts=4, **dead))
    assert (often.note, often.failed) == ("CrashLoopBackOff", "")
    lost = judged("Job", {"completions": 1}, {}, a_pod("ImagePullBackOff"))
    assert lost.failed == "the image web:v9 cannot be pulled"


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        ("ImagePullBackOff", "the image web:v9 cannot be pulled"),
        ("InvalidImageName", "web:v9 of web is no image name"),
        ("CreateContainerConfigError", "web: no such key"),
    ],
)
def test_trouble_is_said_in_words(reason: str, text: str) -> None:
    assert judged("Deployment", {"replicas": 3}, {}, a_pod(reason)).failed == text


def test_a_pod_that_no_node_takes_is_waited_for_and_says_why() -> None:
    said = "0/3 nodes are available: 3 Insufficient cpu."
    condition = {"type": "PodScheduled", "status": "False", "message": said}
    pod = {"metadata": {"name": "web-1"}, "status": {"conditions": [condition]}}

    assert judged("Deployment", {"replicas": 3}, {}, pod) == Health(
        ready=0, wanted=3, done=False, note=said
    )


def test_a_container_between_two_crashes_looks_well_and_is_remembered() -> None:
    dead: dict[str, Any] = {"lastState": {"terminated": {"exitCode": 2, "reason": "Error"}}}
    again = a_pod(restarts=1, ready=False, **dead)

    assert trouble_of(again) is None
    found = past_trouble_of(again)
    assert found is not None
    assert (found.container, found.reason, found.restarts) == ("web", "Error", 1)
    assert past_trouble_of(a_pod(restarts=1, ready=True, **dead)) is None
    assert past_trouble_of(a_pod()) is None


def test_what_is_done_is_done_whatever_an_old_pod_does() -> None:
    status = {"updatedReplicas": 3, "replicas": 3, "availableReplicas": 3}

    assert judged("Deployment", {"replicas": 3}, status, a_pod("CrashLoopBackOff", restarts=9)).done
