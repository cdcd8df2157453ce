"""Conditions of objects, and the conventions of kstatus for every kind that we know nothing else of. Pure."""

from typing import Any

from bot.cluster.port import Health, Manifest

READY = ("Ready", "Available", "Healthy")
"""Conditions that say that an object is what it should be, the first that is there counts."""


def condition_of(subject: Manifest, kind: str) -> dict[str, Any]:
    """Find a condition; empty when it is not there, or is of an older generation of the object."""
    newest = subject["metadata"].get("generation", 0)
    for each in (subject.get("status") or {}).get("conditions") or []:
        if isinstance(each, dict) and each.get("type") == kind:
            seen = each.get("observedGeneration")
            return {} if isinstance(seen, int) and seen < newest else each
    return {}


def is_true(subject: Manifest, kind: str) -> bool:
    """Say whether a condition is there and true."""
    return bool(condition_of(subject, kind).get("status") == "True")


def why(condition: dict[str, Any]) -> str:
    """Answer a condition's message, else its reason."""
    return str(condition.get("message") or condition.get("reason") or "")


def by_conditions(subject: Manifest) -> Health:
    """Judge an object as kstatus does: Stalled is a verdict, Reconciling is not yet, else Ready and its like."""
    stalled = condition_of(subject, "Stalled")
    if stalled.get("status") == "True":
        return waiting(failed=why(stalled) or "it is stalled")
    ended = condition_of(subject, "Succeeded")
    if ended:
        return _ended(ended)
    reconciling = condition_of(subject, "Reconciling")
    if reconciling.get("status") == "True":
        return waiting(why(reconciling))
    for kind in READY:
        found = condition_of(subject, kind)
        if found:
            return DONE if found.get("status") == "True" else waiting(brief(found))
    if _has_older(subject):
        return waiting()  # what is said is said of an older generation
    return DONE


def waiting(note: str = "", *, failed: str = "") -> Health:
    """Answer that one thing is not there yet."""
    return Health(ready=0, wanted=1, done=False, note=note, failed=failed)


def brief(condition: dict[str, Any]) -> str:
    """Answer a condition's reason, else its message."""
    return str(condition.get("reason") or condition.get("message") or "")


def _ended(condition: dict[str, Any]) -> Health:
    """Judge what runs to an end and says so by `Succeeded`."""
    if condition.get("status") == "False":
        return waiting(failed=why(condition) or "it failed")
    return DONE if condition.get("status") == "True" else waiting(brief(condition))


def _has_older(subject: Manifest) -> bool:
    conditions = (subject.get("status") or {}).get("conditions") or []
    kinds = {each.get("type") for each in conditions if isinstance(each, dict)}
    return bool(kinds & set(READY))


DONE = Health(ready=1, wanted=1, done=True)
