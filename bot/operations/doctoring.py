"""Trying out everything that is configured, for administrators: what `shipmate doctor` tells on the command line."""

from bot.operations.desk import Desk, Visitor
from bot.operations.results import Examined
from bot.policy.decisions import ADMIN
from bot.policy.refusals import Code, Refusal

ACTION = "doctor"


async def examine(desk: Desk, visitor: Visitor) -> Examined | Refusal:
    """Try out everything and answer what was found. Nothing is posted or changed by it."""
    if ADMIN not in visitor.person.roles:
        who = tuple(each.name for each in desk.catalog().with_role((ADMIN,)))
        facts = {"action": ACTION, "environment": "", "roles": ADMIN}
        return Refusal(code=Code.NOT_ALLOWED, facts=facts, who=who)
    return Examined(findings=tuple(await desk.examine()))
