"""The shapes of what files say of approvals: the same in an Environment and in the properties of a step."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)
from pydantic.alias_generators import to_camel

from bot.catalog.approving import Members, Remind, Reminder, Requirement, WorkingHours
from bot.catalog.durations import parse_duration

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
GroupName = Annotated[str, StringConstraints(pattern=r"^@?[^@\s]+$")]


def _user(given: str) -> str:
    if not re.fullmatch(r"[UW][A-Z0-9]{4,}", given):
        raise ValueError(f"expected the id of a Slack user such as U0123ABCD, found {given!r}")
    return given


def _email(given: str) -> str:
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", given):
        raise ValueError(f"expected an email address, found {given!r}")
    return given


SlackUser = Annotated[str, AfterValidator(_user)]
Email = Annotated[str, AfterValidator(_email)]
RoleName = Annotated[str, StringConstraints(min_length=1)]


def _duration(text: str) -> str:
    parse_duration(text)
    return text


def _to(given: Any) -> Any:
    if given in ("thread", "direct"):
        return given
    if isinstance(given, Mapping) and set(given) == {"role"} and isinstance(given["role"], str):
        return given
    raise ValueError(f"expected thread, direct or {{role: NAME}}, found {given!r}")


def _minutes(text: str) -> str:
    minutes_of(text)
    return text


def _days(text: str) -> str:
    days_of(text)
    return text


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        said = f"expected a time zone such as Asia/Shanghai, found {name!r}"
        raise ValueError(said) from error
    return name


class Rule(BaseModel):
    """Base: unknown fields are errors and nothing is converted silently. Names are in camelCase."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, alias_generator=to_camel)


class RequirementShape(Rule):
    """So many people of a role have to say yes."""

    role: RoleName
    count: int = Field(default=1, ge=1, le=20)


class ReminderShape(Rule):
    """After how much working time who is reminded."""

    after: Annotated[str, AfterValidator(_duration)]
    to: Annotated[Any, AfterValidator(_to)]


class WorkingHoursShape(Rule):
    """When time counts for reminders."""

    time_zone: Annotated[str, AfterValidator(_zone)]
    days: list[Annotated[str, AfterValidator(_days)]] = Field(default=["Mon..Fri"], min_length=1)
    from_: Annotated[str, AfterValidator(_minutes)] = Field(default="09:00", alias="from")
    to: Annotated[str, AfterValidator(_minutes)] = "18:00"

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> "WorkingHoursShape":
        if minutes_of(self.from_) >= minutes_of(self.to):
            raise ValueError(f"the day ends ({self.to}) before it begins ({self.from_})")
        return self


class BreakGlassShape(Rule):
    """Who may open a gate alone."""

    roles: list[RoleName] = Field(min_length=1)


class MembersShape(Rule):
    """Who has a role beside those whose Person says so."""

    slack_user_groups: list[GroupName] = Field(default_factory=list)
    slack_users: list[SlackUser] = Field(default_factory=list)
    emails: list[Email] = Field(default_factory=list)


def members_of(shape: MembersShape) -> Members:
    """Make members."""
    return Members(
        groups=tuple(each.lstrip("@") for each in shape.slack_user_groups),
        users=tuple(shape.slack_users),
        emails=tuple(shape.emails),
    )


def requirements_of(shapes: Sequence[RequirementShape]) -> tuple[Requirement, ...]:
    """Make requirements; those of one role are one."""
    counts: dict[str, int] = {}
    for each in shapes:
        counts[each.role] = counts.get(each.role, 0) + each.count
    return tuple(Requirement(roles=(role,), count=count) for role, count in counts.items())


def reminders_of(shapes: Sequence[ReminderShape]) -> tuple[Reminder, ...]:
    """Make reminders."""
    return tuple(
        Reminder(
            after=parse_duration(each.after),
            to=Remind.ROLE if isinstance(each.to, Mapping) else Remind(each.to),
            role=each.to["role"] if isinstance(each.to, Mapping) else "",
        )
        for each in shapes
    )


def working_hours_of(shape: WorkingHoursShape | None) -> WorkingHours | None:
    """Make working hours, if there are any."""
    if shape is None:
        return None
    return WorkingHours(
        time_zone=shape.time_zone,
        days=tuple(sorted({day for each in shape.days for day in days_of(each)})),
        start=minutes_of(shape.from_),
        end=minutes_of(shape.to),
    )


def days_of(text: str) -> tuple[int, ...]:
    """Answer the days of `Mon` or `Mon..Fri`, 0 for Monday. Raises ValueError."""
    first, dots, last = text.partition("..")
    if first not in DAYS or (dots and last not in DAYS):
        raise ValueError(f"expected days such as Mon or Mon..Fri, found {text!r}")
    begin, end = DAYS.index(first), DAYS.index(last or first)
    return tuple(at % 7 for at in range(begin, end + 1 if end >= begin else end + 8))


def minutes_of(text: str) -> int:
    """Answer the minute of the day of `09:00`; `24:00` is its end. Raises ValueError."""
    hours, colon, minutes = text.partition(":")
    right = bool(colon) and len(hours) == len(minutes) == 2 and (hours + minutes).isdecimal()
    found = int(hours) * 60 + int(minutes) if right else -1
    if not 0 <= found <= 24 * 60 or int(minutes or 0) > 59:
        raise ValueError(f"expected a time of day such as 09:00, found {text!r}")
    return found


def roles_named(properties: Mapping[str, Any]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield the roles that unchecked properties name in `approvals` and `reminders`, each with its place."""
    for at, each in enumerate(_list(properties.get("approvals"))):
        if isinstance(each, Mapping) and isinstance(each.get("role"), str):
            yield ("approvals", at, "role"), each["role"]
    for at, each in enumerate(_list(properties.get("reminders"))):
        to = each.get("to") if isinstance(each, Mapping) else None
        if isinstance(to, Mapping) and isinstance(to.get("role"), str):
            yield ("reminders", at, "to", "role"), to["role"]


def _list(given: Any) -> list[Any]:
    return given if isinstance(given, list) else []
