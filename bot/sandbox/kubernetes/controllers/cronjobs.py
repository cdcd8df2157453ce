"""CronJobs: a Job at every time of the schedule, as the concurrency policy allows; old ones are cleared away.

The clock of a schedule runs at the cluster's speed, so that a test need not wait for a minute.
"""

from datetime import UTC, datetime, timedelta

from bot.sandbox.kubernetes import cron
from bot.sandbox.kubernetes.controllers.cleanup import take_away
from bot.sandbox.kubernetes.controllers.context import Context, Target, owner_reference
from bot.sandbox.kubernetes.controllers.jobs import JOB, has, is_over
from bot.sandbox.kubernetes.registry import BY_KIND
from bot.sandbox.kubernetes.storage import Object, now

CRON_JOB = BY_KIND["batch/v1", "CronJob"]
COMPONENT = "cronjob-controller"
SCHEDULED = "batch.kubernetes.io/cronjob-scheduled-timestamp"
FORM = "%Y-%m-%dT%H:%M:%SZ"


def reconcile(context: Context, cron_job: Object) -> None:
    """Start what is due, tell of what has ended, and come back when the next one is due."""
    if cron_job["metadata"].get("deletionTimestamp"):
        return
    status = dict(cron_job.get("status") or {})
    jobs = context.owned(cron_job, JOB)
    _tell_of_ended(context, cron_job, jobs, status)
    _clear_away(context, cron_job, jobs)
    if not cron_job["spec"].get("suspend"):
        _start_due(context, cron_job, status)
    running = [each for each in context.owned(cron_job, JOB) if not is_over(each)]
    status.pop("active", None)
    if running:
        status["active"] = [_reference(each) for each in running]
    meta = cron_job["metadata"]
    current = context.storage.find(CRON_JOB, meta["namespace"], meta["name"])
    if current is not None:
        context.set_status(current, status)


def _start_due(context: Context, cron_job: Object, status: Object) -> None:
    spec, meta = cron_job["spec"], cron_job["metadata"]
    schedule = cron.parse(spec["schedule"], spec.get("timeZone"))
    moment = context.clock()
    known = f"{meta['uid']}/{spec['schedule']}/{spec.get('timeZone')}"
    since = context.memory.setdefault(known, _since(context, cron_job, moment))
    due = None
    following = schedule.after(since)
    while following is not None and following <= moment:
        due, following = following, schedule.after(following)
    if due is not None:
        context.memory[known] = due
        late = spec.get("startingDeadlineSeconds")
        if late is None or (moment - due).total_seconds() <= late:
            _start(context, cron_job, due, status)
    if following is not None:
        context.again(_target(cron_job), (following - moment).total_seconds() / context.speed)


def _since(context: Context, cron_job: Object, moment: datetime) -> datetime:
    """Answer from when on to look: now for a new CronJob, the last time that was met for one from before a restart."""
    created = datetime.fromisoformat(cron_job["metadata"]["creationTimestamp"])
    if created >= context.began.replace(microsecond=0):
        return moment
    last = (cron_job.get("status") or {}).get("lastScheduleTime")
    return max(datetime.fromisoformat(last) if last else created, moment - timedelta(days=1))


def _start(context: Context, cron_job: Object, due: datetime, status: Object) -> None:
    running = [each for each in context.owned(cron_job, JOB) if not is_over(each)]
    policy = cron_job["spec"]["concurrencyPolicy"]
    if running and policy == "Forbid":
        said = (
            "Not starting job because prior execution is running and concurrency policy is Forbid"
        )
        context.event(cron_job, "Normal", "JobAlreadyActive", said, COMPONENT)
        return
    if policy == "Replace":
        for each in running:
            _delete(context, cron_job, each)
    meta, template = cron_job["metadata"], cron_job["spec"]["jobTemplate"]
    name = f"{meta['name']}-{int(due.timestamp()) // 60}"
    found = template.get("metadata") or {}
    body: Object = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": name,
            "namespace": meta["namespace"],
            "labels": dict(found.get("labels") or {}),
            "annotations": {**(found.get("annotations") or {}), SCHEDULED: due.strftime(FORM)},
            "ownerReferences": [owner_reference(cron_job)],
        },
        "spec": template["spec"],
    }
    if context.storage.find(JOB, meta["namespace"], name) is None:
        context.create(JOB, body)
        context.event(cron_job, "Normal", "SuccessfulCreate", f"Created job {name}", COMPONENT)
    status["lastScheduleTime"] = min(due, datetime.now(UTC)).strftime(FORM)


def _tell_of_ended(context: Context, cron_job: Object, jobs: list[Object], status: Object) -> None:
    active = {each["uid"] for each in status.get("active") or []}
    for each in jobs:
        if each["metadata"]["uid"] not in active or not is_over(each):
            continue
        done = has(each, "Complete")
        name = each["metadata"]["name"]
        said = f"Saw completed job: {name}, condition: {'Complete' if done else 'Failed'}"
        context.event(cron_job, "Normal", "SawCompletedJob", said, COMPONENT)
        if done:
            status["lastSuccessfulTime"] = each["status"].get("completionTime") or now()


def _clear_away(context: Context, cron_job: Object, jobs: list[Object]) -> None:
    """Delete the oldest Jobs that are over, as many as are more than the history is to have."""
    spec = cron_job["spec"]
    for kind, limit in (
        ("Complete", spec.get("successfulJobsHistoryLimit", 3)),
        ("Failed", spec.get("failedJobsHistoryLimit", 1)),
    ):
        ended = sorted((each for each in jobs if has(each, kind)), key=_order)
        for each in ended[: max(0, len(ended) - limit)]:
            _delete(context, cron_job, each)


def _delete(context: Context, cron_job: Object, job: Object) -> None:
    take_away(context, job)
    said = f"Deleted job {job['metadata']['name']}"
    context.event(cron_job, "Normal", "SuccessfulDelete", said, COMPONENT)


def _order(job: Object) -> tuple[str, str]:
    return str(job["status"].get("startTime", "")), str(job["metadata"]["name"])


def _reference(job: Object) -> Object:
    meta = job["metadata"]
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "name": meta["name"],
        "namespace": meta["namespace"],
        "resourceVersion": meta["resourceVersion"],
        "uid": meta["uid"],
    }


def _target(cron_job: Object) -> Target:
    meta = cron_job["metadata"]
    return CRON_JOB, meta["namespace"], meta["name"]
