"""What runs to its end: `task` (a Job) and `cron-task` (a CronJob). Pure.

What a Job runs, and how often, cannot be changed once it is there. So its name carries a digest of that: the same task
is not run again by another delivery, and a changed one (another image, another command) is a new Job.
"""

import hashlib
import json
from typing import Annotated, Any, Literal

from pydantic import Field

from bot.rendering.containers import ContainerParameters, pod_template
from bot.rendering.objects import Manifest, Place, given
from bot.rendering.parameters import Seconds

LONGEST_NAME = 54
"""Characters of it: with the digest it becomes a label of the pods, which has 63 at the most."""
Times = Annotated[int, Field(ge=0, le=1000)]


class JobParameters(ContainerParameters):
    """What `task` and `cron-task` have in common."""

    count: Annotated[int, Field(ge=1, le=1000)] = 1
    restart: Literal["Never", "OnFailure"] = "Never"
    backoff_limit: Times | None = None
    active_deadline_seconds: Seconds | None = None
    ttl_seconds_after_finished: Annotated[int, Field(ge=0)] | None = None


class Task(JobParameters):
    """Properties of `task`."""

    once: Literal["content", "revision", "environment"] = "content"
    """What it is done once for: for what it runs, for each revision, or for good in each target."""


class CronTask(JobParameters):
    """Properties of `cron-task`."""

    schedule: Annotated[str, Field(pattern=r"^(@\w+|\S+( \S+){4})$")]
    starting_deadline_seconds: Seconds | None = None
    suspend: bool = False
    concurrency_policy: Literal["Allow", "Forbid", "Replace"] = "Allow"
    successful_jobs_history_limit: Times = 3
    failed_jobs_history_limit: Times = 1


def task(place: Place, parameters: Task) -> list[Manifest]:
    """Make a Job."""
    return [place.manifest("batch/v1", "Job", _job(place, parameters))]


def cron_task(place: Place, parameters: CronTask) -> list[Manifest]:
    """Make a CronJob."""
    spec = given(
        schedule=parameters.schedule,
        concurrencyPolicy=parameters.concurrency_policy,
        suspend=parameters.suspend,
        startingDeadlineSeconds=parameters.starting_deadline_seconds,
        successfulJobsHistoryLimit=parameters.successful_jobs_history_limit,
        failedJobsHistoryLimit=parameters.failed_jobs_history_limit,
        jobTemplate={"spec": _job(place, parameters)},
    )
    return [place.manifest("batch/v1", "CronJob", spec)]


def named_by_content(job: Manifest, place: Place) -> None:
    """Give a Job the name that tells it from one that is to be done, too: by what it runs, or as its author says."""
    once = place.component.properties.get("once", "content")
    fixed = [job["spec"].get("completions"), job["spec"].get("template")]
    if once == "revision":
        fixed.append(place.revision)
    job["metadata"]["name"] = job_name(
        job["metadata"]["name"], "once" if once == "environment" else digest_of(fixed)
    )


def job_name(name: str, tail: str) -> str:
    """Answer the name of a Job, cut so that its pods can have it as a label."""
    return f"{name[:LONGEST_NAME].rstrip('-')}-{tail}"


def digest_of(content: Any) -> str:
    """Answer a short text that tells one content from another."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:8]


def _job(place: Place, parameters: JobParameters) -> dict[str, Any]:
    return given(
        parallelism=parameters.count,
        completions=parameters.count,
        backoffLimit=parameters.backoff_limit,
        activeDeadlineSeconds=parameters.active_deadline_seconds,
        ttlSecondsAfterFinished=parameters.ttl_seconds_after_finished,
        template=pod_template(place, parameters, [], parameters.restart),
    )
