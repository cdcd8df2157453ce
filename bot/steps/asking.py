"""What a step that asks for a yes can say of its approvals, and the gate that it makes of it."""

from pydantic import Field

from bot.catalog.approval_shapes import (
    ReminderShape,
    RequirementShape,
    reminders_of,
    requirements_of,
)
from bot.run.model import Gate
from bot.steps.contract import PropertyError
from bot.steps.parameters import Parameters


class AskingParameters(Parameters):
    """The part of a step's properties that is about who has to say yes."""

    approvers: list[str] = Field(default_factory=list)
    approvals: list[RequirementShape] = Field(default_factory=list)
    self_approval: bool | None = None
    reminders: list[ReminderShape] | None = None


def check_asking(found: AskingParameters, quorum: int = 1) -> None:
    """Raise PropertyError when it is said twice who has to say yes."""
    if found.approvals and (found.approvers or quorum > 1):
        raise PropertyError(("approvals",), "it stands in place of approvers and quorum; give one")


def gate_of(found: AskingParameters, message: str, quorum: int = 1) -> Gate:
    """Make a gate that asks for it."""
    return Gate(
        message=message,
        approvers=tuple(found.approvers),
        quorum=quorum,
        approvals=requirements_of(found.approvals),
        self_approval=found.self_approval,
        reminders=None if found.reminders is None else reminders_of(found.reminders),
    )
