"""What is answered to each request of the API, as documented shapes. Values of clusters are without secrets already."""

from datetime import datetime
from typing import Any

from pydantic import Field

from bot.operations.forecasts import Forecast
from bot.web.shapes import NeedShape, RevisionShape, RunShape, Shape, VoteShape


class RunAnswer(Shape):
    """A run, after what was asked of it or as it is."""

    run: RunShape
    step: str = ""
    again: bool = Field(default=False, description="This request had begun it before.")
    waits: str = Field(default="", description="Why it has not begun.")
    decision: VoteShape | None = None
    needs: list[NeedShape] = Field(default_factory=list, description="Who still has to say yes.")


class RunsAnswer(Shape):
    """Runs, newest first."""

    runs: list[RunShape]


class RevisionsAnswer(Shape):
    """Revisions, newest first: the first is in force."""

    revisions: list[RevisionShape]


class WordsShape(Shape):
    """The last words of a step."""

    step: str
    lines: list[str]


class LogsAnswer(Shape):
    """The last words of steps; so many more have left some."""

    run: RunShape
    logs: list[WordsShape]
    left_out: int = 0


class PlaceShape(Shape):
    """What is in one place."""

    application: str
    environment: str
    revision: RevisionShape | None = None
    run: RunShape | None = Field(default=None, description="Under way, or the last one.")
    line: list[RunShape] = Field(default_factory=list)


class HoldShape(Shape):
    """A lock or a freeze."""

    kind: str
    environment: str
    application: str = ""
    name: str = ""
    by: str = ""
    reason: str = ""
    since: datetime
    until: datetime | None = None


class StatusAnswer(Shape):
    """What is where."""

    places: list[PlaceShape]
    holds: list[HoldShape] = Field(default_factory=list)
    unsigned: list[str] = Field(
        default_factory=list, description="Runs with an emergency nobody has signed."
    )


class FieldShape(Shape):
    """A field that changes."""

    field: str
    before: str = ""
    after: str = ""
    excerpt: list[str] = Field(default_factory=list)
    why: str
    by: str = ""
    contested: bool = False


class ObjectShape(Shape):
    """What becomes of an object."""

    kind: str
    name: str
    namespace: str = ""
    component: str = ""
    fate: str
    summary: str = ""
    said: str = ""
    changes: list[FieldShape] = Field(default_factory=list)


class TargetShape(Shape):
    """What becomes of the objects of a target."""

    name: str
    cluster: str = ""
    unknown: str = Field(default="", description="Why nothing can be said.")
    objects: list[ObjectShape] = Field(default_factory=list)


class ChangeShape(Shape):
    """A difference between two revisions."""

    component: str
    path: str
    before: str
    after: str


class ComparedAnswer(Shape):
    """What would change, or has changed. A rollback is done by asking again with `confirmed`."""

    application: str
    environment: str
    version: str = ""
    older: int | None = None
    newer: int | None = None
    changes: list[ChangeShape] = Field(default_factory=list)
    targets: list[TargetShape] = Field(default_factory=list)
    unseen: list[str] = Field(
        default_factory=list, description="What nothing can be said of, and why."
    )
    lasting: list[str] = Field(default_factory=list, description="What a rollback does not undo.")
    confirmed: str = Field(default="", description="Of a rollback: what to ask again with.")


class ApplicationShape(Shape):
    """An application."""

    name: str
    description: str = ""
    repository: str = ""
    components: list[str]


class ApplicationsAnswer(Shape):
    """The applications."""

    applications: list[ApplicationShape]


class EnvironmentShape(Shape):
    """An environment, and who may do what there."""

    name: str
    description: str = ""
    targets: list[str]
    deployers: list[str]
    approvers: list[str]


class EnvironmentsAnswer(Shape):
    """The environments."""

    environments: list[EnvironmentShape]
    holds: list[HoldShape] = Field(default_factory=list)


class RightShape(Shape):
    """What someone may do in an environment, or with one application there."""

    environment: str
    application: str = ""
    actions: list[str]


class WhoAnswer(Shape):
    """Who a token belongs to, and what they may do."""

    name: str
    machine: bool
    roles: list[str]
    rights: list[RightShape]


class LockAnswer(Shape):
    """A lock, which holds or was lifted."""

    environment: str
    application: str = ""
    by: str
    reason: str
    until: datetime | None = None
    holds: bool


class AuditShape(Shape):
    """A line of the audit log."""

    at: datetime
    person: str
    chat: str
    via: str
    request: str
    outcome: str
    run: str = ""
    passed: list[str] = Field(default_factory=list)


class AuditAnswer(Shape):
    """The newest lines of the audit log."""

    lines: list[AuditShape]
    more: bool


class VerbShape(Shape):
    """One verb."""

    verb: str
    form: str
    summary: str
    example: str


class VerbsAnswer(Shape):
    """What can be asked."""

    verbs: list[VerbShape]


class FindingShape(Shape):
    """One thing that was tried, and what to do about it."""

    subject: str
    verdict: str
    said: str
    mend: str = ""


class DoctorAnswer(Shape):
    """What was found when everything was tried out."""

    findings: list[FindingShape]


class ReplicaShape(Shape):
    """One process of Shipmate."""

    name: str
    version: str
    started: datetime
    silent: float = Field(description="Seconds since it was last heard of.")
    leads: bool
    runs: int = Field(default=0, description="Under way, where it leads.")


class ReplicasAnswer(Shape):
    """The processes of Shipmate, the one that leads first."""

    replicas: list[ReplicaShape]


ANSWERS: dict[str, type[Shape] | Any] = {
    "deploy": RunAnswer | ComparedAnswer,
    "promote": RunAnswer | ComparedAnswer,
    "rollback": ComparedAnswer | RunAnswer,
    "revisions": RevisionsAnswer,
    "diff": ComparedAnswer,
    "status": StatusAnswer,
    "runs": RunsAnswer,
    "logs": LogsAnswer,
    "lock": LockAnswer,
    "unlock": LockAnswer,
    "audit": AuditAnswer,
    "doctor": DoctorAnswer,
    "replicas": ReplicasAnswer,
    "apps": ApplicationsAnswer,
    "envs": EnvironmentsAnswer,
    "whoami": WhoAnswer,
    "help": VerbsAnswer,
}
"""By verb; any other answers with a run."""


def targets_shape(forecast: Forecast) -> list[TargetShape]:
    """Show what becomes of objects, those apart that stay as they are."""
    return [
        TargetShape(
            name=each.name,
            cluster=each.cluster,
            unknown=each.unknown,
            objects=[
                ObjectShape(
                    kind=one.kind,
                    name=one.name,
                    namespace=one.namespace,
                    component=one.component,
                    fate=one.fate.value,
                    summary=one.summary,
                    said=one.said,
                    changes=[
                        FieldShape(
                            field=change.field,
                            before=change.before,
                            after=change.after,
                            excerpt=list(change.excerpt),
                            why=change.why.value,
                            by=change.by,
                            contested=change.contested,
                        )
                        for change in one.changes
                    ],
                )
                for one in each.objects
                if one.fate.value != "same"
            ],
        )
        for each in forecast.targets
    ]
