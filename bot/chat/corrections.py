"""What was meant, where a name is not known and one comes near: the same request with that name. Pure."""

from dataclasses import fields, replace
from typing import Any, Final

from bot.command.grammar import unparse
from bot.command.requests import Request, RunName
from bot.operations.results import Result
from bot.policy.refusals import Code, Refusal

_FIELDS: Final = {
    Code.UNKNOWN_APPLICATION: ("application",),
    Code.UNKNOWN_ENVIRONMENT: ("environment", "origin"),
    Code.UNKNOWN_STEP: ("step",),
}


def corrected(request: Request, result: Result) -> str:
    """Answer the request with the one name that comes near; empty: none does, or several do."""
    if not isinstance(result, Refusal):
        return ""
    name, near = result.facts.get("name", ""), result.facts.get("nearest", "")
    if not near or "," in near:
        return ""
    if result.code is Code.UNKNOWN_COMPONENT:
        return _with_component(request, name, near)
    wrong = _FIELDS.get(result.code, ())
    changes: dict[str, Any] = {
        each.name: near
        for each in fields(request)
        if each.name in wrong and getattr(request, each.name) == name
    }
    run = getattr(request, "run", None)
    inside = {each: near for each in wrong if getattr(run, each, "") == name}
    if isinstance(run, RunName) and inside:
        application, environment = inside.get("application"), inside.get("environment")
        changes["run"] = replace(
            run,
            application=application or run.application,
            environment=environment or run.environment,
        )
    return _written(request, changes) if changes else ""


def _with_component(request: Request, name: str, near: str) -> str:
    images = getattr(request, "images", {})
    if name not in images or near in images:
        return ""
    renamed = {near if each == name else each: image for each, image in images.items()}
    return _written(request, {"images": renamed})


def _written(request: Request, changes: dict[str, Any]) -> str:
    values = {each.name: getattr(request, each.name) for each in fields(request)}
    return unparse(type(request)(**(values | changes)))
