"""What the API shows of runs and revisions: what a program needs, and no property of a component, which may be secret."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from bot.catalog.approving import Requirement
from bot.run.model import Decision, Plan, Revision, Run, StepRun
from bot.run.terms import still_needed, terms_of


class Shape(BaseModel):
    """Base of what is answered."""

    model_config = ConfigDict(extra="forbid")


class CodeShape(Shape):
    """The commit that is delivered."""

    commit: str = ""
    branch: str = ""
    author: str = ""
    message: str = ""
    url: str = Field(
        default="", description="Where it can be looked at, if the application says so."
    )


class NeedShape(Shape):
    """So many more people, each with one of these roles."""

    count: int
    roles: list[str]


class VoteShape(Shape):
    """Somebody's yes or no."""

    by: str
    at: datetime
    approved: bool
    reason: str = ""
    via: str = ""


class GateShape(Shape):
    """What a step asks for."""

    message: str = ""
    open: bool = Field(description="Whether it waits for an answer now.")
    shown: str = Field(description="The digest of what an answer is to: give it with the answer.")
    until: datetime | None = Field(default=None, description="When it opens by itself.")
    votes: list[VoteShape] = Field(default_factory=list)
    needs: list[NeedShape] = Field(default_factory=list, description="Who still has to say yes.")
    decision: VoteShape | None = None


class StepShape(Shape):
    """One step of a run."""

    name: str
    type: str
    title: str
    parent: str = ""
    phase: str
    reason: str = ""
    message: str = ""
    attempt: int = 0
    started: datetime | None = None
    ended: datetime | None = None
    gate: GateShape | None = None


class RunShape(Shape):
    """One run."""

    id: str
    name: str = Field(description="What people call it: shop/prod#17.")
    application: str
    environment: str
    number: int
    phase: str
    ended: bool
    message: str = ""
    version: str = ""
    images: dict[str, str] = Field(default_factory=dict)
    code: CodeShape = Field(default_factory=CodeShape)
    note: str = ""
    by: str
    via: str
    created: datetime
    at: datetime | None = Field(default=None, description="When it is to begin, if that is later.")
    began: datetime | None = None
    finished: datetime | None = None
    revision: int | None = Field(default=None, description="What it raised.")
    rollback_to: int | None = None
    promoted_from: str = ""
    steps: list[StepShape] = Field(default_factory=list)


class RevisionShape(Shape):
    """One revision."""

    number: int
    name: str
    run: str = Field(description="The run that raised it: shop/prod#17.")
    version: str = ""
    images: dict[str, str] = Field(default_factory=dict)
    code: CodeShape = Field(default_factory=CodeShape)
    note: str = ""
    by: str
    at: datetime
    seconds: float
    rollback_to: int | None = None
    promoted_from: str = ""


def code_shape(plan: Plan) -> CodeShape:
    """Show the commit of a plan."""
    home = plan.application.repository
    code = plan.code
    return CodeShape(
        commit=plan.commit,
        branch=code.branch if code else "",
        author=code.author if code else "",
        message=code.message if code else "",
        url=f"{home}/commit/{plan.commit}" if home and plan.commit else "",
    )


def run_shape(run: Run) -> RunShape:
    """Show a run."""
    plan = run.plan
    types = {
        found.name: (found.type, found.title)
        for each in plan.workflow.steps
        for found in (each, *each.sub_steps)
    }
    return RunShape(
        id=run.id,
        name=run.name,
        application=run.application,
        environment=run.environment,
        number=run.number,
        phase=run.phase.value,
        ended=run.phase.ended,
        message=run.message,
        version=plan.version,
        images=plan.images,
        code=code_shape(plan),
        note=plan.note,
        by=run.origin.person,
        via=f"{run.origin.chat} {run.origin.via}",
        created=run.created,
        at=run.at,
        began=run.began,
        finished=run.ended,
        revision=run.revision,
        rollback_to=plan.rollback_to,
        promoted_from=plan.promoted,
        steps=[_step(run, each, *types.get(each.name, ("", each.name))) for each in run.steps],
    )


def _step(run: Run, step: StepRun, type_: str, title: str) -> StepShape:
    return StepShape(
        name=step.name,
        type=type_,
        title=title,
        parent=step.parent,
        phase=step.phase.value,
        reason=step.reason.value,
        message=step.message,
        attempt=step.attempt,
        started=step.first_started,
        ended=step.ended,
        gate=_gate(run, step) if step.gate is not None else None,
    )


def _gate(run: Run, step: StepRun) -> GateShape:
    assert step.gate is not None, "it was looked at before"
    return GateShape(
        message=step.gate.message,
        open=step.at_gate,
        shown=terms_of(run, step).digest,
        until=step.gate.until,
        votes=[vote_shape(each) for each in step.votes],
        needs=needs_shape(still_needed(run, step)) if step.at_gate else [],
        decision=vote_shape(step.decision) if step.decision is not None else None,
    )


def vote_shape(decision: Decision) -> VoteShape:
    """Show a yes or a no."""
    return VoteShape(
        by=decision.by,
        at=decision.at,
        approved=decision.approved,
        reason=decision.reason,
        via=decision.via,
    )


def needs_shape(needs: tuple[Requirement, ...]) -> list[NeedShape]:
    """Show who still has to say yes."""
    return [NeedShape(count=each.count, roles=list(each.roles)) for each in needs]


def revision_shape(revision: Revision) -> RevisionShape:
    """Show a revision."""
    plan = revision.plan
    return RevisionShape(
        number=revision.number,
        name=revision.name,
        run=f"{plan.application.name}/{plan.environment.name}#{revision.run_number}",
        version=plan.version,
        images=plan.images,
        code=code_shape(plan),
        note=plan.note,
        by=revision.by,
        at=revision.at,
        seconds=revision.duration,
        rollback_to=plan.rollback_to,
        promoted_from=plan.promoted,
    )
