"""What operations answer, as HTTP: a status and a body. Words come from whoever has them."""

from collections.abc import Callable

from bot.policy.refusals import Code, Refusal
from bot.web.problems import Problem

Sentence = Callable[[Refusal], str]
"""Says why something was not done, in plain text."""

STATUS = {
    Code.UNKNOWN_PERSON: 403,
    Code.PERSON_GONE: 403,
    Code.NOT_ALLOWED: 403,
    Code.SELF_APPROVAL: 403,
    Code.MACHINE_MAY_NOT_VOTE: 403,
    Code.TRIGGER_MAY_NOT: 403,
    Code.UNKNOWN_APPLICATION: 404,
    Code.UNKNOWN_ENVIRONMENT: 404,
    Code.UNKNOWN_RUN: 404,
    Code.UNKNOWN_REVISION: 404,
    Code.RUN_NOT_KEPT: 410,
    Code.REVISION_NOT_KEPT: 410,
    Code.UNKNOWN_COMPONENT: 400,
    Code.UNKNOWN_STEP: 400,
    Code.UNKNOWN_NAME: 400,
    Code.VERSION_MISSING: 400,
    Code.VERSION_UNUSED: 400,
    Code.TIME_PAST: 400,
    Code.TIME_UNKNOWN: 400,
    Code.SAME_ENVIRONMENT: 400,
    Code.EMERGENCY_REASON: 400,
}
"""What is refused for another reason is in conflict with how things are: 409."""


def problem_of(refused: Refusal, sentence: Sentence) -> Problem:
    """Answer a refusal as HTTP has it."""
    if refused.code is Code.RUN_NOT_KEPT and "id" in refused.facts:
        # A button was given its id by us; a program may say anything, and nobody knows whether it was there.
        refused = Refusal(code=Code.UNKNOWN_RUN, facts={"name": f"run:{refused.facts['id']}"})
    return Problem(
        STATUS.get(refused.code, 409),
        refused.code.value,
        sentence(refused),
        who=refused.who,
        facts=refused.facts,
    )
