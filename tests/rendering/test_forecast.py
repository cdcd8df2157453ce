"""What becomes of an object and why, from versions that a real API server has answered with (`recording` made them)."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rendering.forecast import FieldChange, FieldKept, Versions, Why, changes_of
from tests.rendering.recording import LIVE

GOLDEN = Path(__file__).parent / "golden" / "forecasts.txt"
CASES = sorted(each.stem for each in LIVE.glob("*.json"))
Claims = list[tuple[str, str]]


def recorded(case: str) -> tuple[dict[str, Any], Claims]:
    found = json.loads((LIVE / f"{case}.json").read_text(encoding="utf-8"))
    claims = [(field, manager) for field, manager in found.pop("claims")]
    return found, claims


def told(versions: dict[str, Any], claims: Claims | None = None) -> list[str]:
    """Write down what changes and what stays, a line each."""
    changes, stays, rest = changes_of(Versions(**versions), claims or [])
    lines = [line for each in changes for line in lines_of(each)]
    return [*lines, *map(kept, stays), *(f"claimed: {field} by {by}" for field, by in rest)]


def lines_of(change: FieldChange) -> Iterator[str]:
    who = f" ({change.by} at {change.at})" if change.by else ""
    contested = ", contested" if change.contested else ""
    values = "" if change.excerpt else f"{change.before or '(none)'} → {change.after or '(none)'}"
    yield f"{change.why}: {change.field}: {values}{who}{contested}".rstrip()
    yield from (f"    {each}" for each in change.excerpt)


def kept(field: FieldKept) -> str:
    was = f", sent was {field.sent}" if field.sent else ""
    return f"stays: {field.field}: {field.value} ({field.by or 'an autoscaler'} at {field.at}){was}"


def every_case() -> str:
    parts: list[str] = []
    for case in CASES:
        versions, claims = recorded(case)
        parts.append("\n".join([f"──── {case} ────", *told(versions, claims)]))
    return "\n\n".join(parts) + "\n"


def test_every_recorded_case_is_told_as_it_was_agreed() -> None:
    assert every_case() == GOLDEN.read_text(encoding="utf-8")


@pytest.mark.parametrize("case", CASES)
def test_no_secret_of_the_cases_is_told(case: str) -> None:
    versions, claims = recorded(case)
    shown = "\n".join(told(versions, claims))
    for secret in ("hunter2", "pa55", "pa66", "t1", "t2", "t3", "b3RoZXI", "aHVudGVyMg", "c2hvc"):
        assert secret not in shown.replace("v1.4.1", "")


@pytest.mark.parametrize("case", CASES)
def test_what_becomes_what_it_is_changes_nothing(case: str) -> None:
    versions, _ = recorded(case)
    changes, _, _ = changes_of(Versions(**{**versions, "becomes": versions["live"]}))
    assert changes == ()


def test_what_was_sent_and_never_arrived_is_no_drift() -> None:
    versions, _ = recorded("a-revision")
    # The account is written first: a run was to deliver what is wanted now, and it was refused.
    versions["sent"] = copy.deepcopy(versions["wanted"])
    changes, _, _ = changes_of(Versions(**versions))
    assert {each.why for each in changes} == {Why.REVISION}


def test_a_field_that_the_revision_takes_away_and_another_has_set_stays_with_him() -> None:
    versions, _ = recorded("scaled-and-set")
    for each in ("wanted", "becomes"):
        versions[each] = copy.deepcopy(versions[each])
    del versions["wanted"]["spec"]["replicas"]
    versions["becomes"]["spec"]["replicas"] = 5
    assert "stays: replicas: 5 (kubectl at None), sent was 3" in told(versions)


def test_what_a_policy_leaves_as_it_is_is_told_as_what_stays() -> None:
    versions, _ = recorded("scaled-and-set")
    versions["becomes"] = versions["live"]
    assert told(versions) == [
        "stays: replicas: 5 (kubectl at None), sent was 3",
        f"stays: env DEBUG: 1 (kubectl-set at {moment(versions, 'kubectl-set')})",
    ]


def moment(versions: dict[str, Any], manager: str) -> str:
    found = next(
        each for each in versions["live"]["metadata"]["managedFields"] if each["manager"] == manager
    )
    return str(found["time"]).replace("T", " ").replace("Z", "+00:00")


def test_what_the_controller_of_a_kind_fills_in_is_nobodys_wish() -> None:
    versions, _ = recorded("scaled-and-set")
    versions = {**versions, "live": copy.deepcopy(versions["live"])}
    (setter,) = [
        each
        for each in versions["live"]["metadata"]["managedFields"]
        if each["manager"] == "kubectl-set"
    ]
    assert any("env DEBUG" in each for each in told(versions))
    setter["fieldsV1"]["f:status"] = {"f:phase": {}}
    assert not any("env DEBUG" in each for each in told(versions))


def test_an_object_that_is_not_there_has_no_fields_to_tell() -> None:
    versions, _ = recorded("nothing")
    assert told({**versions, "live": None}) == []


def test_a_claim_that_is_no_change_is_told_by_itself() -> None:
    versions, _ = recorded("nothing")
    assert told(versions, [(".spec.paused", "kubectl-edit")]) == [
        "claimed: .spec.paused by kubectl-edit"
    ]


def secret_of(values: dict[str, str], field: str = "data") -> dict[str, Any]:
    metadata = {"name": "db", "namespace": "shop", "managedFields": []}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, field: values}


keys = st.sampled_from(["user", "host", "tls.crt", "image"])
values = st.dictionaries(keys, st.from_regex(r"value[a-z0-9]{4,12}", fullmatch=True))


@given(values, values, st.sampled_from(["data", "stringData"]))
def test_the_values_of_a_secret_are_never_told(
    before: dict[str, str], after: dict[str, str], field: str
) -> None:
    shown = told(
        {
            "sent": secret_of(dict.fromkeys(before, "")),
            "wanted": secret_of(after, field),
            "live": secret_of(before),
            "becomes": secret_of(after),
        }
    )
    assert "value" not in "\n".join(shown)
    differing = {each for each in {*before, *after} if before.get(each) != after.get(each)}
    assert len(shown) == len(differing)
