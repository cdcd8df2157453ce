"""Durations as KubeVela writes them: Go's `time.ParseDuration`. Pure.

`1d` and `1min` are no Go durations although KubeVela's own help names them (its defect); the error says what
to write instead. Zero and more than ten years are refused, too: nobody means them.
"""

import re
from decimal import Decimal
from typing import Final

_SECONDS: Final = {
    "h": Decimal(3600),
    "m": Decimal(60),
    "s": Decimal(1),
    "ms": Decimal("1e-3"),
    "us": Decimal("1e-6"),
    "µs": Decimal("1e-6"),
    "ns": Decimal("1e-9"),
}
_PART: Final = r"(\d{1,9}(?:\.\d{1,9})?)(ns|us|µs|ms|s|m|h)"
_WHOLE: Final = re.compile(rf"(?:{_PART}){{1,20}}", re.ASCII)
_NO_UNITS: Final = {"d": (24, "h"), "w": (168, "h"), "min": (1, "m"), "sec": (1, "s")}
_LONGEST: Final = 10 * 365 * 24 * 3600


def parse_duration(text: str) -> float:
    """Answer the seconds of `1h30m`, `2m15s`, `300ms`. Raises ValueError with a sentence for a person."""
    compact = text.strip()
    total = Decimal(0)
    if _WHOLE.fullmatch(compact):
        parts = re.findall(_PART, compact)
        total = sum((Decimal(number) * _SECONDS[unit] for number, unit in parts), total)
    if not 0 < total <= _LONGEST:
        hint = _instead_of(compact)
        raise ValueError(f"expected a duration such as 30s, 2m15s or 24h, found {text!r}{hint}")
    return float(total)


def write_duration(seconds: float) -> str:
    """Write seconds as files do: `24h`, `1h30m`, `90s` as `1m30s`; parts of a second as a fraction."""
    minutes, rest = divmod(round(seconds, 3), 60)
    hours, minutes = divmod(int(minutes), 60)
    parts = ((hours, "h"), (minutes, "m"), (rest, "s"))
    return "".join(f"{number:g}{unit}" for number, unit in parts if number) or "0s"


def _instead_of(text: str) -> str:
    """Say what to write in place of a unit that Go does not have."""
    found = re.fullmatch(r"(\d{1,4})\s?(d|w|min|sec)[a-z]*", text)
    if found is None or int(found[1]) == 0:
        return ""
    times, unit = _NO_UNITS[found[2]]
    return f"; write {int(found[1]) * times}{unit} for {text}"
