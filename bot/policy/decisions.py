"""Who may do what where: one pure function over facts, the only place where permission is decided.

Typed commands, buttons, forms and the clock all come through it. It answers a code with the roles and the
names of those who could; it finds no words and knows no chat. Approving is nobody's by rank: an
administrator may stop and retry everywhere, and approve only with an approver's role.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.catalog.model import Catalog, Environment, Person
from bot.policy.refusals import Code, Refusal

ADMIN: Final = "admin"
"""The role that may stop, pause, retry, restart and skip in every environment."""


class Action(StrEnum):
    """What a person may be allowed to do in an environment."""

    DEPLOY = "deploy"
    ROLLBACK = "rollback"
    STOP = "stop"
    RETRY = "retry"
    RESTART = "restart"
    SKIP = "skip"
    PAUSE = "pause"
    RESUME = "resume"
    APPROVE = "approve"
    REJECT = "reject"
    BREAK_GLASS = "approve by emergency"
    SIGN = "sign"
    VIEW = "view"


@dataclass(frozen=True, slots=True)
class Allowed:
    """The person may."""


def may(
    catalog: Catalog,
    person: Person,
    action: Action,
    environment: Environment,
    *,
    step_approvers: tuple[str, ...] = (),
) -> Allowed | Refusal:
    """Answer whether `person` may do `action` in `environment`, or who could.

    `step_approvers` are the roles that a suspend step names for itself; they stand in place of the
    environment's. Everyone whom the catalog knows may look at everything.
    """
    if action is Action.VIEW:
        return Allowed()
    roles = roles_for(action, environment, step_approvers=step_approvers)
    if set(roles) & set(person.roles):
        return Allowed()
    return Refusal(
        code=Code.NOT_ALLOWED,
        facts={
            "action": action.value,
            "environment": environment.name,
            "roles": ", ".join(roles),
        },
        who=tuple(each.name for each in catalog.with_role(roles)),
    )


def roles_for(
    action: Action, environment: Environment, *, step_approvers: tuple[str, ...] = ()
) -> tuple[str, ...]:
    """Answer the roles that may do `action` in `environment`, each once; none for what everyone may."""
    match action:
        case Action.VIEW:
            return ()
        case Action.DEPLOY | Action.ROLLBACK:
            return _distinct(environment.deployers)
        case Action.RETRY | Action.RESTART | Action.SKIP:
            return _distinct((*environment.deployers, ADMIN))
        case Action.STOP | Action.PAUSE | Action.RESUME:
            return _distinct((*environment.deployers, *environment.approvers, ADMIN))
        case Action.BREAK_GLASS:
            return _distinct(environment.break_glass)
        case Action.APPROVE | Action.REJECT | Action.SIGN:
            return _distinct(step_approvers or environment.approvers)


def _distinct(roles: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(roles))
