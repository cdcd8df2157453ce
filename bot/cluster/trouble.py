"""What keeps a pod from getting ready, in the kubelet's and the scheduler's own words. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.cluster.port import Manifest

FINAL = frozenset(
    {
        "ErrImagePull",
        "ImagePullBackOff",
        "InvalidImageName",
        "ErrImageNeverPull",
        "CreateContainerConfigError",
        "CreateContainerError",
        "RunContainerError",
    }
)
"""Reasons that hardly ever pass by themselves."""

SPOKEN = FINAL | {"CrashLoopBackOff"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Why one pod is not ready. `since` is when it began to wait, as far as the pod tells."""

    pod: str
    container: str
    reason: str
    text: str
    final: bool = False
    restarts: int = 0
    since: datetime | None = None


def trouble_of(pod: Manifest) -> Trouble | None:
    """Answer what is wrong with a pod; None when it is well or merely on its way."""
    status = pod.get("status", {})
    name = pod["metadata"]["name"]
    scheduled = _condition(status, "PodScheduled")
    if scheduled.get("status") == "False":
        text = str(scheduled.get("message", "no node takes it"))
        return Trouble(pod=name, container="", reason=_short(text), text=f"{name}: {text}")
    statuses = [*status.get("initContainerStatuses", []), *status.get("containerStatuses", [])]
    for each in statuses:
        waiting = each.get("state", {}).get("waiting", {})
        reason = waiting.get("reason", "")
        if reason in SPOKEN:
            return Trouble(
                pod=name,
                container=each["name"],
                reason=reason,
                text=_text(each, reason),
                final=reason in FINAL,
                restarts=each.get("restartCount", 0),
                since=_moment(status.get("startTime")),
            )
    return None


def past_trouble_of(pod: Manifest) -> Trouble | None:
    """Answer why a container of a pod was started again: between two crashes it looks well."""
    for each in pod.get("status", {}).get("containerStatuses", []):
        ended = each.get("lastState", {}).get("terminated")
        if ended is not None and not each.get("ready"):
            return Trouble(
                pod=pod["metadata"]["name"],
                container=each["name"],
                reason=ended.get("reason", "Error"),
                text=_text(each, "CrashLoopBackOff"),
                restarts=each.get("restartCount", 0),
            )
    return None


def _text(status: dict[str, Any], reason: str) -> str:
    name, image = status["name"], status.get("image", "")
    if reason in {"ErrImagePull", "ImagePullBackOff"}:
        return f"the image {image} cannot be pulled"
    if reason == "InvalidImageName":
        return f"{image} of {name} is no image name"
    if reason == "CrashLoopBackOff":
        ended = status.get("lastState", {}).get("terminated", {})
        return f"{name} crashes again and again (exit code {ended.get('exitCode', '?')})"
    waiting = status.get("state", {}).get("waiting", {})
    return f"{name}: {waiting.get('message') or reason}"


def _condition(status: dict[str, Any], kind: str) -> dict[str, Any]:
    return next((each for each in status.get("conditions") or [] if each["type"] == kind), {})


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def end_of(pod: Manifest) -> Trouble | None:
    """Answer why a pod that runs to its end failed; None when it did not."""
    if pod.get("status", {}).get("phase") != "Failed":
        return None
    name = pod["metadata"]["name"]
    for each in pod["status"].get("containerStatuses", []):
        ended = each.get("state", {}).get("terminated") or {}
        if ended.get("exitCode"):
            reason = str(ended.get("reason", "Error"))
            text = f"{name}: {each['name']} ended with exit code {ended['exitCode']} ({reason})"
            return Trouble(pod=name, container=each["name"], reason=reason, text=text)
    said = str(pod["status"].get("message") or pod["status"].get("reason") or "it failed")
    return Trouble(pod=name, container="", reason=said, text=f"{name}: {said}")
