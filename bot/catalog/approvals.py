"""What is wrong with what files say of approvals: roles that nobody can have, and rules that say two things."""

from collections.abc import Iterator, Sequence

from bot.catalog.approval_shapes import roles_named
from bot.catalog.complaints import Complaint, complain, nearest
from bot.catalog.documents import Document, Path_
from bot.catalog.model import SUSPEND
from bot.catalog.schema import EnvironmentFile, StepShape, SubStepShape

ASKING = frozenset({SUSPEND, "deploy"})
"""Step types that name who may answer them."""


def check_approving(document: Document, environment: EnvironmentFile) -> Iterator[Complaint]:
    """Complain about an environment that says twice who approves."""
    if environment.spec.approvals and environment.spec.approvers:
        said = "approvals say who approves; leave approvers out"
        yield complain(document, ("spec", "approvers"), said)


def roles_of(environment: EnvironmentFile) -> Iterator[tuple[Path_, str]]:
    """Yield the roles that an environment names, each with its place."""
    spec = environment.spec
    for key, roles in (("deployers", spec.deployers), ("approvers", spec.approvers)):
        for at, role in enumerate(roles):
            yield (key, at), role
    for at, role in enumerate(spec.break_glass.roles if spec.break_glass else ()):
        yield ("breakGlass", "roles", at), role
    yield from roles_named(spec.model_dump(include={"approvals", "reminders"}))


def check_approvers(
    document: Document, path: Path_, steps: Sequence[StepShape], roles: Sequence[str]
) -> Iterator[Complaint]:
    """Complain about roles of approvers that nobody can have."""
    for here, step in _all(path, steps):
        if step.type not in ASKING:
            continue
        approvers = step.properties.get("approvers")
        given = approvers if isinstance(approvers, list) else []
        named: list[tuple[Path_, str]] = [
            (("approvers", at), role) for at, role in enumerate(given) if isinstance(role, str)
        ]
        for below, role in (*named, *roles_named(step.properties)):
            if role not in roles and "${{" not in role:
                said = f"there is no role {role}{nearest(role, roles)}"
                yield complain(document, (*here, "properties", *below), said)


def _all(path: Path_, steps: Sequence[StepShape]) -> Iterator[tuple[Path_, SubStepShape]]:
    for at, step in enumerate(steps):
        yield (*path, at), step
        for below, sub in enumerate(step.sub_steps):
            yield (*path, at, "subSteps", below), sub
