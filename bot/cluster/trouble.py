"""What keeps a pod from getting ready, in the kubelet's and the scheduler's own words. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.cluster.port import Manifest

IMAGE = frozenset({"ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull"})
CONFIGURATION = frozenset(
    {"CreateContainerConfigError", "CreateContainerError", "RunContainerError"}
)
CRASH = "CrashLoopBackOff"
SPOKEN = IMAGE | CONFIGURATION | {CRASH}
NOT_READY = "runs, but is not ready"

PASSING = (
    "toomanyrequests",
    "too many requests",
    "timeout",
    "deadline exceeded",
    "connection refused",
    "connection reset",
    "unexpected eof",
    "temporarily",
    "service unavailable",
    "bad gateway",
    "internal server error",
)
"""What a registry, or the way to it, says that is likely to say something else a moment later."""

LASTING = timedelta(seconds=10)
"""How long an image must have been missing before that is a verdict."""
LONGER = timedelta(seconds=30)
"""How long a Secret or ConfigMap must have been missing: whatever makes it may be a little later."""
SETTLING = timedelta(seconds=30)
"""How long a container may run before it is worth saying that it is not ready."""

CRASHES = 3
"""Restarts after which a container counts as crashing for good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Why one pod is not ready. `since` is when it began to wait, as far as the pod tells."""

    pod: str
    container: str
    reason: str
    text: str
    final: bool = False
    """Whether it hardly ever passes by itself."""
    restarts: int = 0
    since: datetime | None = None

    def is_hopeless(self, now: datetime, *, crashes_count: bool) -> bool:
        """Say whether it will not pass by waiting. `crashes_count`: whether crashing for good is for us to say."""
        if self.reason == CRASH:
            return crashes_count and self.restarts >= CRASHES
        enough = LONGER if self.reason in CONFIGURATION else LASTING
        return self.final and self.since is not None and now - self.since >= enough

    @property
    def weight(self) -> int:
        """How bad it is: the greater the worse."""
        if self.reason == CRASH:
            return 2
        return 3 if self.reason in SPOKEN else 1


def worst(pods: Sequence[Manifest]) -> Trouble | None:
    """Answer the worst trouble of some pods; None when they are well or merely on their way."""
    found = [trouble for pod in pods if (trouble := trouble_of(pod)) is not None]
    return max(found, key=lambda each: (each.final, each.weight, each.restarts), default=None)


def trouble_of(pod: Manifest) -> Trouble | None:
    """Answer what is wrong with a pod; None when it is well or merely on its way."""
    status = pod.get("status", {})
    name = pod["metadata"]["name"]
    scheduled = _condition(status, "PodScheduled")
    if scheduled.get("status") == "False":
        text = str(scheduled.get("message", "no node takes it"))
        return Trouble(pod=name, container="", reason=_short(text), text=f"{name}: {text}")
    for who, each in _containers(status):
        waiting = each.get("state", {}).get("waiting") or {}
        reason = waiting.get("reason", "")
        if reason in SPOKEN:
            said = str(waiting.get("message", "")).lower()
            passing = reason in IMAGE and any(words in said for words in PASSING)
            return Trouble(
                pod=name,
                container=each["name"],
                reason=reason,
                text=_text(who, each, reason),
                final=reason in IMAGE | CONFIGURATION and not passing,
                restarts=each.get("restartCount", 0),
                since=_moment(status.get("startTime")),
            )
    return None


def unready_of(pod: Manifest, before: datetime) -> Trouble | None:
    """Answer which container runs since `before` or longer and is not ready, so that its probes fail; None: none."""
    status = pod.get("status", {})
    for each in status.get("containerStatuses") or []:
        started = _moment((each.get("state", {}).get("running") or {}).get("startedAt"))
        if started is not None and not each.get("ready") and started <= before:
            name = pod["metadata"]["name"]
            text = f"{name}: {each['name']} {NOT_READY}"
            return Trouble(pod=name, container=each["name"], reason=NOT_READY, text=text)
    return None


def past_trouble_of(pod: Manifest) -> Trouble | None:
    """Answer why a container of a pod was started again: between two crashes it looks well."""
    for who, each in _containers(pod.get("status", {})):
        ended = each.get("lastState", {}).get("terminated")
        if ended is not None and not each.get("ready"):
            return Trouble(
                pod=pod["metadata"]["name"],
                container=each["name"],
                reason=ended.get("reason", "Error"),
                text=_text(who, each, CRASH),
                restarts=each.get("restartCount", 0),
            )
    return None


def end_of(pod: Manifest) -> Trouble | None:
    """Answer why a pod that runs to its end failed; None when it did not."""
    status = pod.get("status", {})
    if status.get("phase") != "Failed":
        return None
    name = pod["metadata"]["name"]
    for who, each in _containers(status):
        ended = each.get("state", {}).get("terminated") or {}
        if ended.get("exitCode"):
            reason = str(ended.get("reason", "Error"))
            text = f"{name}: {who} ended with {_exit(ended)}"
            return Trouble(pod=name, container=each["name"], reason=reason, text=text)
    said = str(status.get("message") or status.get("reason") or "it failed")
    return Trouble(pod=name, container="", reason=said, text=f"{name}: {said}")


def _containers(status: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the containers of a pod, with what they are called; those first that run first."""
    for each in status.get("initContainerStatuses") or []:
        yield f"the init container {each['name']}", each
    for each in status.get("containerStatuses") or []:
        yield each["name"], each


def _text(who: str, status: dict[str, Any], reason: str) -> str:
    image = status.get("image", "")
    if reason in {"ErrImagePull", "ImagePullBackOff"}:
        return f"the image {image} cannot be pulled"
    if reason == "InvalidImageName":
        return f"{image} of {who} is no image name"
    if reason == CRASH:
        ended = status.get("lastState", {}).get("terminated") or {}
        return f"{who} crashes again and again ({_exit(ended)})"
    waiting = status.get("state", {}).get("waiting") or {}
    return f"{who}: {waiting.get('message') or reason}"


def _exit(ended: dict[str, Any]) -> str:
    """Say how a container ended."""
    code, reason = ended.get("exitCode", "?"), ended.get("reason", "")
    if reason == "OOMKilled":
        return f"exit code {code}, OOMKilled: it took more memory than its limit"
    return f"exit code {code}" + (f" ({reason})" if reason not in {"", "Error"} else "")


def _condition(status: dict[str, Any], kind: str) -> dict[str, Any]:
    return next((each for each in status.get("conditions") or [] if each["type"] == kind), {})


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
