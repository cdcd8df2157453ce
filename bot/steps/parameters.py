"""Properties of a step as a checked value: one pydantic model a step type, errors with the path to the place."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from bot.catalog.complaints import shown
from bot.catalog.durations import parse_duration
from bot.steps.contract import PropertyError


class Parameters(BaseModel):
    """Base of the parameter models: unknown properties are errors, nothing is converted silently."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


Model = TypeVar("Model", bound=Parameters)


def read(model: type[Model], properties: Mapping[str, Any]) -> Model:
    """Make `model` of properties. Raises PropertyError for the first thing that is wrong."""
    try:
        return model.model_validate(dict(properties))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        path = tuple(first["loc"])
        if first["type"] == "extra_forbidden":
            raise PropertyError(path, _unknown(model, path)) from error
        if first["type"] == "missing":
            raise PropertyError(path, "it is required") from error
        said = first["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
        raise PropertyError(path, f"expected {said}, found {shown(first['input'])}") from error


def schema_of(model: type[Parameters]) -> Mapping[str, Any]:
    """Answer the JSON schema of a step type's properties, by the names that files use."""
    return model.model_json_schema(by_alias=True)


def duration(text: str, path: tuple[str, ...]) -> float:
    """Answer the seconds of a Go duration. Raises PropertyError."""
    try:
        return parse_duration(text)
    except ValueError as error:
        raise PropertyError(path, str(error)) from error


def is_expression(text: str) -> bool:
    """Say whether the value of a text is known only when the step runs."""
    return "${{" in text


def _unknown(model: type[BaseModel], path: tuple[str | int, ...]) -> str:
    known = [each.alias or name for name, each in model.model_fields.items()]
    near = get_close_matches(str(path[-1]), known, n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    return f"there is no property {path[-1]}{hint} (known: {', '.join(known)})"
