"""Why something that was asked for is not done: a closed list of codes, each with the facts a person needs.

A refusal is a value. The words for it live in `bot.chat.presenters.refusals`, in English and Chinese.
"""

from dataclasses import dataclass
from enum import StrEnum


class Code(StrEnum):
    """What is in the way."""

    UNKNOWN_PERSON = "unknown_person"
    """Nobody in workflows/ has this identity. facts: identity."""
    PERSON_GONE = "person_gone"
    """Who asked for it is no longer among the people of workflows/. facts: name."""
    NOT_ALLOWED = "not_allowed"
    """facts: action, environment, roles (that may)."""
    UNKNOWN_APPLICATION = "unknown_application"
    UNKNOWN_ENVIRONMENT = "unknown_environment"
    UNKNOWN_COMPONENT = "unknown_component"
    UNKNOWN_STEP = "unknown_step"
    """facts of the four: name, nearest (comma-separated, may be empty), known."""
    UNKNOWN_RUN = "unknown_run"
    """facts: name."""
    UNKNOWN_REVISION = "unknown_revision"
    """facts: name, newest (`v7`, or empty when there is none)."""
    VERSION_MISSING = "version_missing"
    """Components are built by the application, nothing was ever delivered and no version was given. facts: components."""
    VERSION_UNUSED = "version_unused"
    """A version was given and no component is built by the application. facts: application."""
    RUN_UNFINISHED = "run_unfinished"
    """One run at a time for an (application, environment). facts: run, by, id (of the run), waits (`yes`: it is next)."""
    RUN_ENDED = "run_ended"
    """facts: run, phase."""
    NOTHING_WAITING = "nothing_waiting"
    """No step of the run waits for an approval. facts: run."""
    ALREADY_DECIDED = "already_decided"
    """facts: run, step, verdict (approved/rejected), by, at (ISO 8601), reason."""
    BUTTON_OUTDATED = "button_outdated"
    """The button belongs to an earlier attempt or state. facts: run."""
    NOTHING_TO_COMPARE = "nothing_to_compare"
    """There are not two revisions yet. facts: application, environment."""
    NOTHING_TO_ROLL_BACK = "nothing_to_roll_back"
    """No revision to go back to. facts: application, environment."""
    ALREADY_IN_FORCE = "already_in_force"
    """The revision asked for is the one in force. facts: revision."""
    PLAN_CHANGED = "plan_changed"
    """What was confirmed is no longer what would happen. facts: application, environment."""
    NOT_FAILED = "not_failed"
    """Only what failed can be retried, or skipped after its end. facts: run, step (may be empty)."""
    RUN_UNDER_WAY = "run_under_way"
    """The run goes on by itself; there is nothing to retry yet. facts: run."""
    NOT_PAUSED = "not_paused"
    """facts: run."""
    ALREADY_PAUSED = "already_paused"
    """facts: run."""
    STEP_NOT_RUNNING = "step_not_running"
    """facts: run, step."""
    AT_GATE = "at_gate"
    """A step that waits for an approval cannot be skipped. facts: run, step."""
    ALREADY_VOTED = "already_voted"
    """This person has said yes; others have to, too. facts: run, step."""
    WHICH_STEP = "which_step"
    """Several steps wait for an approval. facts: run, steps."""
    REASON_MISSING = "reason_missing"
    """facts: run, step."""
    RUN_WAITS = "run_waits"
    """The run waits for its turn: it can be stopped and nothing else. facts: run."""
    NEVER_BEGUN = "never_begun"
    """The run left the line without having begun: there is nothing to do again. facts: run."""
    TIME_PAST = "time_past"
    """The moment that was asked for is over. facts: time, zone, now (`18:05`), instead (what to write for the next one)."""
    TIME_UNKNOWN = "time_unknown"
    """facts: time, and zone where that is what is not known."""
    SAME_ENVIRONMENT = "same_environment"
    """Something was to be promoted to where it is. facts: environment."""
    NOTHING_TO_PROMOTE = "nothing_to_promote"
    """facts: application, environment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A code, its facts, and the people who could do it (names), where the code has any."""

    code: Code
    facts: dict[str, str]
    who: tuple[str, ...] = ()
