"""The shapes of an environment's rules: when nothing is delivered, and who may deliver which application.

What can be said of a rule by itself is said here, when its file is read; whether the names in it exist says `loader`.
"""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from bot.catalog.cron import check_cron, zone_of
from bot.catalog.durations import parse_duration
from bot.catalog.model import Freeze, Permission
from bot.catalog.shapes import Name, Shape, Text

LONGEST_REASON = 200
"""Characters of a freeze's reason: it is read on a phone, within a sentence."""


def _schedule(text: str) -> str:
    check_cron(text)
    return text


def _duration(text: str) -> str:
    parse_duration(text)
    return text


def _zone(name: str) -> str:
    zone_of(name)
    return name


def _moment(text: str) -> str:
    try:
        datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"expected a time such as 2026-12-24T18:00, found {text!r}") from error
    return text


Moment = Annotated[str, AfterValidator(_moment)]


class FreezeShape(Shape):
    """A time in which nothing is delivered: again and again by a schedule, or once."""

    name: Name
    schedule: Annotated[str, AfterValidator(_schedule)] | None = None
    duration: Annotated[str, AfterValidator(_duration)] | None = None
    from_: Moment | None = Field(default=None, alias="from")
    to: Moment | None = None
    time_zone: Annotated[str, AfterValidator(_zone)] = Field(default="UTC", alias="timeZone")
    reason: Annotated[Text, Field(max_length=LONGEST_REASON)] = ""
    passed_by: list[str] = Field(default_factory=list, alias="passedBy")
    allow_rollback: bool = Field(default=True, alias="allowRollback")

    @model_validator(mode="after")
    def _is_one_of_the_two(self) -> "FreezeShape":
        by_schedule = (self.schedule is not None, self.duration is not None)
        once = (self.from_ is not None, self.to is not None)
        if (all(by_schedule) and not any(once)) or (all(once) and not any(by_schedule)):
            self._ends_after_it_begins()
            return self
        raise ValueError("expected a schedule and a duration, or from and to")

    def _ends_after_it_begins(self) -> None:
        made = freeze(self)
        if made.start is not None and made.end is not None and made.end <= made.start:
            raise ValueError(f"expected to after from, found {self.from_} and {self.to}")


class PermissionShape(Shape):
    """Who may deploy and approve certain applications, in place of those who may in general."""

    applications: list[str] = Field(min_length=1)
    deployers: list[str] | None = None
    approvers: list[str] | None = None

    @model_validator(mode="after")
    def _says_something(self) -> "PermissionShape":
        if self.deployers is None and self.approvers is None:
            raise ValueError("expected deployers, approvers or both")
        return self


def freeze(shape: FreezeShape) -> Freeze:
    """Make a freeze of its shape, its times in UTC."""
    return Freeze(
        name=shape.name,
        reason=shape.reason.strip(),
        schedule=shape.schedule or "",
        duration=parse_duration(shape.duration) if shape.duration else 0.0,
        start=_utc(shape.from_, shape.time_zone),
        end=_utc(shape.to, shape.time_zone),
        time_zone=shape.time_zone,
        passed_by=tuple(shape.passed_by),
        allow_rollback=shape.allow_rollback,
    )


def permission(shape: PermissionShape) -> Permission:
    """Make a permission of its shape."""
    return Permission(
        applications=tuple(shape.applications),
        deployers=None if shape.deployers is None else tuple(shape.deployers),
        approvers=None if shape.approvers is None else tuple(shape.approvers),
    )


def _utc(text: str | None, zone: str) -> datetime | None:
    """Read a moment; one that says nothing of its zone is in `zone`."""
    if text is None:
        return None
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        found = found.replace(tzinfo=zone_of(zone))
    return found.astimezone(UTC)
