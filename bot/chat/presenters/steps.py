"""The steps of a run on its card: a line each, with what it waits for, how far it is, or why it failed."""

from collections.abc import Iterator

from bot.catalog.model import CLEAN_UP
from bot.chat.language import _, line, ngettext
from bot.chat.message import Icon, Line, Span, Time
from bot.chat.presenters.folding import QUIET, Folded, depth, folded
from bot.chat.presenters.kept import kept
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
from bot.wording import N_

INDENT = "    "
"""Before a sub-step, once for each group that it is in."""
MOST_PARTS = 6
"""Parts of a step that are shown, each with how far it is."""
LONGEST_NOTE = 80
"""Characters of the name of a part, and of its note."""
AFTER_TIMEOUT = {
    OnTimeout.FAIL: N_("unanswered it fails {when}"),
    OnTimeout.REJECT: N_("unanswered it is rejected {when}"),
    OnTimeout.CONTINUE: N_("unanswered it goes on {when}"),
}


def step_lines(run: Run) -> tuple[Line, ...]:
    """Answer the lines of a run's steps, at most as many as a card has room for."""
    steps = [each for each in run.steps if not _is_silent(each)]
    groups = {each.name: each for each in steps if each.group}
    made = {each.name: _step(run, each, INDENT * depth(each, groups)) for each in steps}
    chosen: Folded = folded(steps, lambda step: sum(_length(line) for line in made[step.name]))
    lines: list[Line] = []
    if chosen.done:
        said = ngettext("{n} more step done", "{n} more steps done", chosen.done)
        lines.append((Icon("done"), f" {said}"))
    for each in chosen.shown:
        lines += made[each.name]
    if chosen.under_way:
        said = ngettext(
            "{n} more step under way or failed",
            "{n} more steps under way or failed",
            chosen.under_way,
        )
        lines.append((Icon("running"), f" {said}"))
    if chosen.to_come:
        said = ngettext("{n} more step to come", "{n} more steps to come", chosen.to_come)
        lines.append((Icon("pending"), f" {said}"))
    return tuple(lines)


def _length(line: Line) -> int:
    return 1 + sum(len(plain(each)) for each in line)


def _is_silent(step: StepRun) -> bool:
    """Say whether a step is the one that ends every run, and has nothing to tell."""
    told = step.retrying or step.phase is StepPhase.FAILED or bool(step.message)
    return step.name == CLEAN_UP and (step.phase in QUIET or not told)


def _step(run: Run, step: StepRun, indent: str) -> list[Line]:
    icon = PHASE_ICONS[step.phase]
    if step.reason is Reason.TERMINATE:
        icon = "stopped"
    if step.retrying:
        icon = "warning"
    first: Line = (indent, Icon(icon), " ", short_title(run, step), *_when(step))
    if run.phase is RunPhase.FAILED and step.message == run.message:
        return [first]  # the outcome says why, and the icon where
    return [first, *_below(step, f"{indent}      ")]


def _when(step: StepRun) -> Iterator[Span]:
    """Say since when a step is where it is, how long it took, and who answered."""
    if step.phase in {StepPhase.SUCCEEDED, StepPhase.FAILED} and step.ended and step.first_started:
        yield f" · {lasted(step.ended - step.first_started)}"
    elif step.phase is StepPhase.RUNNING and not step.group and step.started:
        yield " · "
        yield from line("since {when}", when=Time(step.started))
    if step.failures > 0 and not step.phase.ended:
        yield f" · {_('try {number}', number=step.failures + 1)}"
    if step.decision is not None:
        verb, by = answered(step)
        yield f" · {verb.lower()}{by} "
        yield Time(step.decision.at)
    elif step.at_gate and step.deadline is not None and step.gate is not None:
        yield " · "
        yield from line(AFTER_TIMEOUT[step.gate.on_timeout], when=Time(step.deadline, dated=True))
    if step.phase is StepPhase.SKIPPED:
        skipped = _("skipped by {by}", by=step.skipped_by) if step.skipped_by else _("skipped")
        yield f" · {skipped}"


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
        why, at = brief(kept(step.message)), Time(step.wake_at)
        lines.append((space, *line("{why}; next try {when}", why=why, when=at)))
    elif (step.message and step.gate is None) or (
        step.message and step.phase is StepPhase.FAILED and step.decision is None
    ):
        lines.append((f"{space}{brief(kept(step.message))}",))
    return lines


def _progress(progress: tuple[Progress, ...]) -> Iterator[str]:
    """Say how far each part is; of many those that are not there yet, and how many are."""
    waiting = [each for each in progress if each.ready < each.wanted]
    shown = progress if len(progress) <= MOST_PARTS else tuple(waiting[:MOST_PARTS])
    for each in shown:
        note = f" · {cut(each.note, LONGEST_NOTE)}" if each.note else ""
        name, so_far = cut(each.name, LONGEST_NOTE), f"{each.ready}/{each.wanted}"
        yield f"{_('{part} {so_far} ready', part=name, so_far=so_far)}{note}"
    if len(shown) < len(progress):
        ready = len(progress) - len(waiting)
        yield _("{ready} of {all} are ready", ready=ready, all=len(progress))
