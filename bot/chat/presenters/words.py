"""Small words that several presenters share: durations, names of runs and revisions, who and when."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal

from bot.catalog.model import Application, Catalog
from bot.chat.language import _, line, ngettext
from bot.chat.message import Code, Line, Link, Span, Time
from bot.run.model import Plan, Run, RunPhase, StepPhase, StepRun
from bot.run.terms import roles_in, still_needed, terms_of
from bot.wording import N_

PHASE_ICONS = {
    StepPhase.PENDING: "pending",
    StepPhase.RUNNING: "running",
    StepPhase.SUSPENDING: "waiting",
    StepPhase.SUCCEEDED: "done",
    StepPhase.FAILED: "failed",
    StepPhase.SKIPPED: "skipped",
}


def lasted(time: timedelta) -> str:
    """Say how long something took: `4 s`, `2 min 10 s`, `1 h 5 min`, `3 d 2 h`."""
    seconds = max(0, round(time.total_seconds()))
    if seconds < 60:
        return _("{seconds} s", seconds=seconds)
    minutes, rest = divmod(seconds, 60)
    if minutes < 60:
        if not rest:
            return _("{minutes} min", minutes=minutes)
        return _("{minutes} min {seconds} s", minutes=minutes, seconds=rest)
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        if not minutes:
            return _("{hours} h", hours=hours)
        return _("{hours} h {minutes} min", hours=hours, minutes=minutes)
    days, hours = divmod(hours, 24)
    return _("{days} d {hours} h", days=days, hours=hours) if hours else _("{days} d", days=days)


def moment(at: datetime) -> str:
    """Write a moment where a chat cannot show it in the reader's own zone."""
    return f"{at:%Y-%m-%d %H:%M} UTC"


BRIEF = 240
"""Characters of an error on a card: what a phone shows without scrolling. All of it stands in the thread."""


def brief(text: str) -> str:
    """Shorten an error for a card."""
    return cut(text, BRIEF)


def cut(text: str, longest: int) -> str:
    """Answer `text` with at most `longest` characters, and a sign where some are missing."""
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"


LONGEST_EXCERPT = 2400
"""Characters of preformatted lines in a message: what Slack's renderer shows whole."""
LONGEST_LINE = 400
HEAD = 3
"""The part of an excerpt, one in so many, that its first lines get: they say what it is about, the last ones why."""


