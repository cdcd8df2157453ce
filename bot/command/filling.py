"""Reads what a person filled into a form, field by field, as the grammar would read it when it is typed. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.command.forms import Verb
from bot.command.values import Kind, UnclearError, read
from bot.wording import Sentence


@dataclass(slots=True)
class Filled:
    """The values that could be read and, by field, what is wrong with the others."""

    values: dict[str, Any] = field(default_factory=dict)
    problems: dict[str, Sentence] = field(default_factory=dict)


def kinds(verb: Verb) -> dict[str, Kind]:
    """Answer of which kind each field is that a verb's arguments and options fill."""
    arguments = {each.field: each.kind for each in verb.arguments}
    return arguments | {each.field: each.kind for each in verb.options}


def fill(verb: Verb, texts: Mapping[str, str]) -> Filled:
    """Read the texts of a form by the verb's fields. A text that is empty, or no field of the verb, counts for nothing.

    A reason or a note becomes one line, as a typed one is.
    """
    known = kinds(verb)
    found = Filled()
    for name, text in texts.items():
        kind = known.get(name)
        said = " ".join(text.split())
        if kind is None or not said:
            continue
        try:
            found.values[name] = read(kind, said)
        except UnclearError as unclear:
            found.problems[name] = unclear.problem
    return found
