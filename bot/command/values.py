"""How each kind of argument is read from a word and written as one.

Only form is checked here: whether an application of that name exists is for operations to say. What is
written is read back as the same value.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from bot.command.chinese import english_moment, english_span, english_verb
from bot.command.requests import RunName
from bot.command.spans import parse_since, parse_span
from bot.command.words import quote
from bot.operations.moments import FORMS, canonical
from bot.rendering.images import is_image

LONGEST_TEXT: Final = 500
"""Characters in a note or a reason, at most."""
LONGEST_STEP: Final = 100
LONGEST_IMAGE: Final = 512

_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?"
NAME = re.compile(_NAME)
VERSION = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
REVISION = re.compile(r"[vV]?([1-9][0-9]{0,8})")
RUN = re.compile(
    rf"(?P<application>{_NAME})/(?P<environment>{_NAME})#(?P<number>[1-9][0-9]{{0,8}})"
)
RUN_ID = re.compile(r"run:(?P<id>[A-Za-z0-9_-]{1,64})")
COMMIT = re.compile(r"[0-9a-fA-F]{7,40}")
DIGEST = re.compile(r"[0-9a-f]{8,64}")
NUMBER = re.compile(r"[1-9][0-9]{0,8}")
EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""Any moment: of a time only the form is checked here."""


class Kind(StrEnum):
    """What an argument is."""

    APPLICATION = "application"
    ENVIRONMENT = "environment"
    VERSION = "version"
    IMAGE = "image"
    REVISION = "revision"
    RUN = "run"
    STEP = "step"
    PART = "part"
    VERB = "verb"
    COMMIT = "commit"
    DIGEST = "digest"
    NUMBER = "number"
    TIME = "time"
    SINCE = "since"
    PERSON = "person"
    MOMENT = "moment"
    TEXT = "text"
    FLAG = "flag"
    """An option that is given or not, without a value."""


class UnclearError(Exception):
    """A word cannot be what stands in its place; the text says why, `nearest` what may be meant.

    Never leaves this package: `grammar.parse` makes a `Misunderstood` of it.
    """

    def __init__(
        self, problem: str, nearest: tuple[str, ...] = (), *, instead_of: str = ""
    ) -> None:
        """`instead_of` is how the word was typed in whose place the nearest may be meant."""
        super().__init__(problem)
        self.problem = problem
        self.nearest = nearest
        self.instead_of = instead_of


def read(kind: Kind, text: str) -> Any:
    """Answer the value that `text` writes. Raises UnclearError."""
    return _READERS[kind](text)


def write(kind: Kind, value: Any) -> str:
    """Answer the words for `value`."""
    if kind is Kind.RUN:
        return _write_run(value)
    if kind is Kind.REVISION:
        return f"v{value}"
    if kind is Kind.IMAGE:
        return " ".join(f"{name}={quote(value[name])}" for name in sorted(value))
    return quote(str(value))


def _matching(pattern: re.Pattern[str], what: str) -> Callable[[str], str]:
    def reader(text: str) -> str:
        if not pattern.fullmatch(text):
            raise UnclearError(f"“{text}” is no {what}.")
        return text

    return reader


def _short(longest: int, what: str) -> Callable[[str], str]:
    def reader(text: str) -> str:
        if len(text) > longest:
            raise UnclearError(
                f"A {what} has at most {longest} characters; this one has {len(text)}."
            )
        return text

    return reader


def _revision(text: str) -> int:
    found = REVISION.fullmatch(text)
    if found is None:
        raise UnclearError(f"“{text}” is no revision; revisions are called v1, v2 and so on.")
    return int(found[1])


def _run(text: str) -> RunName:
    by_id = RUN_ID.fullmatch(text)
    if by_id is not None:
        return RunName(id=by_id["id"])
    found = RUN.fullmatch(text)
    if found is None:
        raise UnclearError(f"“{text}” is no run; runs are called shop/prod#17.")
    return RunName(
        application=found["application"],
        environment=found["environment"],
        number=int(found["number"]),
    )


def _image(text: str) -> tuple[str, str]:
    component, _, image = text.partition("=")
    if not NAME.fullmatch(component):
        raise UnclearError(f"“{component}” is no name of a component.")
    if len(image) > LONGEST_IMAGE or not is_image(image):
        raise UnclearError(f"“{image}” is no image for {component}.")
    return component, image


def _commit(text: str) -> str:
    if not COMMIT.fullmatch(text):
        raise UnclearError(f"“{text}” is no commit: a commit has 7 to 40 hexadecimal digits.")
    return text.lower()


def _number(text: str) -> int:
    if not NUMBER.fullmatch(text):
        raise UnclearError(f"“{text}” is no number.")
    return int(text)


def _step(text: str) -> str:
    if not text:
        raise UnclearError("The name of a step is empty.")
    return _short(LONGEST_STEP, "step's name")(text)


def _time(text: str) -> str:
    text = english_span(text)
    try:
        parse_span(text)
    except ValueError as error:
        raise UnclearError(str(error)) from error
    return text.lower()


def _since(text: str) -> str:
    text = english_span(text)
    try:
        parse_since(text, EPOCH)
    except ValueError as error:
        raise UnclearError(str(error)) from error
    return text.lower()


def _person(text: str) -> str:
    name = text.removeprefix("@")
    if not NAME.fullmatch(name):
        raise UnclearError(f"“{text}” is no name of a person.")
    return name


def _moment(text: str) -> str:
    try:
        return canonical(english_moment(text))
    except ValueError as error:
        raise UnclearError(
            f"“{text}” is no time. Write {FORMS}; a zone may follow: 18:00 Europe/Berlin."
        ) from error


def _write_run(run: RunName) -> str:
    return f"run:{run.id}" if run.id else f"{run.application}/{run.environment}#{run.number}"


_READERS: Final[Mapping[Kind, Callable[[str], Any]]] = {
    Kind.APPLICATION: _matching(NAME, "name of an application"),
    Kind.ENVIRONMENT: _matching(NAME, "name of an environment"),
    Kind.VERSION: _matching(VERSION, "version: a version is an image tag such as v1.4.2"),
    Kind.IMAGE: _image,
    Kind.REVISION: _revision,
    Kind.RUN: _run,
    Kind.STEP: _step,
    Kind.PART: _matching(NAME, "name of a target, component or object"),
    Kind.VERB: lambda text: english_verb(text.lower()),
    Kind.COMMIT: _commit,
    Kind.DIGEST: _matching(DIGEST, "confirmation"),
    Kind.NUMBER: _number,
    Kind.TIME: _time,
    Kind.SINCE: _since,
    Kind.PERSON: _person,
    Kind.MOMENT: _moment,
    Kind.TEXT: _short(LONGEST_TEXT, "note or reason"),
}