def excerpt(lines: tuple[str, ...]) -> str:
    """Answer lines as one text that a message has room for: of too many, the first and above all the last."""
    short = [
        each if len(each) <= LONGEST_LINE else f"{each[: LONGEST_LINE - 1]}…"
        for line in lines
        for each in line.splitlines() or [""]
    ]
    if _length(short) <= LONGEST_EXCERPT:
        return "\n".join(short)
    room = LONGEST_EXCERPT - len(_left_out(len(short))) - 1
    head = _first(short, room // HEAD)
    tail = _first(short[::-1], room - _length(head))[::-1]
    left_out = len(short) - len(head) - len(tail)
    return "\n".join([*head, _left_out(left_out), *tail])


def _left_out(lines: int) -> str:
    return ngettext("… {n} line left out …", "… {n} lines left out …", lines)


def _first(lines: list[str], room: int) -> list[str]:
    """Answer as many lines from the beginning as there is room for."""
    for at in range(len(lines)):
        room -= len(lines[at]) + 1
        if room < 0:
            return lines[:at]
    return lines


def _length(lines: list[str]) -> int:
    return sum(len(each) + 1 for each in lines)


def title_of(run: Run, step: str) -> str:
    """Answer what people call a step or sub-step of a run."""
    for each in run.plan.workflow.steps:
        for found in (each, *each.sub_steps):
            if found.name == step:
                return found.title
    return step


LONGEST_TITLE = 80
"""Characters of a step's title on a card: two lines on a phone."""


def short_title(run: Run, step: StepRun) -> str:
    """Answer what people call a step, cut for a card."""
    return cut(title_of(run, step.name), LONGEST_TITLE)


def delivered(plan: Plan, most: int = 100) -> tuple[Span, ...]:
    """Say what a plan delivers: its version, or its images, at most so many of them by name."""
    if plan.version:
        return (Code(plan.version),)
    images = plan.images
    spans: list[Span] = []
    for name, image in list(images.items())[:most]:
        spans += [", " if spans else "", f"{name} ", Code(cut(image.rpartition("/")[2], 80))]
    if len(images) > most:
        more = len(images) - most
        return line("{images} and {more} more", images=tuple(spans), more=more)
    return tuple(spans) or (_("no image"),)


def commit_link(application: Application, commit: str) -> Span:
    """Answer a commit, short, with a link where the application says where its code is."""
    short = commit[:7]
    if application.repository:
        return Link(f"{application.repository}/commit/{commit}", short)
    return Code(short)


PHASES = {
    RunPhase.INITIALIZING: N_("not begun"),
    RunPhase.EXECUTING: N_("running"),
    RunPhase.SUSPENDING: N_("waiting"),
    RunPhase.SUCCEEDED: N_("succeeded"),
    RunPhase.FAILED: N_("failed"),
    RunPhase.TERMINATED: N_("terminated"),
}
"""What people call the phases; KubeVela has longer words for the first."""


STEP_PHASES = {
    StepPhase.PENDING: N_("pending"),
    StepPhase.RUNNING: N_("running"),
    StepPhase.SUSPENDING: N_("suspending"),
    StepPhase.SUCCEEDED: N_("succeeded"),
    StepPhase.FAILED: N_("failed"),
    StepPhase.SKIPPED: N_("skipped"),
}
"""What people call the phases of a step."""


def phase_of(run: Run) -> str:
    """Say where a run is, in one word."""
    return _(PHASES[run.phase])


def with_commands(text: str) -> Line:
    """Answer a sentence in which what stands between backticks can be typed."""
    parts = text.split("`")
    return tuple(Code(part) if at % 2 else part for at, part in enumerate(parts) if part)


def names(people: tuple[str, ...], last: Literal["or", "and"] = "or") -> str:
    """Write names as people do: `sre`, `sre or sre2`, `a, b or c`."""
    if len(people) < 2:
        return "".join(people)
    first = _(", ").join(people[:-1])
    if last == "or":
        return _("{first} or {last}", first=first, last=people[-1])
    return _("{first} and {last}", first=first, last=people[-1])


def approvers(catalog: Catalog, run: Run, step: StepRun) -> tuple[str, ...]:
    """Name the people whose yes a gate still needs."""
    given = {each.by for each in step.votes}
    if not terms_of(run, step).self_approval:
        given.update(run.owners)
    people = catalog.with_role(roles_in(still_needed(run, step)))
    return tuple(each.name for each in people if each.name not in given)


def passed(keys: Iterable[str]) -> str:
    """Say which locks and freezes let something through: `passes the freeze weekend`; empty when there was none."""
    named = [
        _("the lock of {name}", name=name) if kind == "lock" else _("the freeze {name}", name=name)
        for kind, __, name in (each.partition(":") for each in keys)
    ]
    return _("passes {what}", what=names(tuple(named), "and")) if named else ""


def answered(step: StepRun) -> tuple[str, str]:
    """Say what a gate's answer was, and whose: `Approved`, ` by sre and sre2`; or that there was none in time."""
    decision = step.decision
    assert decision is not None, "only a gate that was answered is asked for"
    verb = _("Approved") if decision.approved else _("Rejected")
    if decision.via == "clock":
        return _("Went on") if decision.approved else verb, _(" as nobody answered in time")
    if decision.emergency:
        return verb, _(" in an emergency by {name}", name=decision.by)
    people = tuple(each.by for each in step.votes) if decision.approved else ()
    through = passed(dict.fromkeys(key for each in (*step.votes, decision) for key in each.passed))
    who = names(people or (decision.by,), "and")
    if through:
        return verb, _(" by {names} ({passing})", names=who, passing=through)
    return verb, _(" by {names}", names=who)


def gates(run: Run) -> tuple[StepRun, ...]:
    """List the steps at whose gates the run waits, in order."""
    return tuple(each for each in run.steps if each.at_gate)


def joined(*parts: Line) -> Line:
    """Put parts of a line together with a dot between."""
    spans: list[Span] = []
    for part in parts:
        if part:
            spans += [" · ", *part] if spans else [*part]
    return tuple(spans)


def plain(span: Span) -> str:
    """Answer a span as text without markup."""
    if isinstance(span, str):
        return span
    if isinstance(span, Time):
        return f"{span.at:%Y-%m-%d %H:%M} UTC"
    return getattr(span, "text", "")
