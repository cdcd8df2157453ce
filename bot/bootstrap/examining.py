"""`shipmate doctor` on the command line: everything tried out by the settings of `shipmate run`, a line for each thing."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict

from bot.bootstrap.doctor import Doctor
from bot.clock import SystemClock
from bot.findings import Finding
from bot.settings import Settings


async def examined(settings: Settings) -> list[Finding]:
    """Try out everything; also while the bot runs."""
    found = await Doctor(settings, SystemClock()).examine()
    return settings.secrecy.cleaned(found)


def as_text(findings: Sequence[Finding]) -> str:
    """Write what was found for a terminal."""
    return "\n".join(_line(each) for each in findings)


def as_json(findings: Sequence[Finding]) -> str:
    """Write what was found for a program."""
    return json.dumps([asdict(each) for each in findings], ensure_ascii=False, indent=2)


def _line(found: Finding) -> str:
    mend = f" -> {found.mend}" if found.mend else ""
    return f"{found.verdict.value:<4}  {found.subject}: {found.said}{mend}"


OUTPUTS: Mapping[str, Callable[[Sequence[Finding]], str]] = {"text": as_text, "json": as_json}
