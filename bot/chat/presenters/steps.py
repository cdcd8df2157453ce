"""The steps of a run on its card: a line each, with what it waits for, how far it is, or why it failed."""

from collections.abc import Iterator

from bot.catalog.model import CLEAN_UP
from bot.chat.message import Icon, Line, Span, Time
from bot.chat.presenters.folding import QUIET, Folded, depth, folded
from bot.chat.presenters.words import (
    PHASE_ICONS,
    answered,
    brief,
    cut,
    lasted,
    plain,
    short_title,
)
from bot.run.model import OnTimeout, Progress, Reason, Run, RunPhase, StepPhase, StepRun

INDENT = "    "
"""Before a sub-step, once for each group that it is in."""
MOST_PARTS = 6
"""Parts of a step that are shown, each with how far it is."""
LONGEST_NOTE = 80
"""Characters of the name of a part, and of its note."""
AFTER_TIMEOUT = {
    OnTimeout.FAIL: "unanswered it fails",
    OnTimeout.REJECT: "unanswered it is rejected",
    OnTimeout.CONTINUE: "unanswered it goes on",
}


def step_lines(run: Run) -> tuple[Line, ...]:
    """Answer the lines of a run's steps, at most as many as a card has room for."""
    steps = [each for each in run.steps if not _is_silent(each)]
    groups = {each.name: each for each in steps if each.group}
    made = {each.name: _step(run, each, INDENT * depth(each, groups)) for each in steps}
    chosen: Folded = folded(steps, lambda step: sum(_length(line) for line in made[step.name]))
    lines: list[Line] = []
    if chosen.done:
        lines.append((Icon("done"), f" {_counted(chosen.done)} done"))
    for each in chosen.shown:
        lines += made[each.name]
    if chosen.under_way:
        lines.append((Icon("running"), f" {_counted(chosen.under_way)} under way or failed"))
    if chosen.to_come:
        lines.append((Icon("pending"), f" {_counted(chosen.to_come)} to come"))
    return tuple(lines)


def _length(line: Line) -> int:
    return 1 + sum(len(plain(each)) for each in line)


def _is_silent(step: StepRun) -> bool:
    """Say whether a step is the one that ends every run, and has nothing to tell."""
    told = step.retrying or step.phase is StepPhase.FAILED or bool(step.message)
    return step.name == CLEAN_UP and (step.phase in QUIET or not told)


def _counted(steps: int) -> str:
    return f"{steps} more {'step' if steps == 1 else 'steps'}"


def _step(run: Run, step: StepRun, indent: str) -> list[Line]:
    icon = PHASE_ICONS[step.phase]
    if step.reason is Reason.TERMINATE:
        icon = "stopped"
    if step.retrying:
        icon = "warning"
    line: list[Span] = [indent, Icon(icon), " ", short_title(run, step), *_when(step)]
    if run.phase is RunPhase.FAILED and step.message == run.message:
        return [tuple(line)]  # the outcome says why, and the icon where
    return [tuple(line), *_below(step, f"{indent}      ")]


def _when(step: StepRun) -> Iterator[Span]:
    """Say since when a step is where it is, how long it took, and who answered."""
    if step.phase in {StepPhase.SUCCEEDED, StepPhase.FAILED} and step.ended and step.first_started:
        yield f" · {lasted(step.ended - step.first_started)}"
    elif step.phase is StepPhase.RUNNING and not step.group and step.started:
        yield " · since "
        yield Time(step.started)
    if step.failures > 0 and not step.phase.ended:
        yield f" · try {step.failures + 1}"
    if step.decision is not None:
        verb, by = answered(step)
        yield f" · {verb.lower()}{by} "
        yield Time(step.decision.at)
    elif step.at_gate and step.deadline is not None and step.gate is not None:
        yield f" · {AFTER_TIMEOUT[step.gate.on_timeout]} "
        yield Time(step.deadline, dated=True)
    if step.phase is StepPhase.SKIPPED:
        yield f" · skipped by {step.skipped_by}" if step.skipped_by else " · skipped"


def _below(step: StepRun, space: str) -> list[Line]:
    """Say under a step how far it is, what it said, or why it is not done."""
    if step.phase in {StepPhase.PENDING, StepPhase.SKIPPED} or step.group:
        return []
    lines: list[Line] = []
    if step.phase is StepPhase.RUNNING:
        lines += [(f"{space}{each}",) for each in _progress(step.progress)]
    if step.at_gate and step.gate is not None and step.gate.message:
        lines.append((f"{space}{brief(step.gate.message)}",))
    if step.retrying and step.wake_at:
        lines.append((f"{space}{brief(step.message)}; next try ", Time(step.wake_at)))
    elif (step.message and step.gate is None) or (
        step.message and step.phase is StepPhase.FAILED and step.decision is None
    ):
        lines.append((f"{space}{brief(step.message)}",))
    return lines


def _progress(progress: tuple[Progress, ...]) -> Iterator[str]:
    """Say how far each part is; of many those that are not there yet, and how many are."""
    waiting = [each for each in progress if each.ready < each.wanted]
    shown = progress if len(progress) <= MOST_PARTS else tuple(waiting[:MOST_PARTS])
    for each in shown:
        note = f" · {cut(each.note, LONGEST_NOTE)}" if each.note else ""
        yield f"{cut(each.name, LONGEST_NOTE)} {each.ready}/{each.wanted} ready{note}"
    if len(shown) < len(progress):
        yield f"{len(progress) - len(waiting)} of {len(progress)} are ready"
