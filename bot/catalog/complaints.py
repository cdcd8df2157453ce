"""What is wrong with a file, said so that its author finds the place: file, line, path, found, expected. Pure."""

from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from typing_extensions import override

from bot.catalog.documents import Document, Path_
from bot.catalog.schema import LATER
from bot.errors import CatalogError

WORDS = {None: "null", True: "true", False: "false"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """One mistake. `path` is written as in `spec.components[1].properties.image`."""

    file: Path
    line: int
    path: str
    text: str

    @override
    def __str__(self) -> str:
        place = f"{self.path}: " if self.path else ""
        return f"{self.file}:{self.line}: {place}{self.text}"


class CatalogProblems(CatalogError):  # noqa: N818 - it is a CatalogError, and many of them
    """Everything that is wrong with a folder, in the order of files and lines."""

    def __init__(self, complaints: list[Complaint]) -> None:
        self.complaints = sorted(complaints, key=lambda each: (str(each.file), each.line))
        super().__init__("\n".join(str(each) for each in self.complaints))


def complain(document: Document, path: Path_, text: str) -> Complaint:
    """Make a complaint about a place in a document."""
    return Complaint(file=document.file, line=document.line(path), path=spell(path), text=text)


def spell(path: Path_) -> str:
    """Write a path as people do."""
    said = ""
    for each in path:
        said += f"[{each}]" if isinstance(each, int) else f".{each}" if said else str(each)
    return said


def of_shape(document: Document, model: type[BaseModel], error: ValidationError) -> list[Complaint]:
    """Translate what pydantic found."""
    return [
        complain(document, tuple(each["loc"]), said_of(model, each, "field"))
        for each in error.errors(include_url=False)
    ]


def nearest(name: str, known: Any) -> str:
    """Answer `; did you mean web?`, or nothing."""
    near = get_close_matches(str(name), [str(each) for each in known], n=1)
    return f"; did you mean {near[0]}?" if near else ""


def said_of(model: type[BaseModel], error: ErrorDetails, noun: str) -> str:
    """Say what is wrong at a place; `noun` is what its keys are called."""
    last = error["loc"][-1] if error["loc"] else ""
    match error["type"]:
        case "missing":
            return "it is required"
        case "extra_forbidden":
            return _unknown(model, error["loc"], noun)
        case "string_pattern_mismatch":
            if last == "email":
                return f"expected an email address, found {shown(error['input'])}"
            return f"expected lower-case letters, digits and dashes, found {shown(error['input'])}"
        case "string_too_long":
            most = error["ctx"]["max_length"]
            return f"expected at most {most} characters, found {shown(error['input'])}"
        case "value_error":
            return error["msg"].removeprefix("Value error, ")
        case "too_short":
            return "expected at least one"
        case "model_type":
            return f"expected a map, found {shown(error['input'])}"
        case "literal_error" | "enum":
            return f"expected {error['ctx']['expected']}, found {shown(error['input'])}"
    said = error["msg"].removeprefix("Input should be a valid ").removeprefix("Input should be ")
    said = {
        "string": "a text",
        "dictionary": "a map",
        "integer": "a whole number",
        "boolean": "true or false",
        "list": "a list",
    }.get(said, said)
    return f"expected {said}, found {shown(error['input'])}"


def _unknown(model: type[BaseModel], path: tuple[str | int, ...], noun: str) -> str:
    last = str(path[-1])
    around = [each for each in path[:-1] if isinstance(each, str)]
    later = LATER.get(around[-1], {}) if around else {}
    if last in later:
        return f"not supported: {later[last]}"
    fields = _fields_at(model, path[:-1])
    return f"there is no {noun} {last}{nearest(last, fields)} (known: {', '.join(fields)})"


def _fields_at(model: type[BaseModel], path: tuple[str | int, ...]) -> list[str]:
    """Name the fields of the model that stands at a path below `model`."""
    here: Any = model
    for key in path:
        if isinstance(key, int):
            continue
        by_alias = {each.alias or name: each for name, each in here.model_fields.items()}
        if key in by_alias:  # otherwise it is the key of a map
            here = _model_in(by_alias[key].annotation)
    return [each.alias or name for name, each in here.model_fields.items()]


def _model_in(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return (
        next(found for each in get_args(annotation) if (found := _model_in(each)) is not None)
        if get_args(annotation)
        else None
    )


def shown(value: Any) -> str:
    """Write what was found, briefly, with YAML's words for nothing, yes and no."""
    said = WORDS.get(value, "") if value is None or isinstance(value, bool) else repr(value)
    return said if len(said) <= 60 else said[:59] + "…"
