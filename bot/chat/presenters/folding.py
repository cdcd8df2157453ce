"""Chooses which steps of a run get a line on its card, so that a card of any run has room in a message. Pure.

What waits for a person comes first, then what failed or is tried again, what runs, what comes next, and what was
last. The group of a step that is shown is shown, too. What is left out is counted.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.run.model import StepPhase, StepRun

MOST_STEPS = 25
"""Steps with a line of their own."""
NEXT = 5
"""Steps to come that are shown before those that are over."""
ROOM = 5000
"""Characters of all lines together; Slack takes about 13,000 in a message, and a phone shows far less."""
CALM = frozenset({StepPhase.SUCCEEDED, StepPhase.SKIPPED, StepPhase.PENDING})
QUIET = frozenset({StepPhase.PENDING, StepPhase.SKIPPED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Folded:
    """The steps that are shown, in order, and how many are not: those that are over, under way, to come."""

    shown: tuple[StepRun, ...]
    done: int = 0
    under_way: int = 0
    to_come: int = 0


def folded(steps: Sequence[StepRun], length: Callable[[StepRun], int]) -> Folded:
    """Choose from `steps`; `length` is how many characters one takes."""
    parents = {each.name: at for at, each in enumerate(steps) if each.group}
    chosen: set[int] = set()
    room = ROOM
    for at in _by_importance(steps):
        wanted = {at, *_groups_of(steps[at], steps, parents)} - chosen
        needed = sum(length(steps[each]) for each in wanted)
        if len(chosen) + len(wanted) > MOST_STEPS or needed > room:
            continue
        chosen |= wanted
        room -= needed
    hidden = [each for at, each in enumerate(steps) if at not in chosen]
    to_come = sum(each.phase is StepPhase.PENDING for each in hidden)
    under_way = sum(each.phase not in CALM for each in hidden)
    return Folded(
        shown=tuple(steps[at] for at in sorted(chosen)),
        done=len(hidden) - to_come - under_way,
        under_way=under_way,
        to_come=to_come,
    )


def _by_importance(steps: Sequence[StepRun]) -> list[int]:
    """Answer the places of the steps, what matters most first."""
    coming = [at for at, each in enumerate(steps) if each.phase is StepPhase.PENDING]
    loud = [at for at, each in enumerate(steps) if each.phase not in CALM]
    loud.sort(key=lambda at: (not steps[at].at_gate, steps[at].phase is not StepPhase.FAILED, at))
    over = [
        at
        for at, each in enumerate(steps)
        if each.phase in CALM and each.phase is not StepPhase.PENDING
    ]
    return [*loud, *coming[:NEXT], *over[::-1], *coming[NEXT:]]


def depth(step: StepRun, groups: dict[str, StepRun]) -> int:
    """Answer how many groups a step is in; `groups` are those of the run by name."""
    found = 0
    while step.parent in groups and found < len(groups):
        step, found = groups[step.parent], found + 1
    return found


def _groups_of(step: StepRun, steps: Sequence[StepRun], parents: dict[str, int]) -> set[int]:
    found: set[int] = set()
    while step.parent in parents and parents[step.parent] not in found:
        at = parents[step.parent]
        found.add(at)
        step = steps[at]
    return found
