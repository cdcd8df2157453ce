"""Makes a whole command of one that a form has completed. Pure."""

from dataclasses import fields, replace
from typing import Any

from bot.command.grammar import parse, unparse
from bot.command.requests import Misunderstood, Reject
from bot.command.verbs import find


def known_values(problem: Misunderstood) -> dict[str, str]:
    """Answer which texts of an incomplete command are there already, by field."""
    return {name: value for name, value in problem.given.items() if isinstance(value, str)}


def completed(command: str, values: dict[str, str]) -> str:
    """Answer the text of the request that `command` and the values of a form make together.

    What the form asks for counts as it was filled in; everything else of the command stays.
    """
    request = parse(command)
    if isinstance(request, Reject):
        return unparse(replace(request, reason=" ".join(values.get("reason", "").split())))
    verb = find(command.split(maxsplit=1)[0])
    if verb is None or not isinstance(request, Misunderstood):
        return command
    known = {each.name for each in fields(verb.request)}
    given: dict[str, Any] = {
        name: value for name, value in request.given.items() if name not in values
    }
    given |= {
        name: value.strip() for name, value in values.items() if name in known and value.strip()
    }
    return unparse(verb.request(**given))
