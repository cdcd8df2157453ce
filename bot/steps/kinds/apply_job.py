"""`apply-job`: runs a Job and waits for its end, as KubeVela's step of that name; what it said stands in the thread.

What a Job runs cannot be changed once it is there, so its name carries what it is done once for, as that of a `task`:
what it runs, the revision that the run raises, or nothing else in that target, ever (`once`). One that succeeded is not
run again by a retry, a restart or a rollback, not even where the cluster has forgotten it; one that failed is made anew
by the next round.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator

from bot.catalog.model import Application, Environment, Target
from bot.cluster.port import Manifest
from bot.rendering.components.jobs import digest_of, job_name
from bot.rendering.components.native import Object
from bot.rendering.secrets import as_seen
from bot.run.inventory import key_of, ref_of
from bot.steps.contract import Done, Need, Outcome, StepContext
from bot.steps.everywhere import everywhere
from bot.steps.following import log_of
from bot.steps.objects import Spot, granted, make, placed, spots
from bot.steps.parameters import known, read, schema_of
from bot.steps.progress import Board
from bot.steps.where import Where, check_cluster, check_target

JOB = {"apiVersion": "batch/v1", "kind": "Job"}


def _filled(given: Any) -> Any:
    """Take the kind for granted, as KubeVela does."""
    return {**JOB, **given} if isinstance(given, Mapping) else given


def _job(given: dict[str, Any]) -> dict[str, Any]:
    if any(given[key] != value for key, value in JOB.items()):
        raise ValueError(
            f"expected a Job (batch/v1), found {given['kind']} ({given['apiVersion']})"
        )
    spec = given.get("spec")
    if not isinstance(spec, Mapping) or not isinstance(spec.get("template"), Mapping):
        raise ValueError("a Job needs spec.template")  # noqa: TRY004 - pydantic's way
    return given


class ApplyJobParameters(Where):
    """What a file can say."""

    value: Annotated[Object, BeforeValidator(_filled), AfterValidator(_job)]
    once: Literal["content", "revision", "environment"] = "content"


class ApplyJob:
    """The step type."""

    name = "apply-job"
    needs = frozenset({Need.CLUSTERS, Need.INVENTORY})
    summary = "Runs a Job once, waits for its end and shows its last words."
    schema = schema_of(ApplyJobParameters)

    def check(self, properties: Mapping[str, Any], targets: Sequence[Target]) -> None:
        """Raise PropertyError for what is no Job, or for a target that is not there."""
        known(ApplyJobParameters, properties)
        check_target(properties, targets)

    def check_in(
        self, properties: Mapping[str, Any], application: Application, environment: Environment
    ) -> None:
        """Raise PropertyError for a cluster on which the environment has nothing."""
        check_cluster(properties, application, environment)

    async def run(self, context: StepContext, properties: Mapping[str, Any]) -> Outcome:
        """Run the Job in all places that are meant, side by side, where it has not succeeded yet."""
        found = read(ApplyJobParameters, properties)
        places = spots(context, cluster=found.cluster, target=found.target)
        board = Board(context.report, several=len(places) > 1)
        job = named(found.value, found.once, context.run.plan.based_on + 1)
        return await everywhere(places, lambda spot: _in(context, spot, job, board))


def named(job: Manifest, once: str, revision: int) -> Manifest:
    """Answer a Job with the name that tells it from one that is to be done, too."""
    fixed = [job["spec"].get("completions"), job["spec"]["template"]]
    if once == "revision":
        fixed.append(revision)
    tail = "once" if once == "environment" else digest_of(fixed)
    name = job_name(str(job["metadata"]["name"]), tail)
    return {**job, "metadata": {**job["metadata"], "name": name}}


async def _in(context: StepContext, spot: Spot, job: Manifest, board: Board) -> Outcome:
    """Run the Job in one place and follow it to its end."""
    clusters, inventory = granted(context)
    run = context.run
    wanted = placed(context, spot, job)
    ref = ref_of(wanted)
    before = key_of(spot.cluster, ref) in await inventory.done(run.application, run.environment)
    made = await make(context, spot, [wanted], board=board, done=[ref.name] if before else ())
    if made.failed is not None:
        return made.failed
    (live,) = await clusters.live(spot.cluster, [ref])
    left = {"value": as_seen(live)}
    if made.ready.over or (before and ref not in made.ready.told):
        said = f"{ref.name} had succeeded in {spot.called} before and is not run again"
        return Done(message=said, outputs=left)
    words = await clusters.words(spot.cluster, made.applied)
    return Done(outputs=left, details=words.lines, log=log_of(run, spot.place, words))
