"""Properties as checked values: the base of the models of steps, components and traits, and what is wrong with them. Pure."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from bot.catalog.complaints import said_of

Fault = tuple[tuple[str | int, ...], str]
"""The path to a place in the properties, and what is wrong there."""


class Parameters(BaseModel):
    """Base of the models: unknown properties are errors, nothing is converted silently.

    A file has the names of the fields in camelCase.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, alias_generator=to_camel)


def faults(model: type[BaseModel], properties: Mapping[str, Any]) -> list[Fault]:
    """List what is wrong with properties, in the order of the model's fields."""
    try:
        model.model_validate(dict(properties))
    except ValidationError as error:
        return faults_of(model, error)
    return []


def faults_of(model: type[BaseModel], error: ValidationError) -> list[Fault]:
    """Translate what pydantic found."""
    found = error.errors(include_url=False)
    return [(tuple(each["loc"]), said_of(model, each, "property")) for each in found]
