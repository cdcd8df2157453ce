"""Which verb is asked where over HTTP: made from the table of verbs, for the server and for the command line alike. Pure.

What a verb is about (a run, or an application in an environment) stands in the path, and everything else in the body, or
in the query of what only looks. GET never changes anything.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final
from urllib.parse import quote

from bot.command.forms import Argument, Option, Verb
from bot.command.grammar import parse, unparse
from bot.command.requests import Misunderstood, Request, RunName
from bot.command.values import Kind
from bot.command.verbs import VERBS, verb_of

PREFIX: Final = "/api/v1"
LOOKING: Final = frozenset(
    {
        "revisions",
        "diff",
        "status",
        "runs",
        "show",
        "logs",
        "audit",
        "doctor",
        "replicas",
        "apps",
        "envs",
        "whoami",
        "help",
    }
)
"""Verbs that change nothing."""
PLACE: Final = "/applications/{application}/environments/{environment}"
PATHS: Final = {
    "status": "/status",
    "show": "/runs/{run}",
    "lock": "/environments/{environment}/lock",
    "unlock": "/environments/{environment}/unlock",
    "audit": "/audit",
    "doctor": "/doctor",
    "replicas": "/replicas",
    "apps": "/applications",
    "envs": "/environments",
    "whoami": "/whoami",
    "help": "/verbs",
}
"""Where those are that are not below a run or a place by their name."""
RUN: Final = re.compile(r"([^/#]+)/([^/#]+)[/#]([1-9][0-9]{0,8})")
"""A run in a path: `shop/prod/17`, `shop/prod%2317`, or else its id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where a verb is asked, and how."""

    verb: Verb
    method: str
    path: str
    """Without the prefix: `/runs/{run}/approve`."""

    @property
    def named(self) -> tuple[str, ...]:
        """The fields that stand in the path."""
        return tuple(re.findall(r"{(\w+)}", self.path))

    @property
    def given(self) -> tuple[Argument | Option, ...]:
        """What stands in the body or the query."""
        parts: list[Argument | Option] = [*self.verb.arguments, *self.verb.options]
        return tuple(each for each in parts if each.field not in self.named)


def _endpoint(verb: Verb) -> Endpoint:
    first = verb.arguments[0].kind if verb.arguments else None
    below = "/runs/{run}" if first is Kind.RUN else PLACE
    path = PATHS.get(verb.name, f"{below}/{verb.name}")
    return Endpoint(verb=verb, method="GET" if verb.name in LOOKING else "POST", path=path)


ENDPOINTS: Final = tuple(_endpoint(each) for each in VERBS)


class UnfitError(ValueError):
    """Values make no request; the text says why."""


def request_of(endpoint: Endpoint, values: Mapping[str, Any]) -> Request:
    """Make the request of its values by field, as the grammar would read it: one set of rules for all. Raises UnfitError."""
    found = {name: _one_line(each) for name, each in values.items() if each not in (None, "")}
    if "run" in found:
        found["run"] = run_name(str(found["run"]))
    try:
        request = endpoint.verb.request(**found)
        read = parse(unparse(request))
    except ValueError as error:
        raise UnfitError(f"{error}.") from error
    if isinstance(read, Misunderstood):
        raise UnfitError(read.problem)
    if read != request:
        raise UnfitError("One of the values is not written as it would be typed.")
    return request


def run_name(text: str) -> RunName:
    """Read a run in a path."""
    found = RUN.fullmatch(text)
    if found is None:
        return RunName(id=text.removeprefix("run:"))
    return RunName(application=found[1], environment=found[2], number=int(found[3]))


def call_of(request: Request) -> tuple[Endpoint, str, dict[str, Any]]:
    """Answer where a request is asked: its endpoint, the path with the prefix, and the other values that it has."""
    verb = verb_of(request)
    endpoint = next(each for each in ENDPOINTS if each.verb is verb)
    values = {each.name: getattr(request, each.name) for each in fields(request)}
    path = PREFIX + endpoint.path
    for name in endpoint.named:
        value = values.pop(name)
        path = path.replace(f"{{{name}}}", quote(_spelled(value), safe=""))
    return endpoint, path, {name: value for name, value in values.items() if value}


def _spelled(value: Any) -> str:
    if isinstance(value, RunName):
        return value.id or f"{value.application}/{value.environment}#{value.number}"
    return str(value)


def _one_line(value: Any) -> Any:
    """A reason or a note is one line, as a typed one is."""
    return " ".join(value.split()) if isinstance(value, str) else value
