"""What the API server refuses of Jobs and CronJobs, with the texts of the real one. Pure."""

import json
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.sandbox.kubernetes import cron
from bot.sandbox.kubernetes.selectors import selector_labels

Object = dict[str, Any]
Cause = tuple[str, str, str]

NUMBERS = (
    "parallelism",
    "completions",
    "backoffLimit",
    "activeDeadlineSeconds",
    "ttlSecondsAfterFinished",
)
IMMUTABLE = ("completions", "selector", "template", "completionMode", "backoffLimitPerIndex")
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
        said = f'Invalid value: "{name}": must be no more than {LONGEST_NAME} characters'
        yield "metadata.name", "FieldValueInvalid", said
    text, zone = str(spec.get("schedule") or ""), spec.get("timeZone")
    if not text:
        yield "spec.schedule", "FieldValueRequired", "Required value"
    else:
        yield from _schedule(text)
    if zone is not None:
        yield from _zone(str(zone))
    policy = spec.get("concurrencyPolicy", "Allow")
    if policy not in {"Allow", "Forbid", "Replace"}:
        known = 'supported values: "Allow", "Forbid", "Replace"'
        said = f'Unsupported value: "{policy}": {known}'
        yield "spec.concurrencyPolicy", "FieldValueNotSupported", said
    yield from job_spec((spec.get("jobTemplate") or {}).get("spec") or {}, "spec.jobTemplate.spec")


def job_spec(spec: Object, path: str) -> Iterator[Cause]:
    """Yield what is wrong with the numbers and the restart policy of a Job or a CronJob's template."""
    for field in NUMBERS:
        value = spec.get(field)
        if isinstance(value, int) and value < 0:
            said = f"Invalid value: {value}: must be greater than or equal to 0"
            yield f"{path}.{field}", "FieldValueInvalid", said
    pod = (spec.get("template") or {}).get("spec") or {}
    policy = pod.get("restartPolicy", "Always")
    if policy not in {"OnFailure", "Never"}:
        said = f'Unsupported value: "{policy}": supported values: "OnFailure", "Never"'
        yield f"{path}.template.spec.restartPolicy", "FieldValueNotSupported", said
    if spec.get("completionMode") == "Indexed" and spec.get("completions") is None:
        said = "Required value: when completion mode is Indexed"
        yield f"{path}.completions", "FieldValueRequired", said


def _schedule(text: str) -> Iterator[Cause]:
    if "TZ" in text:
        said = "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"
        yield "spec.schedule", "FieldValueInvalid", f'Invalid value: "{text}": {said}'
        return
    try:
        cron.parse(text)
    except ValueError as error:
        yield "spec.schedule", "FieldValueInvalid", f'Invalid value: "{text}": {error}'


def _zone(name: str) -> Iterator[Cause]:
    if not name:
        said = 'Invalid value: "": timeZone must be nil or non-empty string'
        yield "spec.timeZone", "FieldValueInvalid", said
        return
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        said = f'Invalid value: "{name}": unknown time zone {name}'
        yield "spec.timeZone", "FieldValueInvalid", said


def _selector(subject: Object) -> Iterator[Cause]:
    """A Job's selector is made for it; a given one must select its pods."""
    spec = subject.get("spec") or {}
    selector = spec.get("selector") or {}
    if not selector:
        yield "spec.selector", "FieldValueRequired", "Required value"
        return
    shown = json.dumps(selector, separators=(",", ":"))
    wanted = (selector.get("matchLabels") or {}).keys()
    if not spec.get("manualSelector") and wanted != {UID}:
        said = f"Invalid value: {shown}: `selector` not auto-generated"
        yield "spec.selector", "FieldValueInvalid", said
    labels = ((spec.get("template") or {}).get("metadata") or {}).get("labels") or {}
    if not selector_labels(selector)({"metadata": {"labels": labels}}):
        found = json.dumps(labels, sort_keys=True, separators=(",", ":"))
        said = f"Invalid value: {found}: `selector` does not match template `labels`"
        yield "spec.template.metadata.labels", "FieldValueInvalid", said


def _frozen(spec: Object, old: Object) -> Iterator[Cause]:
    before, status = old["spec"], old.get("status") or {}
    asleep = before.get("suspend") and not status.get("startTime")
    for field in IMMUTABLE:
        now, then = spec.get(field), before.get(field)
        if field == "template" and asleep:
            now, then = _without_directives(now), _without_directives(then)
        if now != then:
            shown = "null" if now is None else json.dumps(spec.get(field), separators=(",", ":"))
            yield (
                f"spec.{field}",
                "FieldValueInvalid",
                f"Invalid value: {shown}: field is immutable",
            )


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
