"""Whether a new run may come to an (application, environment) where others are, and who gives way to it. Pure.

As its environment is ruled: it waits in the line, takes the place of a deployment that waits there, or is refused.
A rollback stands at the head of the line and ends the deployments that wait in it, which would undo it.
"""

from collections.abc import Sequence
from datetime import datetime

from bot.catalog.model import Concurrency
from bot.policy.refusals import Code, Refusal
from bot.run.line import in_line
from bot.run.model import Run
from bot.run.ports import Latest


def busy(unfinished: Run) -> Refusal:
    """Refuse a run where another one of the same (application, environment) is in the way."""
    return Refusal(
        code=Code.RUN_UNFINISHED,
        facts={
            "run": unfinished.name,
            "by": unfinished.origin.person,
            "id": unfinished.id,
            "waits": "yes" if unfinished.waits else "",
        },
    )


def in_the_way(latest: Latest, now: datetime) -> Run | None:
    """Answer the run that is under way, or else the next one of the line."""
    return latest.unfinished or next(iter(in_line(latest.line, now)), None)


def fits_in(latest: Latest, rule: Concurrency, *, later: bool, now: datetime) -> Refusal | None:
    """Answer why no run may come now. One for `later` is not in the line yet."""
    other = None if later else in_the_way(latest, now)
    if rule is Concurrency.REFUSE and other is not None:
        return busy(other)
    return None


def giving_way(new: Run, latest: Latest, rule: Concurrency, now: datetime) -> Sequence[Run]:
    """Answer the deployments of the line that end because `new` comes; never one that has begun."""
    if new.at is not None and new.at > now:
        return ()
    if new.plan.rollback_to is None and rule is not Concurrency.REPLACE:
        return ()
    return [each for each in in_line(latest.line, now) if each.plan.rollback_to is None]


def why_it_gives_way(new: Run) -> str:
    """Say what becomes of those that give way, as it goes on after `was`."""
    if new.plan.rollback_to is not None:
        return f"overtaken by the rollback {new.name} of {new.origin.person}"
    return f"replaced by {new.name} of {new.origin.person}"
