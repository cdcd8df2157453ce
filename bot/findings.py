"""What an examination finds: one thing that was tried, whether it works, what is wrong with it and how to mend it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How something is."""

    OK = "ok"
    WARN = "warn"
    """It works, or may work, and somebody should look at it."""
    FAIL = "fail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was tried. Nothing in it is a secret."""

    subject: str
    """What: `Slack: bot token`, `mail server smtp.shop.example:587`."""
    verdict: Verdict
    said: str
    """How it is, or what is wrong."""
    mend: str = ""
    """What to do about it; empty: nothing."""


def ok(subject: str, said: str) -> Finding:
    """Say that something works."""
    return Finding(subject=subject, verdict=Verdict.OK, said=said)


def warn(subject: str, said: str, mend: str = "") -> Finding:
    """Say that somebody should look at something."""
    return Finding(subject=subject, verdict=Verdict.WARN, said=said, mend=mend)


def fail(subject: str, said: str, mend: str = "") -> Finding:
    """Say that something does not work."""
    return Finding(subject=subject, verdict=Verdict.FAIL, said=said, mend=mend)


def failed(findings: Sequence[Finding]) -> bool:
    """Say whether anything does not work."""
    return any(each.verdict is Verdict.FAIL for each in findings)
