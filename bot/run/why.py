"""Why something changes nothing in a run: reason codes, whose words live in presenters."""

from enum import StrEnum


class Why(StrEnum):
    """Why a stimulus changes nothing."""

    ENDED = "ended"
    """The run is over."""
    NOT_ENDED = "not_ended"
    """The run is not over, and nothing in it waits to be tried again."""
    OUTDATED = "outdated"
    """It speaks of an attempt that is no longer the present one."""
    ALREADY_DECIDED = "already_decided"
    """The step has its answer."""
    ALREADY_VOTED = "already_voted"
    """This person has said yes; someone else has to, too."""
    NOTHING_WAITING = "nothing_waiting"
    """No gate is open there, and nothing stands still."""
    ALREADY_SUSPENDED = "already_suspended"
    """The run stands still already."""
    NOTHING_DUE = "nothing_due"
    """No time has come."""
    NOT_FAILED = "not_failed"
    """Only a step that failed can be done again or skipped after its end."""
    NOT_RUNNING = "not_running"
    """Only a step that runs can be suspended or stopped."""
    NO_SUCH_STEP = "no_such_step"
    """The run has no step of that name."""
    AT_GATE = "at_gate"
    """The step is there for an approval, or something in it is; it takes an answer to pass it."""
