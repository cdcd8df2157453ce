"""Writes answers of the API for a terminal: a line for each thing, and what to do next. Pure."""

from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]


def told(answer: Json) -> list[str]:
    """Answer the lines of an answer."""
    for key, lines in LISTS.items():
        if key in answer:
            return [line for each in answer[key] for line in lines(each)] or ["Nothing."]
    if "run" in answer and "logs" in answer:
        return [*_run(answer["run"]), *_logs(answer)]
    if "run" in answer:
        return [*_run(answer["run"]), *_waiting(answer)]
    if "targets" in answer:
        return list(_compared(answer))
    if "holds" in answer and "by" in answer:
        verb = "is locked by" if answer["holds"] else "was unlocked; it was locked by"
        return [f"{_place(answer)} {verb} {answer['by']}: {answer['reason']}"]
    if "rights" in answer:
        return list(_who(answer))
    return [str(answer)]


def event_line(event: Json) -> str:
    """Write what has happened in a run."""
    moment = str(event.get("at", ""))[:19].replace("T", " ")
    about = [str(event[key]) for key in ("step", "message", "reason") if event.get(key)]
    by = f"by {event['by']}" if event.get("by") else ""
    kind = str(event.get("kind", "")).replace("_", " ")
    return "  ".join(filter(None, (moment, kind, ": ".join(about), by)))


def _run(run: Json) -> list[str]:
    return [_headline(run), *(_step(each) for each in run["steps"])]


def _headline(run: Json) -> str:
    what = run["version"] or ", ".join(f"{name} {each}" for name, each in run["images"].items())
    raised = f"v{run['revision']}" if run.get("revision") else ""
    code = run["code"]
    commit = " ".join(filter(None, (code["commit"][:7], code["branch"], code["author"])))
    parts = (run["name"], what, run["phase"], raised, f"by {run['by']}", commit, run["message"])
    return "  ".join(filter(None, parts))


def _step(step: Json) -> str:
    gate = step.get("gate")
    needs = [
        f"{each['count']} of {' or '.join(each['roles'])}" for each in (gate or {}).get("needs", [])
    ]
    waits = f"waits for {', '.join(needs)}" if needs else ""
    return "  ".join(filter(None, (f"  {step['phase']:<10}", step["name"], waits, step["message"])))


def _waiting(answer: Json) -> list[str]:
    return [f"It waits: {answer['waits']}."] if answer.get("waits") else []


def _logs(answer: Json) -> Iterator[str]:
    for each in answer["logs"]:
        yield f"{each['step']}:"
        yield from (f"  {line}" for line in each["lines"])


def _compared(answer: Json) -> Iterator[str]:
    yield f"{_place(answer)}  {answer['version']}".rstrip()
    for each in answer["changes"]:
        yield f"  {each['component']}  {each['path']}: {each['before']} → {each['after']}"
    for target in answer["targets"]:
        yield f"{target['name']}{': ' + target['unknown'] if target['unknown'] else ''}"
        for each in target["objects"]:
            yield f"  {each['fate']:<8}  {each['kind']} {each['name']}  {each['summary'] or each['said']}".rstrip()
            for change in each["changes"]:
                yield f"    {change['field']}: {change['before']} → {change['after']}"
    yield from (f"not known: {each}" for each in answer["unseen"])
    yield from (f"not undone: {each}" for each in answer["lasting"])
    if answer["confirmed"]:
        yield "Nothing was done yet: add --yes to do it."


def _place(answer: Json) -> str:
    return "/".join(filter(None, (answer.get("application"), answer["environment"])))


def _who(answer: Json) -> Iterator[str]:
    kind = "a service account" if answer["machine"] else "a person"
    yield f"{answer['name']}, {kind} with the roles {', '.join(answer['roles']) or '(none)'}"
    for each in answer["rights"]:
        yield f"  {_place(each)}: {', '.join(each['actions'])}"


def _revision(each: Json) -> Iterator[str]:
    what = each["version"] or ", ".join(each["images"].values())
    commit = each["code"]["commit"][:7]
    parts = (f"{each['name']:<5}", what, each["at"][:16], f"by {each['by']}", commit, each["note"])
    yield "  ".join(filter(None, parts))


def _where(each: Json) -> Iterator[str]:
    revision = each["revision"]
    there = f"{revision['name']} {revision['version']}" if revision else "nothing yet"
    run = each["run"]
    busy = f"{run['name']} is {run['phase']}" if run and not run["ended"] else ""
    line = f"{len(each['line'])} in line" if each["line"] else ""
    yield "  ".join(filter(None, (f"{_place(each):<24}", there, busy, line)))


def _application(each: Json) -> Iterator[str]:
    yield f"{each['name']:<24}  {', '.join(each['components'])}"


def _environment(each: Json) -> Iterator[str]:
    yield (
        f"{each['name']:<16}  {' → '.join(each['targets'])}  deploy: {', '.join(each['deployers'])}"
        f"  approve: {', '.join(each['approvers'])}"
    )


LISTS = {
    "revisions": _revision,
    "runs": lambda each: iter([_headline(each)]),
    "places": _where,
    "applications": _application,
    "environments": _environment,
}
"""What is a list, by the key that it stands under."""
