"""Durations as KubeVela writes them: Go's `time.ParseDuration`. Pure.

`1d` and `1min` are no Go durations although KubeVela's own help names them (its defect); the error says what
to write instead.
"""

import re

PART = re.compile(r"(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)")
SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}


def parse_duration(text: str) -> float:
    """Answer the seconds of `1h30m`, `2m15s`, `300ms`. Raises ValueError with a sentence for a person."""
    compact = text.strip()
    parts = PART.findall(compact)
    if not parts or "".join(number + unit for number, unit in parts) != compact:
        days = re.fullmatch(r"(\d+)d", compact)
        hint = f"; write {int(days[1]) * 24}h for {compact}" if days else ""
        raise ValueError(f"expected a duration such as 30s, 2m15s or 24h, found {text!r}{hint}")
    return sum(float(number) * SECONDS[unit] for number, unit in parts)
