"""Events of objects: what the scheduler, the kubelet and the controllers warned of. Pure but for the question."""

from collections.abc import Iterable, Sequence
from typing import Any

from bot.cluster.kube.api import ClusterApi
from bot.cluster.port import Manifest

AGAIN = "(combined from similar events): "
NEWEST = 4
"""Warnings of one object that are told."""


async def warnings(api: ClusterApi, namespace: str, subject: Manifest) -> list[str]:
    """Answer the newest warnings of an object, one a reason, the newest last. Raises Temporary or Permanent."""
    meta = subject["metadata"]
    found = await api.call(
        "GET",
        f"/api/v1/namespaces/{namespace}/events",
        query={
            "fieldSelector": f"involvedObject.name={meta['name']},type=Warning",
            "limit": "500",
        },
    )
    mine = [each for each in found["items"] if _is_of(each, str(meta.get("uid", "")))]
    return told(mine)


def told(events: Iterable[dict[str, Any]]) -> list[str]:
    """Write events as lines: of those that say the same the newest, the newest last."""
    newest: dict[tuple[str, str], dict[str, Any]] = {}
    for each in sorted(events, key=_when):
        newest[
            str(each.get("reason", "")), _message(each).removeprefix(AGAIN).partition(":")[0]
        ] = each
    lines = sorted(newest.values(), key=_when)[-NEWEST:]
    return [_line(each) for each in lines]


def _is_of(event: dict[str, Any], uid: str) -> bool:
    """Say whether an event is of this very object, not of an earlier one of its name."""
    of = (event.get("involvedObject") or {}).get("uid")
    return not of or not uid or of == uid


def _line(event: dict[str, Any]) -> str:
    times = _count(event)
    again = f" ({times} times)" if times > 1 else ""
    return f"{event.get('reason', '')}: {_message(event)}{again}"


def _count(event: dict[str, Any]) -> int:
    series = event.get("series") or {}
    return int(series.get("count") or event.get("count") or 1)


def _when(event: dict[str, Any]) -> str:
    """Answer when it happened last: in the older form, the newer one, or as it was made."""
    series = event.get("series") or {}
    stamps: Sequence[Any] = (
        series.get("lastObservedTime"),
        event.get("lastTimestamp"),
        event.get("eventTime"),
        event.get("firstTimestamp"),
        event["metadata"].get("creationTimestamp") if "metadata" in event else None,
    )
    return next((str(each) for each in stamps if each), "")


def _message(event: dict[str, Any]) -> str:
    return " ".join(str(event.get("message") or event.get("note") or "").split())
