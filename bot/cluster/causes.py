"""Which pod of a workload, and which of its containers, tells best why it is not ready. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.cluster.conditions import condition_of, why
from bot.cluster.health import has_pods
from bot.cluster.port import Manifest
from bot.cluster.trouble import CRASH, SPOKEN, Trouble, end_of, past_trouble_of, trouble_of, worst
from bot.cluster.workloads import not_made

BLAMED = ("Stalled", "Ready", "Available", "Failed", "Succeeded", "Progressing")
"""Conditions whose message says what is wrong, in the order in which they are asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """What there is to say before anything more is asked."""

    text: str = ""
    known: str = ""
    """What of it is someone else's words, which an event may repeat."""
    pod: Manifest | None = None
    """The worst one; None: there is none, or all are well."""
    container: str = ""
    """Whose last words are worth reading."""
    restarted: bool = False
    """Whether the container before it was started again said them."""


def cause_of(subject: Manifest, pods: Sequence[Manifest]) -> Cause:
    """Answer the cause as far as an object and the pods of its newest template tell."""
    refused = not_made(subject)
    if refused:
        name = subject["metadata"]["name"]
        return Cause(text=f"{name}: pods cannot be made: {refused}", known=refused)
    trouble = worst(pods)
    if trouble is not None:
        return _of(trouble, pods)
    for find in (end_of, past_trouble_of):
        found = next(filter(None, map(find, pods)), None)
        if found is not None:
            return _of(found, pods)
    unready = next((each for each in pods if not _is_well(each)), None)
    if unready is not None:
        return _unready(unready)
    return Cause(text=_condition(subject))


def _of(trouble: Trouble, pods: Sequence[Manifest]) -> Cause:
    pod = next(each for each in pods if each["metadata"]["name"] == trouble.pod)
    text = trouble.text
    if not text.startswith(trouble.pod):
        text = f"{trouble.pod}: {trouble.reason}: {text}"
    silent = trouble.reason in SPOKEN and trouble.reason != CRASH
    return Cause(
        text=text,
        known=text.removeprefix(f"{trouble.pod}: "),
        pod=pod,
        container="" if silent and not trouble.restarts else trouble.container,
        restarted=trouble.restarts > 0,
    )


def _unready(pod: Manifest) -> Cause:
    """Answer which container is not ready: its probes fail, or it has not begun; the events say which."""
    statuses = pod.get("status", {}).get("containerStatuses") or []
    running = next(
        (
            each
            for each in statuses
            if not each.get("ready") and "running" in (each.get("state") or {})
        ),
        None,
    )
    name = pod["metadata"]["name"]
    if running is None:
        return Cause(text=f"{name}: its containers have not started", pod=pod)
    text = f"{name}: {running['name']} runs, but is not ready"
    return Cause(text=text, pod=pod, container=running["name"])


def _is_well(pod: Manifest) -> bool:
    if pod.get("status", {}).get("phase") == "Succeeded":
        return True
    return trouble_of(pod) is None and condition_of(pod, "Ready").get("status") == "True"


def _condition(subject: Manifest) -> str:
    """Answer what an object itself says is wrong."""
    name = subject["metadata"]["name"]
    terraform = ((subject.get("status") or {}).get("apply") or {}).get("message")
    if terraform:
        return f"{name}: {terraform}"
    # Of a workload: that it lacks pods is known, and says nothing of why.
    kinds = ("Failed",) if has_pods(subject["apiVersion"], subject["kind"]) else BLAMED
    for kind in kinds:
        found = condition_of(subject, kind)
        bad = "True" if kind in {"Stalled", "Failed"} else "False"
        if found.get("status") == bad and why(found):
            return f"{name}: {why(found)}"
    return ""
