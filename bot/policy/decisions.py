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
"""The role that may stop, pause, retry, restart, skip and unlock in every environment, and read the audit log."""


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
    LOCK = "lock"
    UNLOCK = "unlock"
    AUDIT = "audit"
    VIEW = "view"


VOTES: Final = frozenset({Action.APPROVE, Action.REJECT, Action.BREAK_GLASS, Action.SIGN})
"""What takes somebody's own judgement."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """The person may."""


def may(
    catalog: Catalog,
    person: Person,
    action: Action,
    environment: Environment,
    *,
    application: str = "",
    step_approvers: tuple[str, ...] = (),
) -> Allowed | Refusal:
    """Answer whether `person` may do `action` with `application` in `environment`, or who could.

    Without an application it is about the whole environment. `step_approvers` are the roles that a suspend step
    names for itself; they stand in place of all others. Everyone whom the catalog knows may look at everything,
    the audit log apart.
    """
    if action is Action.VIEW:
        return Allowed()
    if person.machine and action in VOTES and not _counts(action, environment):
        facts = {"name": person.name, "action": action.value, "environment": environment.name}
        return Refusal(code=Code.MACHINE_MAY_NOT_VOTE, facts=facts)
    roles = roles_for(action, environment, application=application, step_approvers=step_approvers)
    if set(roles) & set(person.roles):
        return Allowed()
    facts = {"action": action.value, "environment": environment.name, "roles": ", ".join(roles)}
    if environment.ruled(application) is not environment:
        facts["application"] = application
    return Refusal(
        code=Code.NOT_ALLOWED,
        facts=facts,
        who=tuple(each.name for each in catalog.with_role(roles)),
    )


def roles_for(
    action: Action,
    environment: Environment,
    *,
    application: str = "",
    step_approvers: tuple[str, ...] = (),
) -> tuple[str, ...]:
    """Answer the roles that may do `action` in `environment`, each once; none for what everyone may.

    The environment's first permission that names `application` holds in place of its own deployers and approvers.
    """
    deployers, approvers = _people(environment, application)
    match action:
        case Action.VIEW:
            return ()
        case Action.DEPLOY | Action.ROLLBACK | Action.LOCK:
            return _distinct(deployers)
        case Action.RETRY | Action.RESTART | Action.SKIP:
            return _distinct((*deployers, ADMIN))
        case Action.STOP | Action.PAUSE | Action.RESUME:
            return _distinct((*deployers, *approvers, ADMIN))
        case Action.BREAK_GLASS:
            return _distinct(environment.break_glass)
        case Action.APPROVE | Action.REJECT | Action.SIGN:
            return _distinct(step_approvers or approvers)
        case Action.UNLOCK:
            return _distinct((*approvers, ADMIN))
        case Action.AUDIT:
            return _distinct((*environment.auditors, ADMIN))


def _counts(action: Action, environment: Environment) -> bool:
    """Say whether a machine's vote counts: never in an emergency, and otherwise where the environment says so."""
    return environment.machine_approval and action in {Action.APPROVE, Action.REJECT}


def _people(environment: Environment, application: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Answer who deploys and who approves an application: by its rule, or as the environment says."""
    ruled = environment.ruled(application)
    return ruled.deployers, ruled.approvers


def _distinct(roles: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(roles))
