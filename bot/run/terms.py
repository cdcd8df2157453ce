"""What a yes at a gate is a yes to: the rules in force when it was asked, and all that the run does after it. Pure.

The terms stand at the step for as long as its gate is open. A yes names their digest; when the rules have changed,
the terms are others, and what was said to the old ones is void.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from bot.catalog.approving import Requirement
from bot.catalog.model import Environment
from bot.run.hours import moment
from bot.run.model import Alarm, Gate, Plan, Run, StepRun, Terms
from bot.run.quorum import outstanding

DIGITS = 16
"""Hexadecimal digits of a digest: it tells two things apart that one person was shown."""


def agreed_to(plan: Plan, terms: Terms, locked: str) -> dict[str, Any]:
    """Answer everything that a yes is about, as plain values: what runs, where, by which rules, and the lock there is."""
    return {
        "application": asdict(plan.application),
        "targets": [asdict(each) for each in plan.environment.targets],
        "steps": [asdict(each) for each in plan.workflow.steps],
        "requirements": [asdict(each) for each in terms.requirements],
        "selfApproval": terms.self_approval,
        "locked": locked,
    }


def terms_for(plan: Plan, gate: Gate, environment: Environment, locked: str = "") -> Terms:
    """Answer the terms of a gate under the rules of `environment`, which a step may replace.

    `locked` says by what the environment is locked, if it is.
    """
    terms = rules_for(gate, environment.ruled(plan.application.name), locked)
    written = json.dumps(agreed_to(plan, terms, locked), sort_keys=True, default=str)
    digest = hashlib.sha256(written.encode()).hexdigest()[:DIGITS]
    return Terms(
        requirements=terms.requirements,
        self_approval=terms.self_approval,
        locked=locked,
        digest=digest,
    )


def rules_for(gate: Gate, environment: Environment, locked: str = "") -> Terms:
    """Answer the terms of a gate without their digest, which takes longer than all the rest."""
    own = gate.self_approval
    return Terms(
        requirements=_requirements(gate, environment),
        self_approval=environment.self_approval if own is None else own,
        locked=locked,
    )


def terms_of(run: Run, step: StepRun) -> Terms:
    """Answer the terms that stand at a gate; one that an older Shipmate opened has those it was accepted under."""
    if step.terms is not None:
        return step.terms
    return terms_for(run.plan, step.gate or Gate(), run.plan.environment)


def still_needed(run: Run, step: StepRun) -> tuple[Requirement, ...]:
    """Say who still has to say yes at a gate."""
    return outstanding(terms_of(run, step).requirements, [each.roles for each in step.votes])


def alarms_for(gate: Gate, environment: Environment, now: datetime) -> tuple[Alarm, ...]:
    """Answer when people are reminded of a gate that opens `now`. Nobody is of one that the clock opens."""
    if gate.until is not None:
        return ()
    wanted = environment.reminders if gate.reminders is None else gate.reminders
    return tuple(
        Alarm(at=moment(now, each.after, environment.working_hours), to=each.to, role=each.role)
        for each in wanted
    )


def roles_in(requirements: Sequence[Requirement]) -> tuple[str, ...]:
    """Name the roles that may say yes or no, each once."""
    return tuple(dict.fromkeys(role for each in requirements for role in each.roles))


def people_in(requirements: Sequence[Requirement]) -> int:
    """Say how many people have to say yes."""
    return sum(each.count for each in requirements)


def _requirements(gate: Gate, environment: Environment) -> tuple[Requirement, ...]:
    """Answer a gate's own requirements, or the environment's; a quorum alone asks for more people, never for fewer."""
    if gate.approvals:
        return gate.approvals
    if gate.approvers or not environment.approvals:
        roles = gate.approvers or environment.approvers
        return (Requirement(roles=roles, count=gate.quorum),)
    more = gate.quorum - people_in(environment.approvals)
    if more <= 0:
        return environment.approvals
    return (*environment.approvals, Requirement(roles=environment.approvers, count=more))
