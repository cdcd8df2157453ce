"""Which pod is to blame, what its events say, what its log said last, and how that is cut for a message."""

from typing import Any

import pytest

from bot.cluster.causes import cause_of
from bot.cluster.kube.happenings import told as events_told
from bot.cluster.port import Manifest
from bot.cluster.telling import Told, Words, told
from tests.cluster.manifests import read

WEB = read("deployment-begun")


def named(name: str, as_: str) -> Manifest:
    pod = read(name)
    return {**pod, "metadata": {**pod["metadata"], "name": as_}}


def test_the_worst_pod_is_the_one_that_is_told() -> None:
    pods = [
        named("pod-notready", "a"),
        named("pod-pending", "b"),
        named("pod-crash", "c"),
        named("pod-configerror", "d"),
        named("pod-run", "e"),
    ]
    told_: list[str] = []
    while pods:
        cause = cause_of(WEB, pods)
        if cause.pod is None:
            break
        told_.append(cause.pod["metadata"]["name"])
        pods = [each for each in pods if each["metadata"]["name"] != told_[-1]]

    assert told_ == ["d", "c", "b", "a"]
    assert cause_of(WEB, []).text == ""


@pytest.mark.parametrize(
    ("name", "said", "container", "restarted"),
    [
        (
            "pod-crash",
            "CrashLoopBackOff: p-crash crashes again and again (exit code 137, OOMKilled: it took more "
            "memory than its limit)",
            "p-crash",
            True,
        ),
        (
            "pod-imagepull",
            "ImagePullBackOff: the image registry.k8s.io/pause:3.10 cannot be pulled",
            "",
            False,
        ),
        (
            "pod-configerror",
            'CreateContainerConfigError: p-configerror: secret "missing" not found',
            "",
            False,
        ),
        ("pod-notready", "p-notready runs, but is not ready", "p-notready", False),
        ("pod-failed", "main ended with exit code 1", "main", False),
    ],
)
def test_a_cause_is_said_in_words_with_whose_log_is_worth_reading(
    name: str, said: str, container: str, *, restarted: bool
) -> None:
    cause = cause_of(WEB, [named(name, "pod-1")])

    assert cause.text == f"pod-1: {said}"
    assert (cause.container, cause.restarted) == (container, restarted)


def test_an_init_container_is_called_what_it_is() -> None:
    pod = named("pod-crash", "pod-1")
    status = dict(pod["status"])
    status["initContainerStatuses"] = status.pop("containerStatuses")

    cause = cause_of(WEB, [{**pod, "status": status}])

    assert "the init container p-crash crashes again and again" in cause.text
    assert cause.container == "p-crash"


def test_pods_that_cannot_be_made_are_told_by_who_makes_them() -> None:
    cause = cause_of(read("deployment-quota"), [named("pod-run", "a")])

    assert cause.text.startswith("web: pods cannot be made: exceeded quota: small")
    assert cause.pod is None


def test_an_object_without_pods_says_itself_what_is_wrong() -> None:
    refused = cause_of(read("apiservice-unavailable"), [])
    cloud: Manifest = {
        "metadata": {"name": "db"},
        "status": {"apply": {"state": "ApplyFailed", "message": "no such region"}},
    }

    assert 'service/nobody in "shop" is not present' in refused.text
    cloud |= {"apiVersion": "terraform.core.oam.dev/v1beta2", "kind": "Configuration"}
    assert cause_of(cloud, []).text == "db: no such region"


def event(reason: str, message: str, at: str, **more: Any) -> dict[str, Any]:
    return {"reason": reason, "message": message, "lastTimestamp": f"2026-11-23T12:{at}Z", **more}


def test_of_events_that_say_the_same_the_newest_is_told() -> None:
    events = [
        event("Unhealthy", "Readiness probe failed: HTTP 500", "00:01"),
        event("Unhealthy", "Readiness probe failed: HTTP 503", "00:09", count=12),
        event("Unhealthy", "Liveness probe failed: timeout", "00:05"),
        event("FailedCreate", "Error creating: no", "00:02"),
        event("FailedCreate", "(combined from similar events): Error creating: no", "00:06"),
    ]

    assert events_told(events) == [
        "Unhealthy: Liveness probe failed: timeout",
        "FailedCreate: (combined from similar events): Error creating: no",
        "Unhealthy: Readiness probe failed: HTTP 503 (12 times)",
    ]


def test_events_of_the_newer_form_are_read_too() -> None:
    series = {"count": 7, "lastObservedTime": "2026-11-23T12:00:08.000000Z"}
    newer: list[dict[str, Any]] = [
        {
            "reason": "FailedScheduling",
            "note": "0/3 nodes\nare available",
            "eventTime": "2026-11-23T12:00:01.000000Z",
            "series": series,
        },
        {"reason": "Old", "message": "x", "eventTime": "2026-11-23T12:00:02.000000Z"},
    ]

    assert events_told(newer) == ["Old: x", "FailedScheduling: 0/3 nodes are available (7 times)"]


def words(container: str, count: int, width: int = 10) -> Words:
    return Words("web-1", container, [f"{number:03} {'x' * width}" for number in range(count)])


def test_short_words_stand_among_the_lines_and_need_no_file() -> None:
    found = told([Told(("web-1: it crashes",), (words("web", 3),))])

    assert found.lines == ("web-1: it crashes", *(f"web | 00{n} xxxxxxxxxx" for n in range(3)))
    assert found.log == ""


def test_of_long_words_the_end_is_shown_and_all_of_it_attached() -> None:
    found = told([Told(("web-1: it crashes",), (words("web", 90),))])

    assert found.lines[1:] == tuple(f"web | 0{n} xxxxxxxxxx" for n in range(85, 90))
    assert found.log.startswith("# web-1, container web\n000 ")
    assert found.log.endswith("089 xxxxxxxxxx\n")


def test_a_line_that_is_cut_stands_in_the_file() -> None:
    found = told([Told((), (words("web", 1, width=300),))])

    assert len(found.lines[0]) == 200
    assert found.lines[0].endswith("…")
    assert f"000 {'x' * 300}\n" in found.log


def test_a_file_has_the_last_200_kilobytes_from_a_whole_line_on() -> None:
    found = told([Told((), (words("web", 900, width=1000),))])

    assert len(found.log.encode()) <= 200_001
    assert found.log.endswith(f"899 {'x' * 1000}\n")
    first = found.log.splitlines()[0]
    assert len(first) == 1004


def test_many_failures_share_the_lines() -> None:
    several = [Told((f"{name}: it crashes",), (words(name, 50),)) for name in ("a", "b", "c")]

    found = told(several)

    assert len(found.lines) <= 20
    for name in ("a", "b", "c"):
        assert f"{name}: it crashes" in found.lines
        assert f"{name} | 049 xxxxxxxxxx" in found.lines


def test_what_several_jobs_said_is_shared_too() -> None:
    found = told([Told((), (words(name, 50),)) for name in ("migrate", "seed")])

    assert [each.partition(" ")[0] for each in found.lines] == ["migrate"] * 10 + ["seed"] * 10
