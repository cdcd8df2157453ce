"""Why something that was asked for is not done: a closed list of codes, each with the facts a person needs.

A refusal is a value. The words for it live in `bot.chat.presenters.refusals`, in English and Chinese.
"""

from dataclasses import dataclass
from enum import StrEnum


class Code(StrEnum):
    """What is in the way."""

    UNKNOWN_PERSON = "unknown_person"
    """Nobody in workflows/ has this identity. facts: identity."""
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
    """One run at a time for an (application, environment). facts: run, by."""
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
    NOTHING_SAID = "nothing_said"
    """No step has left a log. facts: run, step (may be empty)."""
    ALREADY_VOTED = "already_voted"
    """This person has said yes; others have to, too. facts: run, step."""
    WHICH_STEP = "which_step"
    """Several steps wait for an approval. facts: run, steps."""
    SELF_APPROVAL = "self_approval"
    """Whoever asked for a run may not approve it there. facts: run, step, environment."""
    TERMS_CHANGED = "terms_changed"
    """The answer was to what was asked under other rules. facts: run, step."""
    NO_VOTE = "no_vote"
    """There is no yes of this person to take back. facts: run, step."""
    EMERGENCY_REASON = "emergency_reason"
    """facts: run."""
    NOTHING_TO_SIGN = "nothing_to_sign"
    """Nothing was done in an emergency that nobody has signed. facts: run."""
    OWN_EMERGENCY = "own_emergency"
    """Someone else has to sign it. facts: run, step."""
    LOCKED = "locked"
    """facts: environment, application (empty: all), by, reason, until (ISO 8601, or empty), version. who: may unlock."""
    FROZEN = "frozen"
    """facts: environment, name, reason, until (ISO 8601, or empty), roles (that may pass). who: may pass."""
    NOT_LOCKED = "not_locked"
    """There is no lock to lift. facts: environment, application (empty: all), others (places that are locked there)."""
    UNKNOWN_NAME = "unknown_name"
    """No person of that name, and none in the audit log. facts: name, nearest, known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A code, its facts, and the people who could do it (names), where the code has any."""

    code: Code
    facts: dict[str, str]
    who: tuple[str, ...] = ()
