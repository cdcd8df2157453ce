"""What the API server refuses of Jobs and CronJobs, with the texts of the real one. Pure."""

from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.sandbox.kubernetes import cron
from bot.sandbox.kubernetes.selectors import selector_labels
from bot.sandbox.kubernetes.validating.causes import (
    IMMUTABLE,
    Cause,
    invalid,
    natural,
    required,
    unsupported,
)
from bot.sandbox.kubernetes.validating.pods import pod_spec

Object = dict[str, Any]

FROZEN = ("completions", "selector", "template", "completionMode", "backoffLimitPerIndex")
DIRECTIVES = ("nodeSelector", "tolerations", "affinity", "schedulingGates")
UID = "batch.kubernetes.io/controller-uid"
LONGEST_NAME = 52


def job(subject: Object, old: Object | None) -> Iterator[Cause]:
    """Yield what is wrong with a Job that replaces `old`."""
    spec = subject.get("spec") or {}
    yield from job_spec(spec, "spec")
    yield from _selector(subject)
    if old is not None:
        yield from _frozen(spec, old)


def cron_job(subject: Object) -> Iterator[Cause]:
    """Yield what is wrong with a CronJob."""
    spec, name = subject.get("spec") or {}, str(subject["metadata"].get("name", ""))
    if len(name) > LONGEST_NAME:
        yield invalid("metadata.name", name, f"must be no more than {LONGEST_NAME} characters")
    text, zone = str(spec.get("schedule") or ""), spec.get("timeZone")
    if not text:
        yield required("spec.schedule")
    else:
        yield from _schedule(text)
    if zone is not None:
        yield from _zone(str(zone))
    policy = spec.get("concurrencyPolicy", "Allow")
    if policy not in {"Allow", "Forbid", "Replace"}:
        yield unsupported("spec.concurrencyPolicy", policy, ("Allow", "Forbid", "Replace"))
    yield from natural(spec, "spec", "successfulJobsHistoryLimit", "failedJobsHistoryLimit")
    yield from job_spec((spec.get("jobTemplate") or {}).get("spec") or {}, "spec.jobTemplate.spec")


def job_spec(spec: Object, path: str) -> Iterator[Cause]:
    """Yield what is wrong with the spec of a Job or of a CronJob's template."""
    yield from natural(spec, path, "parallelism", "completions", "backoffLimit")
    yield from natural(spec, path, "activeDeadlineSeconds", "ttlSecondsAfterFinished")
    if spec.get("completionMode") == "Indexed" and spec.get("completions") is None:
        yield required(f"{path}.completions", "when completion mode is Indexed")
    pod = (spec.get("template") or {}).get("spec") or {}
    yield from pod_spec(pod, f"{path}.template.spec")
    policy = pod.get("restartPolicy", "Always")
    if policy == "Always":
        known = ("OnFailure", "Never")
        yield unsupported(f"{path}.template.spec.restartPolicy", policy, known)


def _schedule(text: str) -> Iterator[Cause]:
    if "TZ" in text:
        said = "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"
        yield invalid("spec.schedule", text, said)
        return
    try:
        cron.parse(text)
    except ValueError as error:
        yield invalid("spec.schedule", text, str(error))


def _zone(name: str) -> Iterator[Cause]:
    if not name:
        yield invalid("spec.timeZone", "", "timeZone must be nil or non-empty string")
        return
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield invalid("spec.timeZone", name, f"unknown time zone {name}")


def _selector(subject: Object) -> Iterator[Cause]:
    """A Job's selector is made for it; a given one must select its pods."""
    spec = subject.get("spec") or {}
    selector = spec.get("selector") or {}
    if not selector:
        yield required("spec.selector")
        return
    wanted = (selector.get("matchLabels") or {}).keys()
    if not spec.get("manualSelector") and wanted != {UID}:
        yield invalid("spec.selector", selector, "`selector` not auto-generated")
    labels = ((spec.get("template") or {}).get("metadata") or {}).get("labels") or {}
    if not selector_labels(selector)({"metadata": {"labels": labels}}):
        said = "`selector` does not match template `labels`"
        yield invalid("spec.template.metadata.labels", dict(sorted(labels.items())), said)


def _frozen(spec: Object, old: Object) -> Iterator[Cause]:
    before, status = old["spec"], old.get("status") or {}
    asleep = before.get("suspend") and not status.get("startTime")
    for field in FROZEN:
        now, then = spec.get(field), before.get(field)
        if field == "template" and asleep:
            now, then = _without_directives(now), _without_directives(then)
        if now != then:
            yield invalid(f"spec.{field}", spec.get(field), IMMUTABLE)


def _without_directives(template: Any) -> Any:
    """Answer a template without what may still change while a Job has never run."""
    if not isinstance(template, dict):
        return template
    meta = {
        key: value
        for key, value in (template.get("metadata") or {}).items()
        if key not in {"labels", "annotations"}
    }
    pod = {
        key: value for key, value in (template.get("spec") or {}).items() if key not in DIRECTIVES
    }
    return {"metadata": meta, "spec": pod}
