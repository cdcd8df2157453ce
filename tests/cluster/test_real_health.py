"""When is it done? Objects as a real API server shows them, judged as `kubectl rollout status`, `kubectl wait` and kstatus do."""

from datetime import UTC, datetime

import pytest

from bot.cluster.health import health_of
from bot.cluster.port import Health
from bot.cluster.trimming import Trimming
from tests.cluster.manifests import NAMES, read

LATER = datetime(2027, 1, 1, tzinfo=UTC)
"""Long after the objects were read: what lasts has lasted."""

PAUSED = "it is paused, so nothing new is rolled out; resume it (kubectl rollout resume)"
ON_DELETE = "pods are replaced when they are deleted (OnDelete)"
QUOTA = "exceeded quota: small, requested: pods=1, used: pods=1, limited: pods=1"

JUDGED = [
    ("apiservice-available", 1, 1, True, "", ""),
    ("apiservice-unavailable", 0, 1, False, "ServiceNotFound", ""),
    ("claim-bound", 1, 1, True, "", ""),
    ("claim-later", 0, 1, False, "not bound to a volume yet", ""),
    ("claim-pending", 0, 1, False, "not bound to a volume yet", ""),
    ("daemonset-begun", 0, 2, False, "", ""),
    ("daemonset-done", 2, 2, True, "", ""),
    ("daemonset-ondelete", 2, 2, True, ON_DELETE, ""),
    ("daemonset-rolling", 1, 2, False, "", ""),
    ("definition-established", 1, 1, True, "", ""),
    ("definition-refused", 0, 1, False, "", '"GizmoList" is already in use'),
    ("deployment-begun", 0, 3, False, "", ""),
    ("deployment-deadline", 0, 1, False, "", "no progress for 2 s"),
    ("deployment-deleted", 0, 1, False, "it is being deleted", ""),
    ("deployment-done", 3, 3, True, "", ""),
    ("deployment-half", 1, 3, False, "", ""),
    ("deployment-none", 0, 0, True, "", ""),
    ("deployment-paused", 0, 3, False, "", PAUSED),
    ("deployment-quota", 1, 2, False, QUOTA, ""),
    ("deployment-rolling", 0, 3, False, "", ""),
    ("job-complete", 2, 2, True, "", ""),
    ("job-deadline", 0, 1, False, "", "Job was active longer than specified deadline"),
    ("job-failed", 0, 1, False, "", "Job has reached the specified backoff limit"),
    ("job-half", 1, 2, False, "", ""),
    ("job-running", 0, 2, False, "", ""),
    ("job-suspended", 0, 1, False, "it is suspended", ""),
    (
        "pod-configerror",
        0,
        1,
        False,
        "CreateContainerConfigError",
        'p-configerror: secret "missing" not found',
    ),
    ("pod-crash", 0, 1, False, "CrashLoopBackOff", ""),
    ("pod-failed", 0, 1, False, "", "bad-8ds4l: main ended with exit code 1"),
    (
        "pod-imagepull",
        0,
        1,
        False,
        "ImagePullBackOff",
        "the image registry.k8s.io/pause:3.10 cannot be pulled",
    ),
    ("pod-notready", 0, 1, False, "runs, but is not ready", ""),
    (
        "pod-pending",
        0,
        1,
        False,
        "0/2 nodes are available: 2 node(s) didn't match Pod's node \u2026",
        "",
    ),
    ("pod-run", 1, 1, True, "", ""),
    ("pod-succeeded", 1, 1, True, "", ""),
    ("replicaset-done", 1, 1, True, "", ""),
    ("statefulset-begun", 1, 3, False, "", ""),
    ("statefulset-done", 3, 3, True, "", ""),
    ("statefulset-ondelete-begun", 1, 3, False, "", ""),
    ("statefulset-ondelete", 3, 3, True, ON_DELETE, ""),
    ("statefulset-partition", 3, 3, True, "", ""),
    ("statefulset-rolled", 3, 3, True, "", ""),
    ("statefulset-rolling", 1, 3, False, "", ""),
]


def judged(name: str) -> Health:
    subject = read(name)
    pods = [subject] if subject["kind"] == "Pod" else []
    generation = subject["metadata"].get("generation", 0)
    return health_of(subject, generation, pods, LATER, on_demand=False)


@pytest.mark.parametrize(
    ("name", "ready", "wanted", "done", "note", "failed"), JUDGED, ids=[each[0] for each in JUDGED]
)
def test_an_object_is_as_far_as_its_api_server_says(
    name: str, ready: int, wanted: int, note: str, failed: str, *, done: bool
) -> None:
    found = judged(name)

    assert (found.ready, found.wanted, found.done) == (ready, wanted, done)
    assert (found.note, found.failed) == (note, failed)


def test_every_object_that_was_kept_is_judged() -> None:
    assert sorted(each[0] for each in JUDGED) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_kept_of_an_object_tells_the_same(name: str) -> None:
    subject = read(name)
    kept = Trimming()(subject)
    generation = subject["metadata"].get("generation", 0)
    pods = [kept] if subject["kind"] == "Pod" else []

    assert health_of(kept, generation, pods, LATER, on_demand=False) == judged(name)
    assert len(str(kept)) < len(str(subject)) * 0.7


@pytest.mark.parametrize(
    "name",
    [
        each
        for each in NAMES
        if each.startswith(("deployment-", "statefulset-", "daemonset-", "replicaset-"))
    ],
)
def test_nothing_counts_before_the_controller_has_seen_what_was_applied(name: str) -> None:
    subject = read(name)
    newest = subject["metadata"]["generation"]

    assert not health_of(subject, newest + 1, [], LATER).done  # the watch is behind
    status = {key: each for key, each in subject["status"].items() if key != "observedGeneration"}
    unseen = {**subject, "status": status}
    assert not health_of(unseen, newest, [], LATER).done
    old = {**subject, "status": {**subject["status"], "observedGeneration": newest - 1}}
    assert not health_of(old, newest, [], LATER).done


def test_a_claim_that_waits_for_its_pod_keeps_nobody_waiting() -> None:
    assert health_of(read("claim-later"), 0, [], LATER, on_demand=True).done
    lost = {**read("claim-later"), "status": {"phase": "Lost"}}
    assert health_of(lost, 0, [], LATER, on_demand=True).failed == "its volume is lost"
