"""What someone may do, and what to say to those who may not."""

from bot.chat.language import _, one_after_the_other
from bot.chat.presenters.lists import either
from bot.operations import doctoring
from bot.operations.auditing import ANYWHERE
from bot.policy.decisions import Action
from bot.wording import N_

Facts = dict[str, str]

ACTIONS: dict[str, str] = {
    Action.DEPLOY: N_("deploy"),
    Action.ROLLBACK: N_("roll back"),
    Action.STOP: N_("stop"),
    Action.RETRY: N_("retry"),
    Action.RESTART: N_("restart"),
    Action.SKIP: N_("skip"),
    Action.PAUSE: N_("pause"),
    Action.RESUME: N_("resume"),
    Action.APPROVE: N_("approve"),
    Action.REJECT: N_("reject"),
    Action.BREAK_GLASS: N_("approve by emergency"),
    Action.SIGN: N_("sign"),
    Action.LOCK: N_("lock"),
    Action.UNLOCK: N_("unlock"),
    Action.AUDIT: N_("read the audit log"),
    Action.VIEW: N_("view"),
}
"""What people call what can be allowed to them."""


def called(action: str) -> str:
    """Answer what people call an action of `bot.policy.decisions`."""
    return _(ACTIONS.get(action, action.replace("_", " ")))


def not_allowed(facts: Facts) -> str:
    """Say what someone may not do, and which role it takes."""
    return one_after_the_other(_may_not(facts), roles(facts))


def _may_not(facts: Facts) -> str:
    action, environment = called(facts["action"]), facts["environment"]
    application, person = facts.get("application", ""), facts.get("person", "")
    if facts["action"] == Action.AUDIT:
        if environment == ANYWHERE:
            return _("You may not read the audit log of any environment.")
        return _("You may not read the audit log of {environment}.", environment=environment)
    if facts["action"] == doctoring.ACTION:
        return _("You may not have all of Shipmate examined.")
    if person and application:
        return _(
            "{person} may not {action} {application} in {environment}.",
            person=person,
            action=action,
            application=application,
            environment=environment,
        )
    if person:
        return _(
            "{person} may not {action} in {environment}.",
            person=person,
            action=action,
            environment=environment,
        )
    if application:
        return _(
            "You may not {action} {application} in {environment}.",
            action=action,
            application=application,
            environment=environment,
        )
    if facts["action"] in {Action.LOCK, Action.UNLOCK}:
        return _("You may not {action} {place}.", action=action, place=environment)
    return _("You may not {action} in {environment}.", action=action, environment=environment)


def parted(fact: str) -> list[str]:
    """Answer the names that a fact lists with commas."""
    return [each.strip() for each in fact.split(",")] if fact else []


def roles(facts: Facts) -> str:
    """Say which roles it takes; empty where there are none."""
    found = either(parted(facts.get("roles", "")))
    return _("That takes the role {roles}.", roles=found) if found else ""
