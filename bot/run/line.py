"""The line of those who wait for their turn: who is next, who stands where, and what becomes of who leaves it. Pure.

One run at a time delivers an application to an environment. A rollback stands before everything else; the others
stand in the order in which they joined: when they were accepted, or at the moment that was asked for.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from bot.events import PersonName, RunStopped, RunTerminated, TurnRefused
from bot.run.draft import Draft, skip
from bot.run.model import Run, RunPhase
from bot.run.stimuli import (
    Began,
    Declined,
    GaveWay,
    RestartAsked,
    RetryAsked,
    SkipAsked,
    Stimulus,
    StopAsked,
)
from bot.run.why import Why

NEVER = "the run never began"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a run that waits stands."""

    place: int
    """1: it is next; 0: it is not in the line before its moment has come."""
    after: Run | None = None
    """The run right before it: the one under way, or one that waits, too."""
    hold: str = ""
    """What keeps it waiting although its turn has come or may come: a sentence without its full stop."""

    @property
    def is_up(self) -> bool:
        """Whether nothing is before it any more: it begins at once."""
        return self.place == 1 and self.after is None and not self.hold


def in_line(waiting: Iterable[Run], now: datetime) -> tuple[Run, ...]:
    """Answer those of the waiting whose moment has come, the next one first."""
    here = [each for each in waiting if each.at is None or each.at <= now]
    return tuple(sorted(here, key=_order))


def standing(
    run: Run, under_way: Run | None, waiting: Iterable[Run], now: datetime, *, hold: str = ""
) -> Standing:
    """Answer where `run`, which waits, stands at the time `now`."""
    line = [each for each in in_line(waiting, now) if each.waits]
    place = next((at for at, each in enumerate(line, 1) if each.id == run.id), 0)
    if not place:
        return Standing(place=0)
    return Standing(place=place, after=line[place - 2] if place > 1 else under_way, hold=hold)


def unfit(run: Run, stimulus: Stimulus) -> Why | None:
    """Answer why something cannot happen to a run because of the line: one that has not begun can begin, or leave it."""
    about_turns = isinstance(stimulus, Began | Declined | GaveWay)
    if run.waits:
        leaves = isinstance(stimulus, StopAsked) and not stimulus.step
        return None if about_turns or leaves else Why.NOT_BEGUN
    if about_turns:
        return Why.ENDED if run.phase.ended else Why.OUTDATED
    if run.unbegun and isinstance(stimulus, RetryAsked | RestartAsked | SkipAsked):
        return Why.NEVER_BEGUN
    return None


def leave(draft: Draft, stimulus: StopAsked | GaveWay | Declined) -> None:
    """Let a run be over that has not begun: nothing of it was done, handlers of failures included."""
    for each in draft.run.plan.workflow.steps:
        skip(draft, draft.steps[each.name], NEVER)
    over = replace(draft.run, ended=draft.now, unbegun=True)
    match stimulus:
        case StopAsked():
            reason = f": {stimulus.reason}" if stimulus.reason else ""
            draft.tell(RunStopped(at=draft.now, by=stimulus.by, reason=stimulus.reason))
            draft.run = _terminated(draft, over, stimulus.by, f"stopped by {stimulus.by}{reason}")
        case GaveWay():
            draft.run = _terminated(draft, over, stimulus.by, stimulus.reason)
        case Declined():
            draft.run = replace(over, phase=RunPhase.FAILED, refused=stimulus.refused)
            why = stimulus.refused
            draft.tell(TurnRefused(at=draft.now, code=why.code, facts=dict(why.facts), who=why.who))


def _terminated(draft: Draft, run: Run, by: PersonName, said: str) -> Run:
    draft.tell(RunTerminated(at=draft.now, by=by, reason=said))
    return replace(run, phase=RunPhase.TERMINATED, terminated=True, ended_by=by, message=said)


def _order(run: Run) -> tuple[bool, datetime, int]:
    return (run.plan.rollback_to is None, run.at or run.created, run.number)
