"""Reads what was typed in a shell as a request, by the grammar of the chat. Pure."""

from collections.abc import Sequence

from bot.command.grammar import parse
from bot.command.requests import Misunderstood, Request
from bot.command.values import NAME, Kind
from bot.command.verbs import find
from bot.command.words import quote


def read_words(verb: str, words: Sequence[str]) -> Request | Misunderstood:
    """Answer the request that words of a shell make: what the shell has kept together is one word."""
    row = find(verb)
    images = row is not None and any(each.kind is Kind.IMAGE for each in row.arguments)
    return parse(" ".join([verb, *(_word(each, images=images) for each in words)]))


def _word(word: str, *, images: bool) -> str:
    """Write a word so that the grammar reads it as the shell had it; `images`: one may be COMPONENT=IMAGE."""
    name, equals, value = word.partition("=")
    if word.startswith("--"):
        return f"{name}={quote(value)}" if equals else name
    if images and value and NAME.fullmatch(name):
        return f"{name}={quote(value)}"
    return quote(word)


def explained(problem: Misunderstood) -> str:
    """Say what was not understood, and the right form."""
    said = [str(problem.problem)]
    if problem.corrected:
        said.append(f"Did you mean: shipmate {problem.corrected}")
    if problem.form:
        said.append(f"The form is: shipmate {problem.form}")
    return "\n".join(said)
