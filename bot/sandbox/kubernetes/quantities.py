"""Amounts as Kubernetes writes them: `250m`, `1.5Gi`, `2e3`. Pure."""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

Amounts = dict[str, Decimal]

FORM = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))([eE][+-]?\d+|[numkMGTPE]|[KMGTPE]i)?")
BINARY = {f"{letter}i": Decimal(1024) ** at for at, letter in enumerate("KMGTPE", 1)}
DECIMAL = {
    "n": Decimal("1e-9"),
    "u": Decimal("1e-6"),
    "m": Decimal("1e-3"),
    **{letter: Decimal(1000) ** at for at, letter in enumerate("kMGTPE", 1)},
}


def is_quantity(text: object) -> bool:
    """Say whether something can be read as an amount."""
    return isinstance(text, int | float | str) and FORM.fullmatch(str(text)) is not None


def amount(text: object) -> Decimal:
    """Read an amount. Raises ValueError for what is none."""
    match = FORM.fullmatch(str(text))
    if match is None:
        raise ValueError(f"{text!r} is no quantity")
    number, unit = Decimal(match[1]), match[2] or ""
    if unit[:1] in {"e", "E"} and len(unit) > 1:
        return number * Decimal(10) ** int(unit[1:])
    return number * BINARY.get(unit, DECIMAL.get(unit, Decimal(1)))


def canonical(text: object) -> str:
    """Write an amount as the API server keeps it: `0.5` is `500m`, `1024Mi` is `1Gi`."""
    said = str(text)
    match = FORM.fullmatch(said)
    unit = (match[2] or "") if match is not None else ""
    if unit[:1] in {"e", "E"} and len(unit) > 1:
        return said  # with an exponent it stays as it is
    return spell(amount(said), said)


def spell(value: Decimal, like: str = "") -> str:
    """Write an amount as Kubernetes does: in the units that `like` is written in, `1500m` or `2Gi`."""
    match = FORM.fullmatch(like)
    binary = match is not None and (match[2] or "").endswith("i")
    if binary and value == value.to_integral_value() and value:
        for unit in reversed(BINARY):
            if value % BINARY[unit] == 0:
                return f"{int(value / BINARY[unit])}{unit}"
    if value != value.to_integral_value():
        for unit in ("m", "u", "n"):
            scaled = value / DECIMAL[unit]
            if scaled == scaled.to_integral_value() or unit == "n":
                return f"{int(scaled.to_integral_value(rounding='ROUND_UP'))}{unit}"
    whole = int(value)
    for unit in ("E", "P", "T", "G", "M", "k"):
        if whole and not binary and whole % int(DECIMAL[unit]) == 0:
            return f"{whole // int(DECIMAL[unit])}{unit}"
    return str(whole)


def total(parts: Iterable[Mapping[str, Any]]) -> Amounts:
    """Add amounts by name."""
    found: Amounts = {}
    for part in parts:
        for name, value in part.items():
            found[name] = found.get(name, Decimal(0)) + amount(value)
    return found


def requests_of(spec: Mapping[str, Any], kind: str = "requests") -> Amounts:
    """Answer what a pod asks for (or its `limits`): its containers' together, or what an init container needs."""
    found = total(_resources(each, kind) for each in spec.get("containers") or [])
    for each in spec.get("initContainers") or []:
        for name, value in _resources(each, kind).items():
            found[name] = max(found.get(name, Decimal(0)), amount(value))
    return found


def _resources(container: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
    resources = container.get("resources") or {}
    found = dict(resources.get(kind) or {})
    if kind == "requests":  # what has a limit and says no request asks for its limit
        found = {**(resources.get("limits") or {}), **found}
    return found


def quality(spec: Mapping[str, Any]) -> str:
    """Answer the QoS class of a pod."""
    containers = [*(spec.get("containers") or []), *(spec.get("initContainers") or [])]
    asked = [_resources(each, "requests") for each in containers]
    capped = [_resources(each, "limits") for each in containers]
    if not any(asked) and not any(capped):
        return "BestEffort"
    sure = all(
        all(
            name in cap and amount(want.get(name, cap[name])) == amount(cap[name])
            for name in ("cpu", "memory")
        )
        for want, cap in zip(asked, capped, strict=True)
    )
    return "Guaranteed" if sure else "Burstable"
