"""Which pods are looked at: those of the template that is rolled out, for an older one says nothing about it."""

from typing import Any

import pytest

from bot.cluster.pods import pods_of

Manifest = dict[str, Any]


def owned(name: str, labels: dict[str, str], **metadata: Any) -> Manifest:
    owner = [{"uid": "owner"}]
    return {"metadata": {"name": name, "labels": labels, "ownerReferences": owner, **metadata}}


def of(kind: str, pods: list[Manifest], **more: Any) -> list[str]:
    metadata = {"uid": "owner", "annotations": more.pop("annotations", None)}
    subject = {"kind": kind, "metadata": metadata, **more}
    return [each["metadata"]["name"] for each in pods_of(subject, [], pods)]


@pytest.mark.parametrize("label", ["web-2", "2"])
def test_a_stateful_set_names_the_revision_that_is_rolled_out(label: str) -> None:
    pods = [
        owned("web-0", {"controller-revision-hash": "web-1"}),
        owned("web-1", {"controller-revision-hash": label}),
    ]
    assert of("StatefulSet", pods, status={"updateRevision": "web-2"}) == ["web-1"]
    assert of("StatefulSet", pods, status={}) == ["web-0", "web-1"]


def test_a_daemon_set_counts_its_templates() -> None:
    pods = [
        owned("old", {"pod-template-generation": "1"}),
        owned("new", {"pod-template-generation": "2"}),
    ]
    counted = {"deprecated.daemonset.template.generation": "2"}
    assert of("DaemonSet", pods, annotations=counted) == ["new"]
    assert of("DaemonSet", pods) == ["old", "new"]


def test_a_pod_on_its_way_out_and_one_of_someone_else_are_passed_over() -> None:
    pods = [
        owned("leaving", {}, deletionTimestamp="2026-11-23T12:00:00Z"),
        {"metadata": {"name": "foreign"}},
        owned("migrate", {}),
    ]
    assert of("Job", pods) == ["migrate"]
