"""What files say of approvals: who has to say yes, who may go without, and when people are reminded. Frozen data."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """`count` different people, each with one of `roles`, have to say yes."""

    roles: tuple[str, ...]
    count: int = 1


class Remind(StrEnum):
    """Where people are reminded of an approval that nobody has given."""

    THREAD = "thread"
    DIRECT = "direct"
    ROLE = "role"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """After so many seconds of working time, those who are still asked are reminded; or those with `role` are told."""

    after: float
    to: Remind
    role: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingHours:
    """When time counts for reminders. `days` are 0 (Monday) to 6; `start` and `end` minutes of the day in `time_zone`."""

    time_zone: str
    days: tuple[int, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Members:
    """Who has a role beside those whose Person says so: Slack user groups (ids or handles), Slack users, emails."""

    groups: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
