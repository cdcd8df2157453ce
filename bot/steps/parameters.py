"""Properties of a step as a checked value: one pydantic model a step type, errors with the path to the place."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from pydantic import ValidationError

from bot.catalog.durations import parse_duration
from bot.catalog.parameters import Parameters as Parameters
from bot.catalog.parameters import faults, faults_of
from bot.steps.contract import PropertyError

Model = TypeVar("Model", bound=Parameters)


def read(model: type[Model], properties: Mapping[str, Any]) -> Model:
    """Make `model` of properties. Raises PropertyError for the first thing that is wrong."""
    try:
        return model.model_validate(dict(properties))
    except ValidationError as error:
        path, said = faults_of(model, error)[0]
        raise PropertyError(path, said) from error


def known(model: type[Model], properties: Mapping[str, Any]) -> Model | None:
    """Make `model` of properties as a file has them; None when some are known only as the step runs.

    Raises PropertyError for the first thing that is wrong.
    """
    open_ = False
    for path, said in faults(model, properties):
        if not _is_open(properties, path):
            raise PropertyError(path, said)
        open_ = True
    return None if open_ else model.model_validate(dict(properties))


def _is_open(properties: Mapping[str, Any], path: Sequence[str | int]) -> bool:
    """Say whether an expression stands at a place, or above it."""
    here: Any = properties
    for key in path:
        if isinstance(here, Mapping):
            here = here.get(str(key))
        elif isinstance(here, list) and isinstance(key, int) and key < len(here):
            here = here[key]
        if isinstance(here, str):
            return is_expression(here)
    return False


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
