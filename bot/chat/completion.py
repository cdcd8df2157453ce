"""Makes a whole command of one that a form has completed, or says what is wrong with it. Pure."""

from typing import Any

from bot.chat.language import _
from bot.command.filling import Filled, fill, kinds
from bot.command.forms import Verb
from bot.command.grammar import parse, unparse
from bot.command.requests import Misunderstood, Reject, Skip
from bot.command.values import Kind, write
from bot.command.verbs import find, verb_of


def known_values(problem: Misunderstood) -> dict[str, str]:
    """Answer which texts of an incomplete command are there already, by field."""
    verb = find(problem.verb)
    shown: dict[str, str] = {}
    for each in verb.arguments if verb else ():
        value = problem.given.get(each.field)
        if value and each.kind is not Kind.IMAGE:
            shown[each.field] = value if isinstance(value, str) else write(each.kind, value)
    return shown | {name: value for name, value in problem.given.items() if isinstance(value, str)}


def completed(command: str, values: dict[str, str]) -> str:
    """Answer the text of the request that `command` and the values of a form make together.

    What the form asks for counts as it was filled in; everything else of the command stays. A form with a
    mistake (`mistakes` says so) makes the command that it began with.
    """
    begun = _begun(command)
    if begun is None:
        return command
    verb, given = begun
    filled = fill(verb, values)
    if _wrong(verb, given, values, filled):
        return command
    return unparse(verb.request(**_together(given, values, filled)))


def mistakes(command: str, values: dict[str, str]) -> dict[str, str]:
    """Answer what is wrong with the values of a form, by field; nothing when they make a request."""
    begun = _begun(command)
    if begun is None:
        return {}
    verb, given = begun
    return _wrong(verb, given, values, fill(verb, values))


def _begun(command: str) -> tuple[Verb, dict[str, Any]] | None:
    """Answer the verb and the values of a command that a form was opened for; None when it needs no form."""
    request = parse(command)
    if isinstance(request, Misunderstood):
        verb = find(request.verb)
        return None if verb is None else (verb, request.given)
    if isinstance(request, Reject | Skip):
        verb = verb_of(request)
        return verb, {name: getattr(request, name) for name in kinds(verb)}
    return None


def _together(given: dict[str, Any], values: dict[str, str], filled: Filled) -> dict[str, Any]:
    return {name: each for name, each in given.items() if name not in values} | filled.values


def _wrong(
    verb: Verb, given: dict[str, Any], values: dict[str, str], filled: Filled
) -> dict[str, str]:
    """Say what keeps the values from being a request: what cannot be read, what is missing, what needs another."""
    if filled.problems:
        return {name: _(problem) for name, problem in filled.problems.items()}
    together = _together(given, values, filled)
    lacking = [
        each.field for each in verb.arguments if each.required and not together.get(each.field)
    ]
    if lacking:
        needed = _("This is needed.")
        return {name: needed for name in lacking if name in values}
    return _out_of_order(verb, together)


def _out_of_order(verb: Verb, together: dict[str, Any]) -> dict[str, str]:
    """Say which positional value stands after one that is missing: it could not be typed."""
    gap = ""
    for each in verb.arguments:
        if each.kind is Kind.IMAGE:
            continue
        if not together.get(each.field):
            gap = gap or each.field
        elif gap:
            return {gap: _("Without this, {field} means nothing.", field=each.field)}
    return {}
