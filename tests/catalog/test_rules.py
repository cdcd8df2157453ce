"""An environment's freezes and permissions: read as they are meant, and every mistake said with its place."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.bootstrap.equipment import read_catalog
from bot.catalog.cron import next_start
from bot.catalog.model import Freeze, Permission
from tests.catalog.folders import GOOD, problems, write

RULES = """\
  freezes:
    - name: weekend
      schedule: 0 18 * * FRI
      duration: 62h
      timeZone: Asia/Shanghai
      reason: nobody is there
      passedBy: [sre]
    - {name: holidays, from: 2026-12-24T00:00, to: 2026-12-27, timeZone: Europe/Berlin, allowRollback: false}
  auditors: [sre]
  permissions:
    - {applications: [shop], deployers: [sre], approvers: []}
"""
MONDAY = datetime(2026, 11, 23, tzinfo=UTC)


def with_rules(rules: str) -> dict[str, str]:
    return {**GOOD, "environment.yaml": GOOD["environment.yaml"] + rules}


def test_rules_are_read_with_their_times_in_utc(tmp_path: Path) -> None:
    prod = read_catalog(write(tmp_path, with_rules(RULES))).environments["prod"]

    assert prod.freezes == (
        Freeze(
            name="weekend",
            schedule="0 18 * * FRI",
            duration=62 * 3600.0,
            time_zone="Asia/Shanghai",
            reason="nobody is there",
            passed_by=("sre",),
        ),
        Freeze(
            name="holidays",
            start=datetime(2026, 12, 23, 23, tzinfo=UTC),
            end=datetime(2026, 12, 26, 23, tzinfo=UTC),
            time_zone="Europe/Berlin",
            allow_rollback=False,
        ),
    )
    assert prod.auditors == ("sre",)
    assert prod.permissions == (
        Permission(applications=("shop",), deployers=("sre",), approvers=()),
    )


@pytest.mark.parametrize(
    ("good", "bad", "said"),
    [
        (
            "0 18 * * FRI",
            "0 18 * * FRO",
            "environment.yaml:13: spec.freezes[0].schedule: expected a cron schedule of five fields such as"
            " 0 18 * * FRI, found '0 18 * * FRO' ('FRO' is no day of the week)",
        ),
        ("0 18 * * FRI", "0 0 31 2 *", "found '0 0 31 2 *', which never comes"),
        (
            "62h",
            "2w",
            "environment.yaml:14: spec.freezes[0].duration: expected a duration such as 30s, 2m15s or 24h,"
            " found '2w'; write 336h for 2w",
        ),
        (
            "Asia/Shanghai",
            "Asia/Shangai",
            "environment.yaml:15: spec.freezes[0].timeZone: expected a time zone such as Asia/Shanghai,"
            " found 'Asia/Shangai'",
        ),
        ("passedBy: [sre]", "passedBy: [sra]", "there is no role sra; did you mean sre?"),
        (
            "from: 2026-12-24T00:00",
            "from: Christmas",
            "environment.yaml:18: spec.freezes[1].from: expected a time such as 2026-12-24T18:00,"
            " found 'Christmas'",
        ),
        (
            "to: 2026-12-27",
            "to: 2026-12-23",
            "spec.freezes[1]: expected to after from, found 2026-12-24T00:00 and 2026-12-23",
        ),
        (
            "to: 2026-12-27",
            "duration: 62h",
            "environment.yaml:18: spec.freezes[1]: expected a schedule and a duration, or from and to",
        ),
        ("name: holidays", "name: weekend", "there are two freezes weekend"),
        (
            "applications: [shop]",
            "applications: [shpo]",
            "there is no application shpo; did you mean",
        ),
        ("deployers: [sre], approvers: []", "", "expected deployers, approvers or both"),
        ("auditors: [sre]", "auditors: [boss]", "spec.auditors[0]: there is no role boss"),
    ],
)
def test_a_mistake_is_said_with_its_place(tmp_path: Path, good: str, bad: str, said: str) -> None:
    assert good in RULES
    found = problems(write(tmp_path, with_rules(RULES.replace(good, bad))))

    assert len(found) == 1
    assert said in found[0]


@pytest.mark.parametrize(
    ("schedule", "day"),
    [
        ("0 18 * * FRI", 27),
        ("0 18 * * 5", 27),
        ("0 18 * * 0", 29),
        ("0 18 * * 7", 29),
        ("0 18 * * sat,Sun", 28),
        ("0 18 * * 5-7", 27),
        ("0 18 * * 6-1", 23),
        ("0 18 26 * *", 26),
        ("0 18 26 * FRI", 26),
        ("0 18 28 * FRI", 27),
    ],
)
def test_days_are_those_of_cron(schedule: str, day: int) -> None:
    assert next_start(schedule, "UTC", MONDAY) == datetime(2026, 11, day, 18, tzinfo=UTC)
