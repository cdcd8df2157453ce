"""What files say of approvals arrives as it is meant, and each mistake is said where it stands."""

from pathlib import Path

import pytest

from bot.bootstrap.equipment import read_catalog
from bot.catalog.approval_shapes import days_of, minutes_of
from bot.catalog.approving import Members, Remind, Reminder, Requirement, WorkingHours
from bot.run.model import Gate
from bot.steps.asking import AskingParameters, check_asking, gate_of
from bot.steps.contract import PropertyError
from bot.steps.parameters import read
from tests.catalog.folders import GOOD, problems, write

RULES = """\
  approvals: [{role: sre, count: 2}, {role: sre}]
  selfApproval: false
  breakGlass: {roles: [sre]}
  reminders:
    - {after: 30m, to: thread}
    - {after: 4h, to: {role: sre}}
  workingHours: {timeZone: Asia/Shanghai, days: [Mon..Wed, Sat], from: "09:30", to: "24:00"}
"""


def with_rules(rules: str) -> dict[str, str]:
    return {**GOOD, "environment.yaml": GOOD["environment.yaml"] + rules}


def test_the_rules_of_an_environment_arrive(tmp_path: Path) -> None:
    write(tmp_path, with_rules(RULES))
    prod = read_catalog(tmp_path).environments["prod"]
    assert prod.approvals == (Requirement(roles=("sre",), count=3),)
    assert prod.approvers == ("sre",)
    assert (prod.self_approval, prod.break_glass) == (False, ("sre",))
    assert prod.reminders == (
        Reminder(after=1800, to=Remind.THREAD),
        Reminder(after=14400, to=Remind.ROLE, role="sre"),
    )
    assert prod.working_hours == WorkingHours(
        time_zone="Asia/Shanghai", days=(0, 1, 2, 5), start=570, end=1440
    )


@pytest.mark.parametrize(
    ("good", "bad", "said"),
    [
        ("{role: sre}]", "{role: srs}]", "spec.approvals[1].role: there is no role srs; did you mean sre?"),
        ("count: 2", "count: 0", "spec.approvals[0].count: expected greater than or equal to 1"),
        ("{role: sre, count: 2}", "{count: 2}", "spec.approvals[0].role: it is required"),
        ("roles: [sre]", "roles: [lead]", "spec.breakGlass.roles[0]: there is no role lead"),
        ("to: thread", "to: theard", "spec.reminders[0].to: expected thread, direct or {role: NAME}"),
        ("to: {role: sre}", "to: {role: nobody}", "spec.reminders[1].to.role: there is no role nobody"),
        ("after: 30m", "after: 30min", "spec.reminders[0].after: expected a duration"),
        ("Asia/Shanghai", "Asia/Shanghigh", "spec.workingHours.timeZone: expected a time zone"),
        ("Mon..Wed", "Mon..Mit", "spec.workingHours.days[0]: expected days such as Mon or Mon..Fri"),
        ('"09:30"', '"9:30"', "spec.workingHours.from: expected a time of day such as 09:00"),
        ('"24:00"', '"08:00"', "spec.workingHours: the day ends (08:00) before it begins (09:30)"),
        ("  selfApproval", "  approvers: [sre]\n  selfApproval", "approvals say who approves"),
        ("selfApproval: false", "selfApproval: 5", "spec.selfApproval: expected true or false"),
    ],
)  # fmt: skip
def test_a_mistake_is_said_where_it_stands(tmp_path: Path, good: str, bad: str, said: str) -> None:
    assert good in RULES
    found = problems(write(tmp_path, with_rules(RULES.replace(good, bad, 1))))
    assert any(said in each for each in found), found


def test_a_role_that_a_step_asks_for_has_to_be_there(tmp_path: Path) -> None:
    step = "  - {name: gate, type: suspend, properties: {approvals: [{role: ser}]}}\n"
    files = {**GOOD, "workflow.yaml": GOOD["workflow.yaml"] + step}
    (found,) = problems(write(tmp_path, files))
    assert "properties.approvals[0].role: there is no role ser; did you mean sre?" in found


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ("slackUsers: [sam]", "spec.members.slackUsers[0]: expected the id of a Slack user"),
        ("emails: [sam]", "spec.members.emails[0]: expected an email address, found 'sam'"),
        ("slackUserGroups: ['on call']", "spec.members.slackUserGroups[0]: expected"),
        ("slackGroups: [a]", "spec.members.slackGroups: there is no field slackGroups"),
    ],
)
def test_members_are_ids_and_addresses(tmp_path: Path, members: str, said: str) -> None:
    role = f"  name: sre\nspec:\n  members: {{{members}}}\n"
    people = GOOD["people.yaml"].replace("  name: sre\n", role, 1)
    (found,) = problems(write(tmp_path, {**GOOD, "people.yaml": people}))
    assert said in found


def test_members_of_a_role_arrive(tmp_path: Path) -> None:
    members = "{slackUserGroups: ['@on-call', S0123], slackUsers: [U0123AB], emails: [a@b.example]}"
    role = f"  name: sre\nspec:\n  members: {members}\n"
    people = GOOD["people.yaml"].replace("  name: sre\n", role, 1)
    catalog = read_catalog(write(tmp_path, {**GOOD, "people.yaml": people}))
    assert catalog.members == {
        "sre": Members(groups=("on-call", "S0123"), users=("U0123AB",), emails=("a@b.example",))
    }


def test_a_step_says_once_who_has_to_say_yes() -> None:
    found = read(AskingParameters, {"approvals": [{"role": "sre"}], "approvers": ["sre"]})
    with pytest.raises(PropertyError, match="in place of approvers and quorum"):
        check_asking(found)


def test_a_gate_has_what_its_step_says() -> None:
    found = read(
        AskingParameters, {"approvals": [{"role": "sre"}], "selfApproval": False, "reminders": []}
    )
    assert gate_of(found, "Well?") == Gate(
        message="Well?",
        approvals=(Requirement(roles=("sre",)),),
        self_approval=False,
        reminders=(),
    )


@pytest.mark.parametrize(
    ("text", "days"),
    [("Mon", (0,)), ("Sat..Mon", (5, 6, 0)), ("Fri..Fri", (4,)), ("Mon..Sun", tuple(range(7)))],
)
def test_days_may_go_over_the_end_of_the_week(text: str, days: tuple[int, ...]) -> None:
    assert days_of(text) == days


@pytest.mark.parametrize("text", ["24:01", "12:60", "noon", "1200", "-1:00", "٠٩:٠٠x"])
def test_what_is_no_time_of_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected a time of day"):
        minutes_of(text)
